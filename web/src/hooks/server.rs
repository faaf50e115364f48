//! What a visitor may know of the server.

use super::use_session;
use tandem_protocol::{
    enums::{PasswordReset, RegistrationMode},
    rest::ServerInfo,
};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// The server as visitors see it; `None` until it has answered. When it cannot be reached, the page of an open server is
/// shown, whose form then says so.
#[hook]
pub(crate) fn use_server() -> Option<ServerInfo> {
    let client = use_session().client().clone();
    let server = use_state_eq(|| None::<ServerInfo>);
    {
        let server = server.clone();
        use_effect_with((), move |()| {
            spawn_local(async move { server.set(Some(client.server_for_visitors().await.unwrap_or_else(|_| open()))) });
        });
    }
    (*server).clone()
}

fn open() -> ServerInfo {
    ServerInfo {
        version: String::new(),
        registration: RegistrationMode::Open,
        setup_needed: false,
        setup_code_needed: false,
        password_reset: PasswordReset::Link,
        providers: Vec::new(),
    }
}
