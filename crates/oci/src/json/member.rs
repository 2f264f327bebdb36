//! Members of objects that may have a wrong type, and the trait of types that are read from them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::Time;

/// A member of a JSON object, whatever its type: it is read to its end either way, so that one
/// wrong member does not make the document unreadable.
#[derive(Debug, Default)]
pub enum Member<T> {
    /// `null` or missing.
    #[default]
    Missing,
    /// A value of another type.
    Wrong,
    /// The value.
    Is(T),
}

/// A type that is read leniently: each method accepts one kind of JSON value; by default none is.
pub trait Lenient: Sized {
    /// A string.
    fn text(_: &str) -> Option<Self> {
        None
    }

    /// `true` or `false`.
    fn flag(_: bool) -> Option<Self> {
        None
    }

    /// An integer.
    fn number(_: i64) -> Option<Self> {
        None
    }

    /// Any other number.
    fn fraction(_: f64) -> Option<Self> {
        None
    }

    /// An array, read to its end.
    ///
    /// # Errors
    /// Those of the reader.
    fn list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Option<Self>, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    /// An object, read to its end.
    ///
    /// # Errors
    /// Those of the reader.
    fn object<'de, A: MapAccess<'de>>(mut object: A) -> Result<Option<Self>, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    /// A second object under the same key, read to its end: as in Go, fields that it does not
    /// mention stay.
    ///
    /// # Errors
    /// Those of the reader.
    fn merge<'de, A: MapAccess<'de>>(&mut self, object: A) -> Result<(), A::Error> {
        if let Some(value) = Self::object(object)? {
            *self = value;
        }
        Ok(())
    }
}

impl<'de, T: Lenient> Deserialize<'de> for Member<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::Missing.deserialize(deserializer)
    }
}

/// Reads a member whose key occurred before, in this or another case, with this value.
impl<'de, T: Lenient> DeserializeSeed<'de> for Member<T> {
    type Value = Self;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue(self.value()))
    }
}

/// A visitor with the value of an earlier spelling of the key.
struct AnyValue<T>(Option<T>);

impl<'de, T: Lenient> Visitor<'de> for AnyValue<T> {
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

    fn visit_f64<E>(self, number: f64) -> Result<Member<T>, E> {
        // serde_json reads -0 as a fraction; for Go it is the integer 0.
        let zero = || T::number(0).filter(|_| number == 0.0);
        Ok(T::fraction(number).or_else(zero).into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Member<T>, E> {
        Ok(T::text(text).into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Member<T>, A::Error> {
        Ok(T::list(list)?.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Member<T>, A::Error> {
        match self.0 {
            None => Ok(T::object(object)?.into()),
            Some(mut value) => {
                value.merge(object)?;
                Ok(Member::Is(value))
            }
        }
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
    /// The element of a list or object, where Go reads `null` as an empty value.
    fn element(self) -> Option<T> {
        match self {
            Self::Missing => Some(T::default()),
            Self::Wrong => None,
            Self::Is(value) => Some(value),
        }
    }
}

impl Lenient for String {
    fn text(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

impl Lenient for bool {
    fn flag(flag: bool) -> Option<Self> {
        Some(flag)
    }
}

impl Lenient for i64 {
    fn number(number: i64) -> Option<Self> {
        Some(number)
    }
}

impl Lenient for Time {
    fn text(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl<T: Lenient + Default> Lenient for Vec<T> {
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

impl<T: Lenient + Default> Lenient for BTreeMap<String, T> {
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

/// Go's `map[string]struct{}`: only the keys matter.
impl Lenient for BTreeSet<String> {
    fn object<'de, A: MapAccess<'de>>(mut object: A) -> Result<Option<Self>, A::Error> {
        let mut keys = Self::new();
        while let Some((key, IgnoredAny)) = object.next_entry()? {
            keys.insert(key);
        }
        Ok(Some(keys))
    }
}
