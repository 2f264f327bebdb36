use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::marker::PhantomData;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A member of a JSON object, whatever its type: it is read to its end either way, so that one
/// wrong member does not make the document unreadable.
#[derive(Debug, Default)]
pub enum Member<T> {
    /// `null`, or there is no such member.
    #[default]
    Missing,
    /// A value of another type.
    Wrong,
    /// The value.
    Is(T),
}

/// Which JSON values can be a `Self`. What is not said here cannot.
pub trait Shape: Sized {
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

impl<T> Member<T> {
    /// The value, if it is of the type.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Is(value) => Some(value),
            Self::Missing | Self::Wrong => None,
        }
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

/// Reads a struct whose fields have defaults from an object: keys in any case, each value as the
/// type that is given with it. A member of another type leaves its field as it is.
macro_rules! lenient {
    ($type:ident { $($key:literal => $field:ident: $read:ty),+ $(,)? }) => {
        impl $crate::config::member::Shape for $type {
            fn object<'de, A: serde::de::MapAccess<'de>>(
                mut object: A,
            ) -> Result<Option<Self>, A::Error> {
                let mut value = Self::default();
                let key = || $crate::json::Key(&[$($key),+]);
                while let Some(key) = object.next_key_seed(key())? {
                    match key {
                        $(Some($key) => {
                            let member = object.next_value::<$crate::config::Member<$read>>()?;
                            if let $crate::config::Member::Is(member) = member {
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
                match $crate::config::Member::deserialize(deserializer)? {
                    $crate::config::Member::Is(value) => Ok(value),
                    $crate::config::Member::Missing => Ok(Self::default()),
                    $crate::config::Member::Wrong => {
                        Err(serde::de::Error::custom("expected an object"))
                    }
                }
            }
        }
    };
}

pub(super) use lenient;
