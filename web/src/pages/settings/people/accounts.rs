//! The section of accounts: search, facts, and what an owner may do with each.

use super::{
    AskDialog, Asked,
    facts::{moment, number, text},
    link_dialog,
    list::{List, OnEnd, item, use_list},
    whole,
};
use crate::text::people as text;
use crate::text::words;
use crate::{
    components::{
        callbacks::{set_to, setter},
        clock::Clock,
        form::{Field, FormError},
        icon::Icon,
        menu::{Menu, MenuItem, more},
        settings::{section, size},
    },
    hooks::{use_clock, use_user},
    pages::form_error::form_error,
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
    let content = html! {
        <>
            <Field id="people-search" label={text::SEARCH_PEOPLE} field="q" kind="search" value={(*wanted).clone()}
                on_change={setter(&wanted)} />
            <ul class="panel rowlist" aria-label={text::ACCOUNTS}>{ for rows }{ list.nothing(text::NOBODY_FOUND) }</ul>
            if let Some(onclick) = list.on_more() {
                <p class="acts"><button type="button" class="btn" {onclick}>{ text::SHOW_MORE }</button></p>
            }
            { dialog(&list, &open) }
        </>
    };
    section(text::ACCOUNTS, text::YOU_SEE_WHO_IS_HERE, content)
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
        None => text::NO_RECENT_SIGN_IN.to_owned(),
    };
    let (devices, tasks) = (words::devices(number(person, "sessions")), words::tasks(number(person, "tasks")));
    let used = size(person["stored_bytes"].as_u64().unwrap_or_default());
    let spent = &person["spending"];
    let limited = |used: String, own: &str| match spent[own].as_u64() {
        Some(most) => text::of_at_most(used, most),
        None => used,
    };
    let replies = limited(words::replies(number(spent, "replies_today")), "own_daily_replies");
    let tokens = limited(words::tokens(number(spent, "tokens_today")), "own_daily_tokens");
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
            list.change_now(method, path.clone(), body.clone(), on_link);
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
        Callback::from(move |asked: Asked| {
            let (method, body) = match limits.then(|| body(&asked.typed)).transpose() {
                Ok(Some(body)) => ("PATCH", Some(body)),
                Ok(None) => ("DELETE", None),
                Err(wrong) => return asked.refuse(wrong),
            };
            let close = close.clone();
            let on_end: OnEnd = Box::new(move |ended| match ended {
                Ok(_) => close.emit(()),
                Err(error) => asked.refuse(form_error(&error)),
            });
            list.change(method, path.clone(), body, on_end);
        })
    };
    let set = |name: &str| person["spending"][name].as_u64().map(|limit| limit.to_string()).unwrap_or_default();
    if limits {
        let fields = [
            (text::REPLIES_A_DAY, LIMITS[0], "own_daily_replies"),
            (text::TOKENS_OF_PROVIDERS_A_DAY, LIMITS[1], "own_daily_tokens"),
        ];
        let fields: Vec<_> = fields.iter().map(|&(label, name, own)| (label, name, set(own))).collect();
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

/// The fields of the limits.
const LIMITS: [&str; 2] = ["daily_replies", "daily_tokens"];

/// The request with the limits that were typed; null is that of the server.
fn body(typed: &[String]) -> Result<String, FormError> {
    let limits = LIMITS.iter().zip(typed).map(|(&name, typed)| {
        let limit =
            if typed.trim().is_empty() { "null".to_owned() } else { whole(name, typed, 0, u32::MAX)?.to_string() };
        Ok(format!(r#""{name}":{limit}"#))
    });
    Ok(format!("{{{}}}", limits.collect::<Result<Vec<_>, FormError>>()?.join(",")))
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
    fn an_account_shows_the_limits_that_were_set() {
        let person = |own: Value| {
            let spending = json!({ "replies_today": 1, "tokens_today": 9, "daily_replies": 20, "daily_tokens": 40,
                "own_daily_replies": own, "own_daily_tokens": null });
            facts(&json!({ "spending": spending }), &clock())
        };
        assert!(person(20.into()).ends_with(" · today 1 reply (limit 20), 9 tokens"), "{}", person(20.into()));
        assert!(person(0.into()).contains("1 reply (limit 0), 9 tokens"));
        assert!(person(Value::Null).ends_with("today 1 reply, 9 tokens"), "those of the server are in its settings");
    }

    #[test]
    fn limits_are_numbers_or_those_of_the_server() {
        assert_eq!(body(&["20".into(), " ".into()]).unwrap(), r#"{"daily_replies":20,"daily_tokens":null}"#);
        for wrong in ["-1", "many", "1.5"] {
            assert_eq!(body(&["20".into(), wrong.into()]).unwrap_err().fields[0].0, "daily_tokens");
        }
    }
}
