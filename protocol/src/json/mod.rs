//! Reads JSON that the other end wrote: frames, events, answers.
//!
//! `serde_json` explains each failure with a place and a sentence, which costs the browser a tenth of its code. What a
//! server sends is read or not read; nobody corrects it by hand. So this reader has one error without a text. What people and
//! their programs send is read by `serde_json`, which explains.
//!
//! Whatever [`read`] accepts, `serde_json` reads to the same value, but for the last bits of very large and small numbers
//! (`number`). The reverse holds but for one difference: an array is not
//! taken for a struct, nor a map for the variant of an enum.

mod any;
mod cursor;
mod number;
mod tree;

pub use any::any;
pub use tree::read_value;

use cursor::{Cursor, Scalar};
use serde::{
    Deserialize, Deserializer,
    de::{
        self, IntoDeserializer as _, Visitor,
        value::{BorrowedStrDeserializer, MapDeserializer},
    },
    forward_to_deserialize_any,
};
use std::fmt;

/// The text is not JSON, or not the JSON of the type that was to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not the JSON that was expected")
    }
}

impl std::error::Error for Unreadable {}

impl de::Error for Unreadable {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// Reads a value from the whole text.
///
/// # Errors
/// The text is not JSON, or not that of a `T`.
pub fn read<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, Unreadable> {
    let mut cursor = Cursor::new(text);
    let value = T::deserialize(&mut cursor)?;
    cursor.end()?;
    Ok(value)
}

impl<'de> Deserializer<'de> for &mut Cursor<'de> {
    type Error = Unreadable;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match self.peek()? {
            b'{' => self.deserialize_map(visitor),
            b'[' => self.deserialize_seq(visitor),
            b'"' => self.deserialize_str(visitor),
            _ => match self.scalar()? {
                Scalar::Null => visitor.visit_unit(),
                Scalar::Bool(value) => visitor.visit_bool(value),
                Scalar::Unsigned(value) => visitor.visit_u64(value),
                Scalar::Signed(value) => visitor.visit_i64(value),
                Scalar::Float(value) => visitor.visit_f64(value),
            },
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_str(&self.string()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        if self.null()? { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.open(b'[')?;
        let value = visitor.visit_seq(Items(self))?;
        self.close(b']')?;
        Ok(value)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.open(b'{')?;
        let value = visitor.visit_map(Items(self))?;
        self.close(b'}')?;
        Ok(value)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        // serde_json's `RawValue` asks for a newtype that no program can declare, and takes a map of that name and the text.
        if name.starts_with('$') {
            let text = self.skip()?;
            return visitor.visit_map(MapDeserializer::new([(name, BorrowedStrDeserializer::new(text))].into_iter()));
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        visitor.visit_enum((&*self.string()?).into_deserializer())
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.deserialize_str(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.deserialize_map(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.skip()?;
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct
    }
}

/// What is left of the innermost open array or object.
struct Items<'a, 'de>(&'a mut Cursor<'de>);

impl<'de> de::SeqAccess<'de> for Items<'_, 'de> {
    type Error = Unreadable;

    fn next_element_seed<T: de::DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Unreadable> {
        if self.0.next(b']')? { seed.deserialize(&mut *self.0).map(Some) } else { Ok(None) }
    }
}

impl<'de> de::MapAccess<'de> for Items<'_, 'de> {
    type Error = Unreadable;

    fn next_key_seed<K: de::DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Unreadable> {
        match self.0.key()? {
            Some(key) => seed.deserialize((&*key).into_deserializer()).map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<V: de::DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Unreadable> {
        seed.deserialize(&mut *self.0)
    }
}

#[cfg(test)]
mod tests;
