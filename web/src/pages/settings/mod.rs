//! The settings page: profile, appearance, password, devices, tokens, data; for owners of the server its people.

mod data;
mod devices;
mod notifications;
mod password;
mod people;
mod profile;
mod reminders;
mod tokens;

pub(crate) use people::PeoplePage;

use crate::{
    components::{
        header::PageHead,
        icon::Icon,
        settings::{Section, ThemeChoice},
    },
    hooks::{use_session, use_title, use_user},
    platform::{locale::Choice, theme::Theme},
    state::route::Route,
};
use tandem_protocol::enums::UserRole;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

/// The page at `/settings`.
#[component]
pub(crate) fn SettingsPage() -> Html {
    use_title("Settings");
    let session = use_session();
    let owner = use_user().role == UserRole::Owner;
    let tokens_version = use_state_eq(|| 0_u32);
    let on_changed = {
        let version = tokens_version.clone();
        Callback::from(move |()| version.set(version.wrapping_add(1)))
    };
    let sign_out = Callback::from(move |_: MouseEvent| session.sign_out());
    let back = html! {
        <a class="back" href={Route::Home.to_string()}>{ Icon::Left.html() }{ "Conversations" }</a>
    };
    html! {
        <div class="page">
            <PageHead {back}>
                <button type="button" class="btn btn-s" onclick={sign_out}>{ "Sign out" }</button>
            </PageHead>
            <main class="settings">
                <h1>{ "Settings" }</h1>
                <profile::Profile />
                <reminders::ReminderSettings />
                <notifications::NotificationSettings />
                <Appearance />
                <password::Password {on_changed} />
                <devices::Devices />
                <tokens::Tokens version={*tokens_version} />
                <data::Data />
                if owner {
                    <Section title="People" text="Who may come in, and help for those who are here.">
                        <p class="acts"><a class="btn" href={Route::People.to_string()}>{ "Manage people" }</a></p>
                    </Section>
                }
            </main>
        </div>
    }
}

#[component]
fn Appearance() -> Html {
    let theme = use_state_eq(Theme::chosen);
    let chosen = *theme;
    let on_choose = Callback::from(move |choice: Theme| {
        choice.choose();
        theme.set(choice);
    });
    html! {
        <Section title="Appearance" text="Follows this device unless you choose.">
            <ThemeChoice theme={chosen} {on_choose} />
            <div class="two">
                { select(Choice::Clock, "Clock", &[("24", "24 hours: 17:00"), ("12", "12 hours: 5:00 PM")]) }
                { select(Choice::Order, "Dates", &[("day", "27 Nov"), ("month", "Nov 27")]) }
                { select(Choice::FirstDay, "Weeks begin on", &[("1", "Monday"), ("7", "Sunday"), ("6", "Saturday")]) }
            </div>
        </Section>
    }
}

/// One of the choices about dates and times, which take effect on the next page.
fn select(choice: Choice, label: &'static str, values: &[(&'static str, &'static str)]) -> Html {
    let chosen = choice.get();
    let onchange = Callback::from(move |event: Event| {
        choice.set(&event.target_unchecked_into::<HtmlSelectElement>().value());
    });
    let options = std::iter::once(&("", "As in this browser")).chain(values).map(|&(value, text)| {
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
