use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::marker::PhantomData;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A member of a JSON object, whatever its type: it is read to its end either way, so that one
/// wrong member does not make the document unreadable.
#[derive(Debug)]
pub(crate) enum Member<T> {
    /// `null`.
    Missing,
    /// A value of another type.
    Wrong,
    /// The value.
    Is(T),
}

/// Which JSON values can be a `Self`. What is not said here cannot.
pub(super) trait Shape: Sized {
    fn text(_: &str) -> Option<Self> {
        None
    }

    fn flag(_: bool) -> Option<Self> {
        None
    }

    fn number(_: i64) -> Option<Self> {
        None
    }

    fn list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Option<Self>, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn object<'de, A: MapAccess<'de>>(mut object: A) -> Result<Option<Self>, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

impl<'de, T: Shape> Deserialize<'de> for Member<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue(PhantomData))
    }
}

struct AnyValue<T>(PhantomData<T>);

impl<'de, T: Shape> Visitor<'de> for AnyValue<T> {
    type Value = Member<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Member<T>, E> {
        Ok(Member::Missing)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Member<T>, E> {
        Ok(T::flag(flag).into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Member<T>, E> {
        Ok(T::number(number).into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Member<T>, E> {
        Ok(i64::try_from(number).ok().and_then(T::number).into())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Member<T>, E> {
        Ok(Member::Wrong)
    }

    fn visit_str<E>(self, text: &str) -> Result<Member<T>, E> {
        Ok(T::text(text).into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Member<T>, A::Error> {
        Ok(T::list(list)?.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Member<T>, A::Error> {
        Ok(T::object(object)?.into())
    }
}

impl<T> From<Option<T>> for Member<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Wrong, Self::Is)
    }
}

impl<T: Default> Member<T> {
    /// The element of a list or object: there Go makes `null` an empty value.
    fn element(self) -> Option<T> {
        match self {
            Self::Missing => Some(T::default()),
            Self::Wrong => None,
            Self::Is(value) => Some(value),
        }
    }
}

impl Shape for String {
    fn text(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

impl Shape for bool {
    fn flag(flag: bool) -> Option<Self> {
        Some(flag)
    }
}

impl Shape for i64 {
    fn number(number: i64) -> Option<Self> {
        Some(number)
    }
}

impl Shape for Timestamp {
    fn text(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl<T: Shape + Default> Shape for Vec<T> {
    fn list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Option<Self>, A::Error> {
        let mut values = Some(Self::new());
        while let Some(member) = list.next_element::<Member<T>>()? {
            match (&mut values, member.element()) {
                (Some(values), Some(value)) => values.push(value),
                _ => values = None,
            }
        }
        Ok(values)
    }
}

impl<T: Shape + Default> Shape for BTreeMap<String, T> {
    fn object<'de, A: MapAccess<'de>>(mut object: A) -> Result<Option<Self>, A::Error> {
        let mut values = Some(Self::new());
        while let Some((key, member)) = object.next_entry::<String, Member<T>>()? {
            match (&mut values, member.element()) {
                (Some(values), Some(value)) => {
                    values.insert(key, value);
                }
                _ => values = None,
            }
        }
        Ok(values)
    }
}

/// Go's `map[string]struct{}`: only the keys mean something.
impl Shape for BTreeSet<String> {
    fn object<'de, A: MapAccess<'de>>(mut object: A) -> Result<Option<Self>, A::Error> {
        let mut keys = Self::new();
        while let Some((key, IgnoredAny)) = object.next_entry()? {
            keys.insert(key);
        }
        Ok(Some(keys))
    }
}

/// A command: a list of strings, or one string, which is a list of one.
#[derive(Debug)]
pub(super) struct Words(Vec<String>);

impl Shape for Words {
    fn text(text: &str) -> Option<Self> {
        Some(Self(vec![text.to_owned()]))
    }

    fn list<'de, A: SeqAccess<'de>>(list: A) -> Result<Option<Self>, A::Error> {
        Ok(Vec::list(list)?.map(Self))
    }
}

impl From<Words> for Vec<String> {
    fn from(Words(words): Words) -> Self {
        words
    }
}

impl From<Words> for Option<Vec<String>> {
    fn from(Words(words): Words) -> Self {
        Some(words)
    }
}

/// Which of these keys, given in lower case, the key of an object is: Go, and so Docker, matches
/// keys without regard to case.
pub(super) struct Key(pub(super) &'static [&'static str]);

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Option<&'static str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Key {
    type Value = Option<&'static str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, found: &str) -> Result<Self::Value, E> {
        let key = |key: &&&str| key.eq_ignore_ascii_case(found);
        Ok(self.0.iter().find(key).copied())
    }
}

/// Reads a struct whose fields have defaults from an object: keys in any case, each value as the
/// type that is given with it. A member of another type leaves its field as it is.
macro_rules! lenient {
    ($type:ident { $($key:literal => $field:ident: $read:ty),+ $(,)? }) => {
        impl $crate::run_config::member::Shape for $type {
            fn object<'de, A: serde::de::MapAccess<'de>>(
                mut object: A,
            ) -> Result<Option<Self>, A::Error> {
                let mut value = Self::default();
                let key = || $crate::run_config::member::Key(&[$($key),+]);
                while let Some(key) = object.next_key_seed(key())? {
                    match key {
                        $(Some($key) => {
                            let member = object.next_value::<$crate::run_config::Member<$read>>()?;
                            if let $crate::run_config::Member::Is(member) = member {
                                value.$field = member.into();
                            }
                        })+
                        _ => {
                            object.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(Some(value))
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                match $crate::run_config::Member::deserialize(deserializer)? {
                    $crate::run_config::Member::Is(value) => Ok(value),
                    _ => Err(serde::de::Error::custom("expected an object")),
                }
            }
        }
    };
}

pub(super) use lenient;
