//! Reads an object that has one field more than another struct, and objects where an array must not stand for one.
//!
//! serde's `flatten` copies the whole object into a buffer first, of values of any type, and excludes `deny_unknown_fields`.
//! Here the field is taken out while the struct reads the others, so the struct keeps its own rules.

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error, IntoDeserializer as _, MapAccess, Visitor, value::MapAccessDeserializer},
};
use std::{fmt, marker::PhantomData};

/// Reads the field `name`, and the others as a `Rest`.
pub(crate) fn field_and_rest<'de, Field, Rest, D>(
    name: &'static str,
    deserializer: D,
) -> Result<(Field, Rest), D::Error>
where
    Field: Deserialize<'de>,
    Rest: Deserialize<'de>,
    D: Deserializer<'de>,
{
    deserializer.deserialize_map(Both { name, types: PhantomData })
}

/// Reads a struct, or null, from an object alone: what serde derives takes an array of the fields, too.
pub(crate) fn maybe_object<'de, T: Deserialize<'de>, D: Deserializer<'de>>(d: D) -> Result<Option<T>, D::Error> {
    Ok(Option::<FromObject<T>>::deserialize(d)?.map(|read| read.0))
}

struct FromObject<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for FromObject<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor(PhantomData))
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = FromObject<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(FromObject)
    }
}

struct Both<Field, Rest> {
    name: &'static str,
    types: PhantomData<(Field, Rest)>,
}

impl<'de, Field: Deserialize<'de>, Rest: Deserialize<'de>> Visitor<'de> for Both<Field, Rest> {
    type Value = (Field, Rest);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let mut field = None;
        let others = Others { map, name: self.name, field: &mut field };
        let rest = Rest::deserialize(MapAccessDeserializer::new(others))?;
        Ok((field.ok_or_else(|| A::Error::missing_field(self.name))?, rest))
    }
}

/// The entries of `map` but for the field, which goes to `field`.
struct Others<'a, A, Field> {
    map: A,
    name: &'static str,
    field: &'a mut Option<Field>,
}

impl<'de, A: MapAccess<'de>, Field: Deserialize<'de>> MapAccess<'de> for Others<'_, A, Field> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        while let Some(key) = self.map.next_key::<String>()? {
            if key != self.name {
                return seed.deserialize(key.into_deserializer()).map(Some);
            }
            if self.field.replace(self.map.next_value()?).is_some() {
                return Err(A::Error::duplicate_field(self.name));
            }
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}
