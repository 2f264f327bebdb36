//! An object whose keys are not all known, with its members in order.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};

use super::same_key;

/// The members of a JSON object in their order, for objects whose keys are not all known. `null` is
/// an empty object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object<V>(Vec<(String, V)>);

impl<V> Object<V> {
    /// The member called `name` in any case; the last of several, as in Go.
    pub fn get(&self, name: &str) -> Option<&V> {
        let mut members = self.0.iter().rev();
        members
            .find(|(key, _)| same_key(key, name))
            .map(|(_, value)| value)
    }

    /// Every member, in the order of the document.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &V)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// Adds a member at the end.
    pub fn push(&mut self, key: String, value: V) {
        self.0.push((key, value));
    }

    /// Whether there is no member.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<V> IntoIterator for Object<V> {
    type Item = (String, V);
    type IntoIter = std::vec::IntoIter<(String, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<V: Serialize> Serialize for Object<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<V> Default for Object<V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Object<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Entries(PhantomData))
    }
}

struct Entries<V>(PhantomData<V>);

impl<'de, V: Deserialize<'de>> Visitor<'de> for Entries<V> {
    type Value = Object<V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_unit<E>(self) -> Result<Object<V>, E> {
        Ok(Object::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<V>, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Object(members))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::json::decode;

    #[test]
    fn the_last_spelling_counts() {
        let object: Object<Value> =
            decode(br#"{"OS":"a","os":"b","x":1,"Os":"c","\ud800":2}"#).expect("valid");
        assert_eq!(object.get("os"), Some(&Value::from("c")));
        assert_eq!(object.get("OS"), Some(&Value::from("c")));
        assert_eq!(object.get("y"), None);
        let keys: Vec<_> = object.iter().map(|(key, _)| key).collect();
        assert_eq!(keys, ["OS", "os", "x", "Os", "\u{fffd}"]);
        assert!(
            decode::<Object<Value>>(b"null")
                .expect("nothing")
                .is_empty()
        );
        assert!(decode::<Object<Value>>(b"[]").is_err());
    }
}
