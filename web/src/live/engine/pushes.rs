//! Pushes to this browser: on, off, and renewed at each start, because they end with the session.

use super::Engine;
use crate::{
    platform::{
        device,
        push::{self, PushStep},
    },
    state::notice::Notice,
};
use wasm_bindgen_futures::spawn_local;
use yew::Callback;

impl Engine {
    /// Does a step with the subscription of this device. `done` receives its id, if there is one then.
    pub(crate) fn push(&self, step: PushStep, done: Callback<Option<String>>) {
        let engine = self.clone();
        spawn_local(async move {
            let Ok(token) = engine.inner.api.token().await else { return };
            match push::act(step, &token, &device::id()).await {
                Ok(id) => done.emit(id),
                // The person did not ask for a renewal; the next start tries again.
                Err(_) if step == PushStep::Renew => {}
                Err(error) => engine.notify(Notice::failed(error)),
            }
        });
    }
}
