//! The list of signed-in devices.

use crate::components::{callbacks::press, clock::Clock, format, icon::Icon};
use crate::text::settings as text;
use crate::text::words;
use tandem_protocol::{id::SessionId, model::Session};
use yew::prelude::*;

/// A device that was seen within this time counts as active, in milliseconds.
const ACTIVE_MS: i64 = 15 * 60 * 1000;

pub(crate) struct DeviceList {
    /// The sessions, the current one first.
    pub sessions: Vec<Session>,
    pub clock: Clock,
    pub on_revoke: Callback<SessionId>,
    pub on_revoke_others: Callback<()>,
}

pub(crate) fn device_list(list: &DeviceList) -> Html {
    html! {
        <>
            if list.sessions.is_empty() { <div class="panel row-wait" aria-hidden="true" /> }
            <ul class="panel rowlist" aria-label={text::SIGNED_IN_DEVICES} hidden={list.sessions.is_empty()}>
                { for list.sessions.iter().map(|session| row(list, session)) }
            </ul>
            if list.sessions.len() > 1 {
                <p class="acts">
                    <button type="button" class="btn" onclick={press(&list.on_revoke_others)}>
                        { text::SIGN_OUT_ALL_OTHER_DEVICES }
                    </button>
                </p>
            }
        </>
    }
}

fn row(list: &DeviceList, session: &Session) -> Html {
    let id = session.id;
    let agent = session.user_agent.as_deref().unwrap_or("");
    let name = session.device_name.clone().unwrap_or_else(|| text::A_DEVICE.to_owned());
    html! {
        <li key={id.to_string()}>
            { (device_icon(&name, agent)).large() }
            <div class="t">
                <b>{ name }</b>
                if session.current { <i class="tag">{ text::THIS_DEVICE }</i> }
                <span class="num">{ seen(session, &list.clock) }</span>
            </div>
            <button type="button" class="btn btn-s" onclick={press(&list.on_revoke.reform(move |()| id))}>
                { text::REVOKE }
            </button>
        </li>
    }
}

/// Time and address of the last request: `Active now · 192.0.2.14`.
fn seen(session: &Session, clock: &Clock) -> String {
    let ago = clock.now().millis_since(session.last_seen_at);
    let minutes = ago / 60_000;
    let when = match ago {
        _ if session.current => text::ACTIVE_NOW.to_owned(),
        i64::MIN..60_000 => text::ACTIVE_NOW.to_owned(),
        60_000..ACTIVE_MS => text::active_ago(words::whole_minutes(usize::try_from(minutes).unwrap_or(0))),
        _ => text::last_seen(format::moment(clock.local(session.last_seen_at), clock.today())),
    };
    match &session.ip {
        Some(ip) => format!("{when} · {ip}"),
        None => when,
    }
}

fn device_icon(name: &str, agent: &str) -> Icon {
    // Either of them may be missing.
    let has = |word: &str| name.contains(word) || agent.contains(word);
    if has("iPad") || has("Tablet") {
        Icon::Tablet
    } else if has("iPhone") || has("Android") || has("Mobile") {
        Icon::Phone
    } else {
        Icon::Laptop
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{clock, id, now};

    #[test]
    fn a_device_shows_when_and_from_where_it_was_seen() {
        let session = |minutes: i64, current: bool| Session {
            id: SessionId(id(1)),
            device_name: None,
            ip: Some("192.0.2.14".into()),
            user_agent: None,
            created_at: now(),
            last_seen_at: now().plus_millis(-minutes * 60_000),
            expires_at: now(),
            current,
        };
        assert_eq!(seen(&session(300, true), &clock()), "Active now · 192.0.2.14");
        assert_eq!(seen(&session(4, false), &clock()), "Active 4 minutes ago · 192.0.2.14");
        assert_eq!(seen(&session(60, false), &clock()), "Last seen today, 08:31 · 192.0.2.14");
    }
}
