//! Reading columns into the types of the contract.

use super::{At, Json, Row};
use serde::de::DeserializeOwned;
use sqlx::Row as _;
use tandem_protocol::{Timestamp, UserId, enums::WireEnum};
use uuid::Uuid;

/// Columns by name. Each fails when the row does not hold a valid value.
pub(crate) trait Columns {
    /// A column of a type that the driver knows.
    fn plain<'r, T: sqlx::Decode<'r, super::Db> + sqlx::Type<super::Db>>(&'r self, column: &str) -> sqlx::Result<T>;

    /// An id, wrapped: `row.id("id", TaskId)`.
    fn id<T>(&self, column: &str, wrap: impl Fn(Uuid) -> T) -> sqlx::Result<T> {
        self.plain(column).map(wrap)
    }

    /// An id that may be absent.
    fn maybe_id<T>(&self, column: &str, wrap: impl Fn(Uuid) -> T) -> sqlx::Result<Option<T>> {
        Ok(self.plain::<Option<Uuid>>(column)?.map(wrap))
    }

    /// The id of a user.
    fn user(&self, column: &str) -> sqlx::Result<UserId> {
        Ok(self.plain::<&str>(column)?.into())
    }

    /// A point in time.
    fn at(&self, column: &str) -> sqlx::Result<Timestamp> {
        self.plain(column).map(|At(at)| at)
    }

    /// A point in time that may be absent.
    fn maybe_at(&self, column: &str) -> sqlx::Result<Option<Timestamp>> {
        Ok(self.plain::<Option<At>>(column)?.map(|At(at)| at))
    }

    fn json<T: DeserializeOwned>(&self, column: &str) -> sqlx::Result<T> {
        self.plain(column).map(|Json(document)| document)
    }

    /// A document that may be absent.
    fn maybe_json<T: DeserializeOwned>(&self, column: &str) -> sqlx::Result<Option<T>> {
        Ok(self.plain::<Option<Json<T>>>(column)?.map(|Json(document)| document))
    }

    /// A value of an enum of the wire.
    fn wire_enum<T: WireEnum>(&self, column: &str) -> sqlx::Result<T> {
        let text = self.plain::<&str>(column)?;
        T::from_wire(text).ok_or_else(|| undecodable(column, format!("{text:?} is no word of the list")))
    }

    /// How many bytes a text or a document takes.
    fn text_bytes(&self, column: &str) -> sqlx::Result<usize>;

    fn hash(&self, column: &str) -> sqlx::Result<[u8; 32]> {
        let bytes = self.plain::<&[u8]>(column)?;
        bytes.try_into().map_err(|_| undecodable(column, format!("{} bytes are no hash", bytes.len())))
    }
}

impl Columns for Row {
    fn plain<'r, T: sqlx::Decode<'r, super::Db> + sqlx::Type<super::Db>>(&'r self, column: &str) -> sqlx::Result<T> {
        self.try_get(column)
    }

    fn text_bytes(&self, column: &str) -> sqlx::Result<usize> {
        // Both databases store a document as its text.
        self.try_get_unchecked::<&str, _>(column).map(str::len)
    }
}

/// A column does not hold what it must.
pub(super) fn undecodable(column: &str, message: String) -> sqlx::Error {
    sqlx::Error::ColumnDecode { index: column.to_owned(), source: message.into() }
}
