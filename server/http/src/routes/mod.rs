//! The handlers, one file for each resource.
//!
//! A handler names its input by extractors, calls one function of the services and returns its result. Rules and checks
//! are in the services, which the other transports call too. The doc of a handler is its description in `openapi.json`.

pub(super) mod admin;
pub(super) mod auth;
pub(super) mod conversations;
pub(super) mod feeds;
pub(super) mod health;
pub(super) mod me;
pub(super) mod messages;
pub(super) mod original;
pub(super) mod push;
pub(super) mod reminders;
pub(super) mod search;
pub(super) mod server;
pub(super) mod sessions;
pub(super) mod sync;
pub(super) mod tasks;
pub(super) mod tokens;
pub(super) mod undo;

use super::{
    HttpState,
    error::Result,
    extract::{
        Body, Client, Commands, Id, IdempotencyKey, Manager, OptionalBody, Params, Reader, SignedIn, UserPath, Writer,
    },
    spool::Spool,
};
use axum::{Json, extract::State};
use serde::Deserialize;

/// The body of a request that needs none: absent, or an object without fields.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}
