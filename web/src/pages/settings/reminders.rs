//! The section for what rings by itself, and for notifications in this browser.

use crate::{
    components::{button::TextButton, format, icon::Icon, settings::Section},
    hooks::{use_engine, use_user},
    platform::notification::{self, Permission},
};
use tandem_protocol::{
    duration::IsoDuration,
    rest::UserPatch,
    settings::{ReminderDefaultsPatch, SettingsPatch},
    time::{ClockTime, parse_clock},
};
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

/// What is offered for a due date with a time, as its wire form and in words.
const LEADS: [(&str, &str); 6] = [
    ("PT0S", "When it is due"),
    ("PT10M", "10 minutes before"),
    ("PT30M", "30 minutes before"),
    ("PT1H", "1 hour before"),
    ("P1D", "1 day before"),
    ("", "Not by itself"),
];

#[component]
pub(super) fn ReminderSettings() -> Html {
    let (engine, user) = (use_engine(), use_user());
    let permission = use_state_eq(notification::permission);
    let chosen = &user.settings.reminders;
    let save = Callback::from(move |patch: ReminderDefaultsPatch| {
        let settings = Some(SettingsPatch { reminders: Some(patch), ..SettingsPatch::default() });
        let (request, of) = (UserPatch { settings, ..UserPatch::default() }, engine.clone());
        engine.attempt(async move { of.save_user(&request).await }, Callback::noop());
    });
    let on_lead = save.reform(|event: Event| {
        let lead: String = event.target_unchecked_into::<HtmlSelectElement>().value();
        ReminderDefaultsPatch { timed: Some(lead.parse::<IsoDuration>().ok()), all_day: None }
    });
    let on_hour = save.reform(|event: Event| {
        let time = parse_clock(&event.target_unchecked_into::<HtmlInputElement>().value());
        ReminderDefaultsPatch { timed: None, all_day: Some(time.map(ClockTime)) }
    });
    let lead = chosen.timed.as_ref().map(|lead| lead.as_str().to_owned()).unwrap_or_default();
    // Another client may have chosen what is not offered here.
    let other = (!LEADS.iter().any(|(value, _)| *value == lead)).then(|| (lead.clone(), lead.clone()));
    let leads = LEADS.iter().map(|&(value, text)| (value.to_owned(), text.to_owned())).chain(other);
    let ask = {
        let permission = permission.setter();
        Callback::from(move |()| {
            let permission = permission.clone();
            notification::ask(Callback::from(move |answer| permission.set(answer)));
        })
    };
    html! {
        <Section title="Reminders" text="A due date rings by itself, unless its task has reminders of its own.">
            <div class="two">
                <div class="field">
                    <label for="reminder-timed">{ "Tasks with a time" }</label>
                    <select class="input" id="reminder-timed" onchange={on_lead}>
                        { for leads.map(|(value, text)| {
                            let selected = value == lead;
                            html! { <option {value} {selected}>{ text }</option> }
                        }) }
                    </select>
                </div>
                <div class="field">
                    <label for="reminder-day">{ "Tasks of a whole day" }</label>
                    <input class="input" id="reminder-day" type="time" onchange={on_hour}
                        value={chosen.all_day.map(|ClockTime(time)| format::input_time(time)).unwrap_or_default()} />
                </div>
            </div>
            { notifications(*permission, ask) }
        </Section>
    }
}

/// Whether the browser shows reminders while the page is hidden, and what to do about it.
fn notifications(permission: Permission, ask: Callback<()>) -> Html {
    let (icon, text) = match permission {
        Permission::Allowed => (Icon::Check, "While Tandem is hidden, this browser shows a notification."),
        Permission::Unasked => (Icon::Bell, "While Tandem is hidden, this browser can show a notification."),
        Permission::Blocked => {
            (Icon::Info, "This browser blocks notifications. Allow them in its settings for this site.")
        }
        Permission::Unsupported => (Icon::Info, "This browser shows no notifications here."),
    };
    html! {
        <p class="note">
            { icon.small() }<span>{ text }</span>
            if permission == Permission::Unasked {
                <TextButton text="Allow notifications" accent=true onclick={ask} />
            }
        </p>
    }
}
