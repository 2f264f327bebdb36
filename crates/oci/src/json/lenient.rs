//! A macro that implements `Lenient` and `Deserialize` for structs that ignore members of a wrong
//! type.

/// Implements [`Lenient`](crate::json::Lenient) and `Deserialize` for a struct whose fields have
/// defaults, from an object: keys in any case, the last of several spellings wins, each value is read
/// as the type that is given with it, and a member of another type leaves its field as it is.
///
/// Keys are given in lower case.
///
/// ```
/// use sockerless_oci::json::{decode, lenient};
///
/// #[derive(Debug, Default)]
/// struct Page {
///     tags: Vec<String>,
///     more: bool,
/// }
///
/// lenient!(Page { "tags" => tags: Vec<String>, "more" => more: bool });
///
/// let page: Page = decode(br#"{"Tags":["a",null],"more":"yes"}"#)?;
/// assert_eq!(page.tags, ["a", ""]);
/// assert!(!page.more);
/// # Ok::<(), sockerless_oci::json::JsonError>(())
/// ```
#[macro_export]
macro_rules! lenient {
    ($type:ident { $($key:literal => $field:ident: $read:ty),+ $(,)? }) => {
        impl $crate::json::Lenient for $type {
            fn object<'de, A: ::serde::de::MapAccess<'de>>(
                object: A,
            ) -> ::core::result::Result<Option<Self>, A::Error> {
                let mut value = Self::default();
                value.merge(object)?;
                Ok(Some(value))
            }

            fn merge<'de, A: ::serde::de::MapAccess<'de>>(
                &mut self,
                mut object: A,
            ) -> ::core::result::Result<(), A::Error> {
                let key = || $crate::json::Key(&[$($key),+]);
                while let Some(key) = object.next_key_seed(key())? {
                    match key {
                        $(Some($key) => {
                            let member = object.next_value::<$crate::json::Member<$read>>()?;
                            if let $crate::json::Member::Is(member) = member {
                                self.$field = member.into();
                            }
                        })+
                        _ => {
                            object.next_value::<::serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(())
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $type {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::core::result::Result<Self, D::Error> {
                let member = <$crate::json::Member<Self> as ::serde::Deserialize>::deserialize(deserializer)?;
                match member {
                    $crate::json::Member::Is(value) => Ok(value),
                    $crate::json::Member::Missing => Ok(Self::default()),
                    $crate::json::Member::Wrong => {
                        Err(::serde::de::Error::custom("expected an object"))
                    }
                }
            }
        }
    };
}
