//! Column types of SQLite that the driver does not have.

use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};
use jiff::civil;
use serde::{Serialize, de::DeserializeOwned};
use sqlx::{
    Decode, Encode, Sqlite, Type, TypeInfo as _, ValueRef as _,
    encode::IsNull,
    error::BoxDynError,
    sqlite::{SqliteArgumentsBuffer, SqliteTypeInfo, SqliteValueRef},
};
use std::io::{self, Write as _};
use tandem_protocol::Timestamp;

/// A point in time: milliseconds since 1970.
#[derive(Clone, Copy)]
pub(super) struct At(pub(super) Timestamp);

impl Type<Sqlite> for At {
    fn type_info() -> SqliteTypeInfo {
        <i64 as Type<Sqlite>>::type_info()
    }
    fn compatible(ty: &SqliteTypeInfo) -> bool {
        <i64 as Type<Sqlite>>::compatible(ty)
    }
}

impl Encode<'_, Sqlite> for At {
    fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        <i64 as Encode<Sqlite>>::encode(self.0.as_millis(), buffer)
    }
}

impl Decode<'_, Sqlite> for At {
    fn decode(value: SqliteValueRef<'_>) -> Result<Self, BoxDynError> {
        <i64 as Decode<Sqlite>>::decode(value).map(|millis| Self(Timestamp::from_millis(millis)))
    }
}

/// A day as ISO text, which sorts in the order of days.
#[derive(Clone, Copy)]
pub(super) struct Day(pub(super) civil::Date);

impl Type<Sqlite> for Day {
    fn type_info() -> SqliteTypeInfo {
        <str as Type<Sqlite>>::type_info()
    }
}

impl Encode<'_, Sqlite> for Day {
    fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        <String as Encode<Sqlite>>::encode(self.0.to_string(), buffer)
    }
}

impl Decode<'_, Sqlite> for Day {
    fn decode(value: SqliteValueRef<'_>) -> Result<Self, BoxDynError> {
        Ok(Self(<&str as Decode<Sqlite>>::decode(value)?.parse()?))
    }
}

/// A clock time: `17:30`.
#[derive(Clone, Copy)]
pub(super) struct ClockTime(pub(super) civil::Time);

impl Type<Sqlite> for ClockTime {
    fn type_info() -> SqliteTypeInfo {
        <str as Type<Sqlite>>::type_info()
    }
}

impl Encode<'_, Sqlite> for ClockTime {
    fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        <String as Encode<Sqlite>>::encode(self.0.strftime("%H:%M").to_string(), buffer)
    }
}

impl Decode<'_, Sqlite> for ClockTime {
    fn decode(value: SqliteValueRef<'_>) -> Result<Self, BoxDynError> {
        Ok(Self(<&str as Decode<Sqlite>>::decode(value)?.parse()?))
    }
}

/// A document: its JSON text.
pub(super) struct Json<T>(pub(super) T);

impl<T> Type<Sqlite> for Json<T> {
    fn type_info() -> SqliteTypeInfo {
        <str as Type<Sqlite>>::type_info()
    }
}

impl<T: Serialize> Encode<'_, Sqlite> for Json<T> {
    fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        <String as Encode<Sqlite>>::encode(serde_json::to_string(&self.0)?, buffer)
    }
}

impl<T: DeserializeOwned> Decode<'_, Sqlite> for Json<T> {
    fn decode(value: SqliteValueRef<'_>) -> Result<Self, BoxDynError> {
        Ok(Self(serde_json::from_str(<&str as Decode<Sqlite>>::decode(value)?)?))
    }
}

/// The longest JSON, in bytes, that is not compressed: it fits a page together with other columns.
const PLAIN_BYTES: usize = 2 * 1024;

/// A document that is long and seldom read: its JSON text, or the DEFLATE of it when that is shorter.
///
/// A long row takes whole pages of four kilobytes. The undo entry of a long text holds the text before, at each change
/// of it: compressed to half it takes one page instead of three.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Packed<T>(pub(super) T);

impl<T> Type<Sqlite> for Packed<T> {
    fn type_info() -> SqliteTypeInfo {
        <[u8] as Type<Sqlite>>::type_info()
    }
    fn compatible(ty: &SqliteTypeInfo) -> bool {
        <[u8] as Type<Sqlite>>::compatible(ty)
    }
}

impl<T: Serialize> Encode<'_, Sqlite> for Packed<T> {
    fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        let json = serde_json::to_string(&self.0)?;
        if json.len() > PLAIN_BYTES {
            let packed = deflated(&json)?;
            if packed.len() < json.len() {
                return <Vec<u8> as Encode<Sqlite>>::encode(packed, buffer);
            }
        }
        <String as Encode<Sqlite>>::encode(json, buffer)
    }
}

impl<T: DeserializeOwned> Decode<'_, Sqlite> for Packed<T> {
    fn decode(value: SqliteValueRef<'_>) -> Result<Self, BoxDynError> {
        // The column has no type of its own: text is JSON, a blob is compressed.
        let packed = value.type_info().name() == "BLOB";
        let bytes = <&[u8] as Decode<Sqlite>>::decode(value)?;
        let document =
            if packed { serde_json::from_reader(DeflateDecoder::new(bytes))? } else { serde_json::from_slice(bytes)? };
        Ok(Self(document))
    }
}

fn deflated(json: &str) -> io::Result<Vec<u8>> {
    // The fastest level, because the writer is held meanwhile.
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(json.as_bytes())?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::{Connection as _, Row as _, SqliteConnection};

    #[tokio::test]
    async fn a_packed_document_is_read_again_however_long_it_is() {
        let mut conn = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        sqlx::query("create table documents (document any not null) strict").execute(&mut conn).await.unwrap();
        for (words, kind) in [(1, "text"), (2_000, "blob")] {
            let text = (0..words).map(|number| format!("word{}", number % 700)).collect::<Vec<_>>().join(" ");
            let stored = "insert into documents values ($1) returning document, typeof(document) as kind,
                          octet_length(document) as bytes";
            let row = sqlx::query(stored).bind(Packed(&text)).fetch_one(&mut conn).await.unwrap();
            assert_eq!(row.get::<String, _>("kind"), kind);
            assert!(row.get::<u32, _>("bytes") as usize <= text.len() / 2 + 16);
            assert_eq!(row.get::<Packed<String>, _>("document"), Packed(text));
        }
        sqlx::query("insert into documents values (x'00ff')").execute(&mut conn).await.unwrap();
        let row = sqlx::query("select document from documents where document = x'00ff'").fetch_one(&mut conn).await;
        assert!(row.unwrap().try_get::<Packed<String>, _>(0).is_err());
    }
}
