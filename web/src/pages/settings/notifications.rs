//! The section for notifications of this device: whether, of what, and when not.

use crate::text::settings as text;
use crate::{
    api::body::{array, object, quoted, quoted_or_null},
    components::{button::TextButton, format, icon::Icon, settings::section},
    hooks::{use_engine, use_user},
    platform::{
        notification,
        push::{self, PushStep},
        window,
    },
};
use tandem_protocol::{
    enums::{PushKind, WireEnum as _},
    time::ClockTime,
};
use web_sys::HtmlInputElement;
use yew::prelude::*;

const KINDS: [(PushKind, &str); 3] = [
    (PushKind::Reminder, text::REMINDERS),
    (PushKind::Reply, text::REPLIES_THAT_ENDED_WHILE_YOU),
    (PushKind::Approval, text::QUESTIONS_OF_THE_ASSISTANT),
];

#[component]
pub(super) fn NotificationSettings() -> Html {
    let engine = use_engine();
    let subscription = use_state_eq(|| None::<String>);
    let blocked = use_state_eq(notification::is_blocked);
    let done = {
        let (subscription, blocked) = (subscription.setter(), blocked.setter());
        Callback::from(move |id| {
            blocked.set(notification::is_blocked());
            subscription.set(id);
        })
    };
    {
        let (engine, done) = (engine.clone(), done.clone());
        use_effect_with((), move |()| engine.push(PushStep::Renew, done));
    }
    let is_on = subscription.is_some();
    let act = Callback::from(move |step| engine.push(step, done.clone()));
    let switch = act.reform(move |event: Event| {
        // It shows what is, not what was asked for: the browser or the person may say no.
        event.target_unchecked_into::<HtmlInputElement>().set_checked(is_on);
        if is_on { PushStep::Off } else { PushStep::On }
    });
    let test = act.reform(|()| PushStep::Test);
    let note = obstacle(*blocked);
    let content = html! {
        <>
            if note.is_empty() {
                <label class="tick-line">
                    <input type="checkbox" checked={is_on} onchange={switch} />{ text::NOTIFY_ME_ON_THIS_DEVICE }
                </label>
            }
            if !note.is_empty() {
                <p class="note">{ Icon::Info.small() }<span>{ note }</span></p>
            }
            <Wishes />
            if is_on {
                <p class="acts">{ TextButton::new(text::SEND_A_TEST, test).html() }</p>
            }
        </>
    };
    section(text::NOTIFICATIONS, text::WHEN_NOTIFIED, content)
}

/// Why the switch could do nothing in this browser, and what to do then; empty if it can.
fn obstacle(is_blocked: bool) -> &'static str {
    if is_blocked {
        text::NOTIFICATIONS_ARE_BLOCKED
    } else if push::is_supported() {
        ""
    } else if window::is_apple_phone() {
        text::NOTIFICATIONS_NEED_THE_HOME_SCREEN
    } else {
        text::NOTIFICATIONS_NEED_HTTPS
    }
}

/// What is sent to all devices of the person.
#[component]
fn Wishes() -> Html {
    let (engine, user) = (use_engine(), use_user());
    let chosen = &user.settings.push;
    let save = Callback::from(move |(field, value): (&str, String)| engine.save_settings("push", field, value));
    let kinds = KINDS.iter().map(|&(kind, text)| {
        let is_on = chosen.kinds.contains(&kind);
        let next = KINDS.iter().filter(|(known, _)| chosen.kinds.contains(known) != (*known == kind));
        let next: Vec<String> = next.map(|(known, _)| quoted(known.as_str())).collect();
        let onchange = save.reform(move |_: Event| ("kinds", array(&next)));
        html! {
            <label class="tick-line" key={text}><input type="checkbox" checked={is_on} {onchange} />{ text }</label>
        }
    });
    let shown = |time: ClockTime| format::input_time(time.0);
    let (from, to) = chosen.quiet.map_or_else(Default::default, |quiet| (shown(quiet.from), shown(quiet.to)));
    let hour = |id: &'static str, text: &'static str, value: &String, other: &String| {
        let (other, is_start) = (other.clone(), id == "quiet-from");
        let onchange = save.reform(move |event: Event| {
            ("quiet", quiet(&event.target_unchecked_into::<HtmlInputElement>().value(), &other, is_start))
        });
        html! {
            <div class="field">
                <label for={id}>{ text }</label>
                <input class="input" {id} type="time" {onchange} value={value.clone()} />
            </div>
        }
    };
    html! {
        <>
            <fieldset aria-label={text::WHAT_TO_SEND}>{ for kinds }</fieldset>
            <div class="two">
                { hour("quiet-from", text::QUIET_FROM, &from, &to) }{ hour("quiet-to", text::UNTIL, &to, &from) }
            </div>
        </>
    }
}

/// The quiet hours as JSON, with one side as it was typed. Without a time there are none. The first of the two brings a
/// usual other one with it.
fn quiet(typed: &str, other: &str, is_start: bool) -> String {
    if typed.is_empty() {
        return quoted_or_null(None);
    }
    let other = match (other, is_start) {
        ("", true) => "07:00",
        ("", false) => "22:00",
        (known, _) => known,
    };
    let (from, to) = if is_start { (typed, other) } else { (other, typed) };
    object(&[("from", quoted(from)), ("to", quoted(to))])
}
