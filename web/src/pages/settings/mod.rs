//! The settings page: profile, appearance, password, devices, tokens, feeds, data; for owners of the server its people.

mod data;
mod devices;
mod feeds;
mod notifications;
mod password;
mod people;
mod profile;
mod reminders;
mod secrets;
mod tokens;

pub(crate) use people::PeoplePage;

use crate::text::settings as text;
use crate::{
    components::{
        header::page_head,
        icon::Icon,
        settings::{section, theme_choice},
    },
    hooks::{use_engine, use_session, use_title, use_user},
    platform::{locale::Choice, theme::Theme},
    state::route::Route,
};
use secrets::SecretKind;
use tandem_protocol::enums::UserRole;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

/// The page at `/settings`.
#[component]
pub(crate) fn SettingsPage() -> Html {
    use_title(text::SETTINGS);
    let session = use_session();
    let owner = use_user().role == UserRole::Owner;
    let tokens_version = use_state_eq(|| 0_u32);
    let on_changed = {
        let version = tokens_version.clone();
        Callback::from(move |()| version.set(version.wrapping_add(1)))
    };
    let sign_out = Callback::from(move |_: MouseEvent| session.sign_out());
    let back = html! {
        <a class="back" href={Route::Home.to_string()}>{ Icon::Left.html() }{ text::CONVERSATIONS }</a>
    };
    html! {
        <div class="page">
            { page_head(back, html! { <button type="button" class="btn btn-s" onclick={sign_out}>{ text::SIGN_OUT }</button> }) }
            <main class="settings">
                <h1>{ text::SETTINGS }</h1>
                <profile::Profile />
                <reminders::ReminderSettings />
                <notifications::NotificationSettings />
                <Appearance />
                <password::Password {on_changed} />
                <devices::Devices />
                <secrets::Secrets kind={SecretKind::Tokens} version={*tokens_version} />
                <secrets::Secrets kind={SecretKind::Feeds} version={0} />
                <data::Data />
                if owner {
                    { section(text::PEOPLE, text::WHO_MAY_COME_IN_AND, html! {
                        <p class="acts"><a class="btn" href={Route::People.to_string()}>{ text::MANAGE_PEOPLE }</a></p>
                    }) }
                }
            </main>
        </div>
    }
}

#[component]
fn Appearance() -> Html {
    let (engine, theme) = (use_engine(), use_state_eq(Theme::chosen));
    let chosen = *theme;
    let on_choose = Callback::from(move |choice: Theme| {
        choice.choose();
        theme.set(choice);
    });
    let on_style = Callback::from(move |()| engine.save_date_style());
    let content = html! {
        <>
            { theme_choice(chosen, &on_choose) }
            <div class="two">
                { select(Choice::Clock, &on_style, text::CLOCK, &[("24", "24 hours: 17:00"), ("12", text::CLOCK_OF_12_HOURS)]) }
                { select(Choice::Order, &on_style, text::DATES, &[("day", text::DAY_BEFORE_MONTH), ("month", text::MONTH_BEFORE_DAY)]) }
                { select(Choice::FirstDay, &Callback::noop(), text::WEEKS_BEGIN_ON, &[("1", text::MONDAY), ("7", text::SUNDAY), ("6", text::SATURDAY)]) }
            </div>
        </>
    };
    section(text::APPEARANCE, text::FOLLOWS_THIS_DEVICE_UNLESS_YOU, content)
}

/// One of the choices about dates and times, which take effect on the next page. `on_chosen` is called after it.
fn select(
    choice: Choice,
    on_chosen: &Callback<()>,
    label: &'static str,
    values: &[(&'static str, &'static str)],
) -> Html {
    let (chosen, on_chosen) = (choice.get(), on_chosen.clone());
    let onchange = Callback::from(move |event: Event| {
        choice.set(&event.target_unchecked_into::<HtmlSelectElement>().value());
        on_chosen.emit(());
    });
    let options = std::iter::once(&("", text::AS_IN_THIS_BROWSER)).chain(values).map(|&(value, text)| {
        html! { <option {value} selected={chosen == value}>{ text }</option> }
    });
    let id = format!("choice-{label}");
    html! {
        <div class="field">
            <label for={id.clone()}>{ label }</label>
            <select class="input" {id} {onchange}>{ for options }</select>
        </div>
    }
}
