//! The section for what rings by itself.

use crate::text::settings as text;
use crate::{
    api::body::quoted_or_null,
    components::{format, settings::section},
    hooks::{use_engine, use_user},
};
use tandem_protocol::time::ClockTime;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

/// What is offered for a due date with a time, as its wire form and in words.
const LEADS: [(&str, &str); 6] = [
    ("PT0S", text::WHEN_IT_IS_DUE),
    ("PT10M", text::TEN_MINUTES_BEFORE),
    ("PT30M", text::THIRTY_MINUTES_BEFORE),
    ("PT1H", text::ONE_HOUR_BEFORE),
    ("P1D", text::ONE_DAY_BEFORE),
    ("", text::NOT_BY_ITSELF),
];

#[component]
pub(super) fn ReminderSettings() -> Html {
    let (engine, user) = (use_engine(), use_user());
    let chosen = &user.settings.reminders;
    let save = Callback::from(move |(field, value): (&str, String)| {
        engine.save_settings(
            "reminders",
            field,
            quoted_or_null(Some(value.as_str()).filter(|value| !value.is_empty())),
        );
    });
    let on_lead = save.reform(|event: Event| ("timed", event.target_unchecked_into::<HtmlSelectElement>().value()));
    let on_hour = save.reform(|event: Event| ("all_day", event.target_unchecked_into::<HtmlInputElement>().value()));
    let lead = chosen.timed.as_ref().map(|lead| lead.as_str().to_owned()).unwrap_or_default();
    // Another client may have chosen what is not offered here.
    let other = (!LEADS.iter().any(|(value, _)| *value == lead)).then(|| (lead.clone(), lead.clone()));
    let leads = LEADS.iter().map(|&(value, text)| (value.to_owned(), text.to_owned())).chain(other);
    let content = html! {
        <>
            <div class="two">
                <div class="field">
                    <label for="reminder-timed">{ text::TASKS_WITH_A_TIME }</label>
                    <select class="input" id="reminder-timed" onchange={on_lead}>
                        { for leads.map(|(value, text)| {
                            let selected = value == lead;
                            html! { <option {value} {selected}>{ text }</option> }
                        }) }
                    </select>
                </div>
                <div class="field">
                    <label for="reminder-day">{ text::TASKS_OF_A_WHOLE_DAY }</label>
                    <input class="input" id="reminder-day" type="time" onchange={on_hour}
                        value={chosen.all_day.map(|ClockTime(time)| format::input_time(time)).unwrap_or_default()} />
                </div>
            </div>
        </>
    };
    section(text::REMINDERS, text::A_DUE_DATE_RINGS_BY, content)
}
