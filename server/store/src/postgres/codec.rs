//! Column types of PostgreSQL that the driver has only with a library of dates.
//!
//! Values travel in the binary format (PostgreSQL, `src/backend/utils/adt/{timestamp,date}.c`): microseconds and days
//! are counted from 2000-01-01.

use jiff::{ToSpan as _, civil};
use serde::{Serialize, de::DeserializeOwned};
use sqlx::{
    Decode, Encode, Postgres, Type,
    encode::IsNull,
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgTypeInfo, PgValueRef, types::Oid},
};
use tandem_protocol::Timestamp;

/// 2000-01-01 in milliseconds since 1970.
const EPOCH_MILLIS: i64 = 946_684_800_000;

/// PostgreSQL's first day, 2000-01-01.
const EPOCH_DAY: civil::Date = civil::date(2000, 1, 1);

/// A point in time: `timestamptz`.
#[derive(Clone, Copy)]
pub(super) struct At(pub(super) Timestamp);

impl Type<Postgres> for At {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(1184))
    }
}

impl Encode<'_, Postgres> for At {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        <i64 as Encode<Postgres>>::encode((self.0.as_millis() - EPOCH_MILLIS) * 1000, buffer)
    }
}

impl Decode<'_, Postgres> for At {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        let micros = <i64 as Decode<Postgres>>::decode(value)?;
        // Euclidean, so that times before 2000, which are negative, are rounded down as well.
        Ok(Self(Timestamp::from_millis(micros.div_euclid(1000).saturating_add(EPOCH_MILLIS))))
    }
}

#[derive(Clone, Copy)]
pub(super) struct Day(pub(super) civil::Date);

impl Type<Postgres> for Day {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(1082))
    }
}

impl Encode<'_, Postgres> for Day {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        // Between dates, `since` counts in days by default.
        <i32 as Encode<Postgres>>::encode(self.0.since(EPOCH_DAY)?.get_days(), buffer)
    }
}

impl Decode<'_, Postgres> for Day {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        let days = <i32 as Decode<Postgres>>::decode(value)?;
        Ok(Self(EPOCH_DAY.checked_add(jiff::Span::new().try_days(days)?)?))
    }
}

/// A clock time: `time`.
#[derive(Clone, Copy)]
pub(super) struct ClockTime(pub(super) civil::Time);

impl Type<Postgres> for ClockTime {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(1083))
    }
}

impl Encode<'_, Postgres> for ClockTime {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        let minutes = i64::from(self.0.hour()) * 60 + i64::from(self.0.minute());
        <i64 as Encode<Postgres>>::encode(minutes * 60_000_000, buffer)
    }
}

impl Decode<'_, Postgres> for ClockTime {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        let micros = <i64 as Decode<Postgres>>::decode(value)?;
        Ok(Self(civil::Time::midnight().checked_add(micros.microseconds())?))
    }
}

/// A document: `json`, which keeps the text as it is. (`jsonb` refuses `\u0000`, which models write.)
pub(super) struct Json<T>(pub(super) T);

/// A document that is long and seldom read: PostgreSQL compresses long values itself.
pub(super) use Json as Packed;

impl<T> Type<Postgres> for Json<T> {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(114))
    }
}

impl<T: Serialize> Encode<'_, Postgres> for Json<T> {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        serde_json::to_writer(&mut **buffer, &self.0)?;
        Ok(IsNull::No)
    }
}

impl<T: DeserializeOwned> Decode<'_, Postgres> for Json<T> {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        Ok(Self(serde_json::from_slice(value.as_bytes()?)?))
    }
}
