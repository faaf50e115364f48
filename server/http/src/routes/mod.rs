//! The handlers, one resource a file. Each says what it takes, calls one function of the services and answers with what
//! that gave.

pub(super) mod auth;
pub(super) mod conversations;
pub(super) mod health;
pub(super) mod me;
pub(super) mod messages;
pub(super) mod search;
pub(super) mod sessions;
pub(super) mod sync;
pub(super) mod tasks;
pub(super) mod tokens;
pub(super) mod undo;

use super::{
    HttpState,
    error::Result,
    extract::{Body, Client, Commands, Id, OptionalBody, Params, Reader, SignedIn, Writer},
    spool::Spool,
};
use axum::{Json, extract::State};
use serde::Deserialize;

/// The body of a request that says everything in its path: absent, or an object without fields.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}
