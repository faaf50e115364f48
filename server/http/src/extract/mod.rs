//! The extractors of handlers: the caller, the body, the query, and ids in the path.
//!
//! An extractor refuses what is not valid, so that a handler has no input to check. One that extracts a caller also
//! takes the permit for the work of its route: a handler cannot reach the services without one.

mod body;
mod caller;
mod params;

pub(super) use body::{Body, BodyOwner, MAX_RECEIVING_BYTES, OptionalBody, read_body};
pub(super) use caller::{Bearer, Commands, IdempotencyKey, Manager, Reader, SignedIn, Writer};
pub(super) use params::{Id, Params, UserPath};

use super::{HttpState, context::RequestContext};
use axum::extract::FromRequestParts;
use http::{header, request::Parts};
use std::convert::Infallible;

/// The address and program of the client, as lists of sessions show it.
pub(super) struct Client(pub(super) tandem_service::sessions::Client);

impl FromRequestParts<HttpState> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &HttpState) -> Result<Self, Infallible> {
        let user_agent = parts.headers.get(header::USER_AGENT).map(|agent| String::from_utf8_lossy(agent.as_bytes()));
        Ok(Self(tandem_service::sessions::Client {
            address: parts.extensions.get::<RequestContext>().and_then(|context| context.client),
            user_agent: user_agent.map(std::borrow::Cow::into_owned),
        }))
    }
}
