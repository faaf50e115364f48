//! The section of accounts: search, facts, and what an owner may do with each.

use super::{
    AskDialog,
    facts::{moment, number, text},
    link_dialog,
    list::{List, item, use_list},
};
use crate::{
    components::{
        callbacks::{set_to, setter},
        clock::Clock,
        form::Field,
        format::count,
        icon::Icon,
        menu::{Menu, MenuItem, more},
        settings::{Section, size},
    },
    hooks::{use_clock, use_user},
};
use serde_json::Value;
use yew::prelude::*;

/// The dialog that is open.
#[derive(Clone, Default)]
enum Open {
    #[default]
    Nothing,
    /// A link for a new password.
    Link(String),
    Deleting(Value),
    Limits(Value),
}

#[component]
pub(super) fn Accounts() -> Html {
    let (clock, me) = (use_clock(), use_user());
    let wanted = use_state_eq(String::new);
    let open = use_state(Open::default);
    let list = use_list(format!("users?q={}", js_sys::encode_uri_component(&wanted)));
    let rows = list.items().iter().map(|person| {
        let items = items(person, text(person, "id") == me.id.as_str(), &list, &open);
        row(person, &clock, items)
    });
    html! {
        <Section title="Accounts" text="You see who is here and how much they use, never what they write.">
            <Field id="people-search" label="Search people" field="q" kind="search" value={(*wanted).clone()}
                on_change={setter(&wanted)} />
            <ul class="panel rowlist" aria-label="Accounts">{ for rows }</ul>
            if let Some(onclick) = list.on_more() {
                <p class="acts"><button type="button" class="btn" {onclick}>{ "Show more" }</button></p>
            }
            { dialog(&list, &open) }
        </Section>
    }
}

fn row(person: &Value, clock: &Clock, items: Vec<MenuItem>) -> Html {
    let name = name(person);
    let tag = |class: &'static str, word: &'static str| html! { <i {class}>{ word }</i> };
    let head = html! {
        <>
            <b>{ name.clone() }</b>
            if text(person, "role") == "owner" { { tag("tag", "Owner") } }
            if person["disabled"] == true { { tag("tag tag-plain", "Disabled") } }
            <span>{ text(person, "email").to_owned() }</span>
        </>
    };
    let menu = html! { <Menu label={format!("Menu of {name}")} button={more()} {items} /> };
    item(text(person, "id"), Html::default(), head, facts(person, clock), menu)
}

fn name(person: &Value) -> String {
    let name = text(person, "name");
    if name.is_empty() { text(person, "email") } else { name }.to_owned()
}

/// When the person was here, and how much they use.
fn facts(person: &Value, clock: &Clock) -> String {
    let seen = match moment(person, "last_seen_at", clock) {
        Some(moment) => format!("last seen {moment}"),
        None => "not seen for long".to_owned(),
    };
    let (devices, tasks) = (count(number(person, "sessions"), "device"), count(number(person, "tasks"), "task"));
    let used = size(person["stored_bytes"].as_u64().unwrap_or_default());
    let spent = &person["spending"];
    let (replies, tokens) = (number(spent, "replies_today"), count(number(spent, "tokens_today"), "token"));
    let word = if replies == 1 { "reply" } else { "replies" };
    format!("{seen} · {devices} · {tasks} · {used} · today {replies} {word}, {tokens}")
}

