//! What a visitor may know of the server.

use super::use_session;
use tandem_protocol::{enums::RegistrationMode, rest::ServerInfo};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// Who may register at this server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub registration: RegistrationMode,
    /// The next account is the first one.
    pub setup_needed: bool,
    /// And takes a set-up code.
    pub setup_code_needed: bool,
}

impl Entry {
    fn of(server: &ServerInfo) -> Self {
        let ServerInfo { registration, setup_needed, setup_code_needed, .. } = *server;
        Self { registration, setup_needed, setup_code_needed }
    }

    /// Whether nobody may register.
    pub(crate) fn is_closed(self) -> bool {
        self.registration == RegistrationMode::Closed && !self.setup_needed
    }

    /// That of a server at which anybody may register.
    pub(crate) const OPEN: Self =
        Self { registration: RegistrationMode::Open, setup_needed: false, setup_code_needed: false };
}

/// Who may register; `None` until the server has answered. When it cannot be reached, the page of an open server is shown,
/// whose form then says so.
#[hook]
pub(crate) fn use_entry() -> Option<Entry> {
    let client = use_session().client().clone();
    let entry = use_state_eq(|| None::<Entry>);
    {
        let entry = entry.clone();
        use_effect_with((), move |()| {
            spawn_local(async move {
                let server = client.server_for_visitors().await;
                entry.set(Some(server.as_ref().map_or(Entry::OPEN, Entry::of)));
            });
        });
    }
    *entry
}
