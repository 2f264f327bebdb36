//! A macro that implements `Deserialize` for structs whose keys may be in any case.

/// Implements `Deserialize` for a struct whose fields have defaults, from an object whose keys are
/// matched without regard to case. As in Go the last of several spellings wins, `null` leaves a
/// field as it is, unknown keys are ignored, and `null` in place of the object is the default.
///
/// Keys are given in lower case. A field that is `(merged)` is a [`Member`](crate::json::Member):
/// of two objects, the second is merged into the first, as in Go.
///
/// ```
/// #[derive(Debug, Default, PartialEq)]
/// struct Token {
///     token: String,
/// }
///
/// sockerless_oci::json::any_case!(Token, "a token" { "token" => token });
///
/// let token: Token = serde_json::from_str(r#"{"token":"a","Token":"b","other":[1]}"#)?;
/// assert_eq!(token.token, "b");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[macro_export]
macro_rules! any_case {
    ($type:ident, $expecting:literal {
        $($key:literal => $field:ident $(($merged:ident))?),+ $(,)?
    }) => {
        impl<'de> ::serde::Deserialize<'de> for $type {
            fn deserialize<D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                struct Fields;

                impl<'de> ::serde::de::Visitor<'de> for Fields {
                    type Value = $type;

                    fn expecting(
                        &self,
                        f: &mut ::core::fmt::Formatter<'_>,
                    ) -> ::core::fmt::Result {
                        f.write_str($expecting)
                    }

                    fn visit_unit<E>(self) -> ::core::result::Result<$type, E> {
                        Ok(<$type>::default())
                    }

                    fn visit_map<A: ::serde::de::MapAccess<'de>>(
                        self,
                        mut map: A,
                    ) -> ::core::result::Result<$type, A::Error> {
                        const KEYS: $crate::json::Key = $crate::json::Key(&[$($key),+]);
                        let mut value = <$type>::default();
                        while let Some(key) = map.next_key_seed(KEYS)? {
                            match key {
                                $(Some($key) => {
                                    $crate::any_case!(@read map, value.$field $(, $merged)?);
                                })+
                                _ => {
                                    map.next_value::<::serde::de::IgnoredAny>()?;
                                }
                            }
                        }
                        Ok(value)
                    }
                }

                deserializer.deserialize_any(Fields)
            }
        }
    };    (@read $map:ident, $value:ident.$field:ident) => {
        if let Some(field) = $map.next_value::<Option<_>>()? {
            $value.$field = field;
        }
    };
    (@read $map:ident, $value:ident.$field:ident, merged) => {
        let before = ::core::mem::take(&mut $value.$field);
        $value.$field = $map.next_value_seed(before)?;
    };
}

#[cfg(test)]
mod tests {
    #[derive(Debug, Default, PartialEq, Eq)]
    struct Sample {
        name: String,
        os_version: Option<String>,
        parts: Vec<Sample>,
    }

    any_case!(Sample, "a sample" {
        "name" => name,
        "os.version" => os_version,
        "parts" => parts,
    });

    fn read(json: &str) -> Result<Sample, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn reads_as_go_does() {
        let named = |name: &str| Sample {
            name: name.to_owned(),
            ..Sample::default()
        };
        for (json, expected) in [
            (r#"{"NAME":"a"}"#, named("a")),
            (r#"{"name":"a","Name":"b"}"#, named("b")),
            (r#"{"Name":"b","name":"a"}"#, named("a")),
            (r#"{"name":"a","NAME":null}"#, named("a")),
            ("null", named("")),
            (
                r#"{"Parts":[{"nAme":"x"},null],"more":{"name":1e999}}"#,
                Sample {
                    parts: vec![named("x"), named("")],
                    ..Sample::default()
                },
            ),
        ] {
            assert_eq!(read(json).expect("valid"), expected, "{json}");
        }
        for wrong in ["[]", "1", r#"{"name":1}"#, r#"{"os.Version":{}}"#] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
