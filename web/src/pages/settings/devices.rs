//! The section of signed-in devices.

use crate::text::settings as text;
use crate::{
    components::settings::{DeviceList, device_list, section},
    hooks::{use_clock, use_connection, use_engine, use_session},
    live::Engine,
    state::notice::Notice,
};
use tandem_protocol::{model::Session, order::sort_by};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

#[component]
pub(super) fn Devices() -> Html {
    let (engine, session, clock, connection) = (use_engine(), use_session(), use_clock(), use_connection());
    let sessions = use_state_eq(Vec::<Session>::new);
    let load = {
        let (engine, sessions) = (engine.clone(), sessions.clone());
        Callback::from(move |()| spawn_local(load(engine.clone(), sessions.clone())))
    };
    {
        // The list is loaded again at each sign-in and sign-out.
        let load = load.clone();
        use_effect_with(connection.sessions_version, move |_| load.emit(()));
    }
    let on_revoke = {
        let (engine, sessions, load) = (engine.clone(), sessions.clone(), load.clone());
        Callback::from(move |id| {
            // Revoking the current session is signing out, which also clears the local data.
            if sessions.iter().any(|known| known.id == id && known.current) {
                return session.sign_out();
            }
            let api = engine.api().clone();
            engine.attempt(async move { api.revoke_session(id).await }, load.clone());
        })
    };
    let on_revoke_others = Callback::from(move |()| {
        let api = engine.api().clone();
        engine.attempt(async move { api.revoke_other_sessions().await }, load.clone());
    });
    let content = device_list(&DeviceList { sessions: (*sessions).clone(), clock, on_revoke, on_revoke_others });
    section(text::DEVICES, text::REVOKING_ENDS_A_SESSION_EVERYWHERE, content)
}

async fn load(engine: Engine, sessions: UseStateHandle<Vec<Session>>) {
    match engine.api().sessions().await {
        Ok(mut list) => {
            sort_by(&mut list, |one, other| (other.current, other.last_seen_at).cmp(&(one.current, one.last_seen_at)));
            sessions.set(list);
        }
        Err(error) => engine.notify(Notice::failed(error.to_string())),
    }
}
