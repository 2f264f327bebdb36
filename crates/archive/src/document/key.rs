use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Visitor};

/// The key of a JSON object in lower case: Go, and so Docker, matches keys without regard to case,
/// and Spring Boot writes `Config` and `RootFS`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Key(pub(super) String);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Lowered;

        impl Visitor<'_> for Lowered {
            type Value = Key;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_str<E>(self, key: &str) -> Result<Key, E> {
                Ok(Key(key.to_ascii_lowercase()))
            }
        }

        deserializer.deserialize_str(Lowered)
    }
}

/// Implements `Deserialize` for a struct whose fields have defaults, from an object whose keys are
/// matched without regard to case. `null` leaves a field as it is, as in Go.
macro_rules! any_case {
    ($type:ident, $expecting:literal { $($key:literal => $field:ident),+ $(,)? }) => {
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Fields;

                impl<'de> serde::de::Visitor<'de> for Fields {
                    type Value = $type;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str($expecting)
                    }

                    fn visit_map<A: serde::de::MapAccess<'de>>(
                        self,
                        mut map: A,
                    ) -> Result<$type, A::Error> {
                        let mut value = <$type>::default();
                        while let Some(key) = map.next_key::<$crate::document::key::Key>()? {
                            match key.0.as_str() {
                                $($key => {
                                    if let Some(field) = map.next_value::<Option<_>>()? {
                                        value.$field = field;
                                    }
                                })+
                                _ => {
                                    map.next_value::<serde::de::IgnoredAny>()?;
                                }
                            }
                        }
                        Ok(value)
                    }
                }

                deserializer.deserialize_map(Fields)
            }
        }
    };
}

pub(super) use any_case;
