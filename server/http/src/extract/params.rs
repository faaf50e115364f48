//! The ids in a path and the parameters of a query.

use super::body::wrong_field;
use crate::error::{Refusal, Result};
use axum::extract::{FromRequestParts, Path, Query};
use http::request::Parts;
use serde::de::DeserializeOwned;
use std::{convert::Infallible, str::FromStr};
use tandem_protocol::{
    ConversationId, InvitationId, MessageId, ReminderId, SessionId, TaskRef, TokenId, UserId,
    id::{FeedId, SubscriptionId},
};
use tandem_service::ServiceError;

/// A type of id that paths contain.
pub(crate) trait PathId: FromStr {
    /// The kind of object in the text of a refusal.
    const KIND: &'static str;
}

impl PathId for ConversationId {
    const KIND: &'static str = "conversation";
}

impl PathId for MessageId {
    const KIND: &'static str = "message";
}

impl PathId for SessionId {
    const KIND: &'static str = "session";
}

impl PathId for TaskRef {
    const KIND: &'static str = "task";
}

impl PathId for FeedId {
    const KIND: &'static str = "feed";
}

impl PathId for SubscriptionId {
    const KIND: &'static str = "subscription";
}

impl PathId for TokenId {
    const KIND: &'static str = "token";
}

impl PathId for InvitationId {
    const KIND: &'static str = "invitation";
}

/// The id of a user in a path. Imported ones are any text.
pub(crate) struct UserPath(pub(crate) UserId);

impl FromStr for UserPath {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.into()))
    }
}

impl PathId for UserPath {
    const KIND: &'static str = "user";
}

/// The id in a path. A text that is no id is answered like the id of an object that does not exist.
pub(crate) struct Id<T>(pub(crate) T);

impl<T: PathId, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let text = Path::<String>::from_request_parts(parts, state).await.ok();
        let id = text.and_then(|Path(text)| text.parse().ok());
        Ok(Self(id.ok_or(ServiceError::NotFound(T::KIND))?))
    }
}

impl<T: PathId, S: Send + Sync> FromRequestParts<S> for Id<(T, ReminderId)> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let texts = Path::<(String, String)>::from_request_parts(parts, state).await.ok();
        let (id, inner) = texts.map_or((None, None), |Path((id, inner))| (id.parse().ok(), inner.parse().ok()));
        let id = id.ok_or(ServiceError::NotFound(T::KIND))?;
        Ok(Self((id, inner.ok_or(ServiceError::NotFound("reminder"))?)))
    }
}

/// The query of a request. Unknown parameters are refused.
pub(crate) struct Params<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let refused = |rejection: axum::extract::rejection::QueryRejection| {
            let cause =
                std::error::Error::source(&rejection).map_or_else(|| rejection.to_string(), ToString::to_string);
            // The cause reads `limit: invalid digit …`, or only names the problem when no single parameter has it.
            match cause.split_once(": ") {
                Some((path, message)) if !path.contains(' ') => wrong_field(path, message),
                _ => wrong_field("", &cause),
            }
        };
        Query::try_from_uri(&parts.uri).map(|Query(query)| Self(query)).map_err(refused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tandem_protocol::rest::{EventsQuery, TaskQuery};

    async fn params<T: DeserializeOwned>(query: &str) -> Result<T, String> {
        let request = http::Request::get(format!("/tasks?{query}")).body(()).unwrap();
        let (mut parts, ()) = request.into_parts();
        match Params::<T>::from_request_parts(&mut parts, &()).await {
            Ok(Params(value)) => Ok(value),
            Err(Refusal::Service(error)) => Err(error.fields()[0].field.clone()),
            Err(other) => panic!("expected an invalid request, got {other:?}"),
        }
    }

    #[tokio::test]
    async fn the_wrong_parameter_is_named() {
        for (query, field) in [
            ("limit=ten", "limit"),
            ("status=maybe", "status"),
            ("due=never", "due"),
            ("colour=red", "colour"),
            ("limit=1&limit=2", "limit"),
        ] {
            assert_eq!(params::<TaskQuery>(query).await, Err(field.to_owned()), "{query}");
        }
        assert_eq!(params::<EventsQuery>("since=abc").await, Err("since".to_owned()));
        assert_eq!(params::<EventsQuery>("").await, Err("since".to_owned()));
    }

    #[tokio::test]
    async fn values_are_decoded() {
        let query = params::<TaskQuery>("q=100%25&limit=3&status=all").await.unwrap();
        assert_eq!((query.q.as_deref(), query.limit), (Some("100%"), Some(3)));
    }
}
