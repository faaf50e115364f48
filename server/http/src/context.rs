//! What is known of a request before its route is: its id and its client. [`crate::middleware::observe()`] puts it into
//! the extensions, the log and the answers name the id, and rate limits count by the address.

use axum::extract::Request;
use std::net::IpAddr;
use uuid::Uuid;

#[derive(Clone, Copy, Debug)]
pub(super) struct RequestContext {
    pub(super) id: Uuid,
    /// The address of the client, behind trusted proxies; `None` in tests without a connection.
    pub(super) client: Option<IpAddr>,
}

/// The address at the other end of the connection, as [`crate::serve()`] adds it to each request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub(super) IpAddr);

/// Returns the address of the client, for the transports that are mounted beside the routes.
pub fn client_address(request: &Request) -> Option<IpAddr> {
    request.extensions().get::<RequestContext>().and_then(|context| context.client)
}