/// What an owner may do with an account.
fn items(person: &Value, is_me: bool, list: &List, open: &UseStateHandle<Open>) -> Vec<MenuItem> {
    let act = |method: &'static str, what: &str, body: Option<String>| {
        let (list, open, path) = (list.clone(), open.clone(), path(person, what));
        Callback::from(move |()| {
            let open = open.clone();
            let on_link = Callback::from(move |link: String| {
                if !link.is_empty() {
                    open.set(Open::Link(link));
                }
            });
            list.change(method, path.clone(), body.clone(), on_link);
        })
    };
    let owner = text(person, "role") == "owner";
    let (role, word) = if owner { ("member", "Make a member") } else { ("owner", "Make an owner") };
    let mut items = vec![
        MenuItem::new(Icon::Key, "Link for a new password", act("POST", "/reset-link", Some("{}".to_owned()))),
        MenuItem::new(Icon::Out, "Sign out everywhere", act("DELETE", "/sessions", None)),
        MenuItem::new(Icon::Tasks, word, act("PATCH", "", Some(format!(r#"{{"role":"{role}"}}"#)))),
        MenuItem::new(Icon::Clock, "Daily limits", set_to(open, Open::Limits(person.clone()))),
    ];
    // An owner who locked themself out would need another one.
    if !is_me {
        let disabled = person["disabled"] == true;
        let word = if disabled { "Let in again" } else { "Disable" };
        items.push(MenuItem::new(Icon::Hand, word, act("PATCH", "", Some(format!(r#"{{"disabled":{}}}"#, !disabled)))));
        items.push(MenuItem::new(Icon::Trash, "Delete", set_to(open, Open::Deleting(person.clone()))));
    }
    items
}

fn path(person: &Value, what: &str) -> String {
    format!("users/{}{what}", js_sys::encode_uri_component(text(person, "id")))
}

fn dialog(list: &List, open: &UseStateHandle<Open>) -> Html {
    let on_close = set_to(open, Open::Nothing);
    let (person, limits) = match &**open {
        Open::Nothing => return Html::default(),
        Open::Link(url) => {
            return link_dialog(
                &list.engine,
                "A new password, within 30 minutes".into(),
                url.clone().into(),
                &on_close,
            );
        }
        Open::Deleting(person) => (person, false),
        Open::Limits(person) => (person, true),
    };
    let on_go = {
        let (list, path, close) = (list.clone(), path(person, ""), on_close.clone());
        Callback::from(move |typed: Vec<String>| {
            close.emit(());
            let (method, body) = if limits { ("PATCH", Some(body(&typed))) } else { ("DELETE", None) };
            list.change(method, path.clone(), body, Callback::noop());
        })
    };
    let set = |name: &str| person["spending"][name].as_u64().map(|limit| limit.to_string()).unwrap_or_default();
    if limits {
        let fields = [("Replies a day", "own_daily_replies"), ("Tokens of providers a day", "own_daily_tokens")];
        let fields: Vec<_> = fields.iter().map(|&(label, name)| (label.into(), set(name))).collect();
        return html! {
            <AskDialog label="Daily limits" {fields} go="Set limits" {on_go} {on_close}
                text="Empty: as for everybody on this server. Days are those of UTC." />
        };
    }
    html! {
        <AskDialog label={format!("Delete {}?", text(person, "email"))} go="Delete account for good" {on_go} {on_close}
            text="Every conversation and task of theirs is removed from this server, at once and for good." />
    }
}

/// The request with the limits that were typed; null is that of the server. The server refuses what is no number.
fn body(typed: &[String]) -> String {
    let [replies, tokens] = [0, 1].map(|index| match typed.get(index).map_or("", |text| text.trim()) {
        "" => "null".to_owned(),
        // A text always has a JSON form.
        text => text
            .parse::<u32>()
            .map_or_else(|_| serde_json::to_string(text).unwrap_or_default(), |limit| limit.to_string()),
    });
    format!(r#"{{"daily_replies":{replies},"daily_tokens":{tokens}}}"#)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{clock, now};
    use serde_json::json;

    #[test]
    fn an_account_shows_its_use_and_nothing_else() {
        let person = json!({ "id": "u", "email": "ann@example.org", "name": "", "sessions": 2, "tasks": 1,
            "last_seen_at": now(), "stored_bytes": 4096, "spending": { "replies_today": 1, "tokens_today": 0 } });
        assert_eq!(name(&person), "ann@example.org");
        let expected = "last seen today, 09:31 · 2 devices · 1 task · 4 KB · today 1 reply, 0 tokens";
        assert_eq!(facts(&person, &clock()), expected);
    }

    #[test]
    fn limits_are_numbers_or_those_of_the_server() {
        assert_eq!(body(&["20".into(), " ".into()]), r#"{"daily_replies":20,"daily_tokens":null}"#);
        assert_eq!(body(&["-1".into(), "many".into()]), r#"{"daily_replies":"-1","daily_tokens":"many"}"#);
    }
}
