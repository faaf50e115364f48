//! What the sections of personal tokens and of calendar feeds have in common: how one is created and its secret shown.

use crate::{
    api::ApiError,
    components::form::FormStatus,
    live::Engine,
    pages::form_error::{confirmation_error, wants_password},
    state::notice::Notice,
};
use std::{future::Future, pin::Pin};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// The state of the dialog that creates one.
#[derive(Clone, Default, PartialEq)]
pub(super) enum SecretState {
    #[default]
    Closed,
    Form {
        status: FormStatus,
        /// Whether the server has required the password.
        ask_password: bool,
    },
    /// The secret of the new one.
    Created(String),
}

impl SecretState {
    pub(super) fn form() -> Self {
        Self::Form { status: FormStatus::default(), ask_password: false }
    }

    /// The secret to show, the status of the form, and whether it asks for the password. `None` while the dialog is closed.
    pub(super) fn shown(&self) -> Option<(Option<AttrValue>, FormStatus, bool)> {
        match self {
            Self::Closed => None,
            Self::Form { status, ask_password } => Some((None, status.clone(), *ask_password)),
            Self::Created(secret) => Some((Some(AttrValue::from(secret.clone())), FormStatus::default(), false)),
        }
    }
}

/// Sends the request that creates one, which returns its secret. It is boxed, so that this is compiled once. `load`: loads the list
/// again.
pub(super) fn create(
    state: UseStateHandle<SecretState>,
    ask_password: bool,
    load: Callback<()>,
    request: Pin<Box<dyn Future<Output = Result<String, ApiError>>>>,
) {
    state.set(SecretState::Form { status: FormStatus::busy(), ask_password });
    spawn_local(async move {
        match request.await {
            Ok(secret) => {
                state.set(SecretState::Created(secret));
                load.emit(());
            }
            Err(error) => {
                // Once required, the field stays for the next try.
                let ask_password = ask_password || wants_password(&error);
                let status = FormStatus::ended(Some(confirmation_error(&error)));
                state.set(SecretState::Form { status, ask_password });
            }
        }
    });
}

/// Puts a loaded list into its state; a failure becomes a notice.
pub(super) fn put<T: 'static>(engine: &Engine, state: &UseStateHandle<Vec<T>>, loaded: Result<Vec<T>, ApiError>) {
    match loaded {
        Ok(list) => state.set(list),
        Err(error) => engine.notify(Notice::failed(error.to_string())),
    }
}
