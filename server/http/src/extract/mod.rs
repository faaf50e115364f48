//! What handlers ask for: who calls, the body, the query, ids of the path. Each refuses by itself, so a handler only sees
//! what is valid.

mod body;
mod caller;
mod params;

pub(super) use body::{Body, BodyOwner, MAX_RECEIVING_BYTES, OptionalBody, gather};
pub(super) use caller::{Bearer, Commands, Reader, SignedIn, Writer};
pub(super) use params::{Id, Params};

use super::{HttpState, middleware::Context};
use axum::extract::FromRequestParts;
use http::{header, request::Parts};
use std::convert::Infallible;

/// The program at the other end, as lists of devices show it.
pub(super) struct Client(pub(super) tandem_service::sessions::Client);

impl FromRequestParts<HttpState> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &HttpState) -> Result<Self, Infallible> {
        let user_agent = parts.headers.get(header::USER_AGENT).map(|agent| String::from_utf8_lossy(agent.as_bytes()));
        Ok(Self(tandem_service::sessions::Client {
            address: parts.extensions.get::<Context>().and_then(|context| context.client),
            user_agent: user_agent.map(std::borrow::Cow::into_owned),
        }))
    }
}
