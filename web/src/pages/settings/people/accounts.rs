//! The section of accounts: search, facts, and what an owner may do with each.

use super::{
    AskDialog,
    facts::{moment, number, text},
    link_dialog,
    list::{List, item, use_list},
};
use crate::text::people as text;
use crate::text::words;
use crate::{
    components::{
        callbacks::{set_to, setter},
        clock::Clock,
        form::Field,
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
        <Section title={text::ACCOUNTS} text={text::YOU_SEE_WHO_IS_HERE}>
            <Field id="people-search" label={text::SEARCH_PEOPLE} field="q" kind="search" value={(*wanted).clone()}
                on_change={setter(&wanted)} />
            <ul class="panel rowlist" aria-label={text::ACCOUNTS}>{ for rows }</ul>
            if let Some(onclick) = list.on_more() {
                <p class="acts"><button type="button" class="btn" {onclick}>{ text::SHOW_MORE }</button></p>
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
            if text(person, "role") == "owner" { { tag("tag", text::OWNER) } }
            if person["disabled"] == true { { tag("tag tag-plain", text::DISABLED) } }
            <span>{ text(person, "email").to_owned() }</span>
        </>
    };
    let menu = html! { <Menu label={text::menu_of(&name)} button={more()} {items} /> };
    item(text(person, "id"), Html::default(), head, facts(person, clock), menu)
}

fn name(person: &Value) -> String {
    let name = text(person, "name");
    if name.is_empty() { text(person, "email") } else { name }.to_owned()
}

/// When the person was here, and how much they use.
fn facts(person: &Value, clock: &Clock) -> String {
    let seen = match moment(person, "last_seen_at", clock) {
        Some(moment) => text::last_seen(&moment),
        None => text::NOT_SEEN_FOR_LONG.to_owned(),
    };
    let (devices, tasks) = (words::devices(number(person, "sessions")), words::tasks(number(person, "tasks")));
    let used = size(person["stored_bytes"].as_u64().unwrap_or_default());
    let spent = &person["spending"];
    let (replies, tokens) =
        (words::replies(number(spent, "replies_today")), words::tokens(number(spent, "tokens_today")));
    text::usage_of_account(&seen, &devices, &tasks, &used, &replies, &tokens)
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
    let (role, word) = if owner { ("member", text::MAKE_A_MEMBER) } else { ("owner", text::MAKE_AN_OWNER) };
    let mut items = vec![
        MenuItem::new(Icon::Key, text::LINK_FOR_A_NEW_PASSWORD, act("POST", "/reset-link", Some("{}".to_owned()))),
        MenuItem::new(Icon::Out, text::SIGN_OUT_EVERYWHERE, act("DELETE", "/sessions", None)),
        MenuItem::new(Icon::Tasks, word, act("PATCH", "", Some(format!(r#"{{"role":"{role}"}}"#)))),
        MenuItem::new(Icon::Clock, text::DAILY_LIMITS, set_to(open, Open::Limits(person.clone()))),
    ];
    // An owner who locked themself out would need another one.
    if !is_me {
        let disabled = person["disabled"] == true;
        let word = if disabled { text::LET_IN_AGAIN } else { text::DISABLE };
        items.push(MenuItem::new(Icon::Hand, word, act("PATCH", "", Some(format!(r#"{{"disabled":{}}}"#, !disabled)))));
        items.push(MenuItem::new(Icon::Trash, text::DELETE, set_to(open, Open::Deleting(person.clone()))));
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
            return link_dialog(&list.engine, text::A_NEW_PASSWORD_WITHIN_30.into(), url.clone().into(), &on_close);
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
        let fields =
            [(text::REPLIES_A_DAY, "own_daily_replies"), (text::TOKENS_OF_PROVIDERS_A_DAY, "own_daily_tokens")];
        let fields: Vec<_> = fields.iter().map(|&(label, name)| (label.into(), set(name))).collect();
        return html! {
            <AskDialog label={text::DAILY_LIMITS} {fields} go={text::SET_LIMITS} {on_go} {on_close}
                text={text::EMPTY_AS_FOR_EVERYBODY_ON} />
        };
    }
    html! {
        <AskDialog label={text::delete_account_of(text(person, "email"))} go={text::DELETE_ACCOUNT_FOR_GOOD} {on_go} {on_close}
            text={text::EVERY_CONVERSATION_AND_TASK_OF} />
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
