//! The section of invitations.

use super::{
    AskDialog, Asked,
    facts::{moment, number, text},
    list::{List, OnEnd, item, use_list},
    whole,
};
use crate::text::people as text;
use crate::{
    components::{
        callbacks::{press, set_to, setter},
        clock::Clock,
        form::FormError,
        icon::Icon,
        settings::section,
    },
    hooks::use_clock,
    pages::form_error::form_error,
    platform::clock::now,
};
use serde_json::Value;
use tandem_protocol::Timestamp;
use yew::prelude::*;

/// Names of fields, as the server has them.
const USES: &str = "uses";
const DAYS: &str = "expires_at";
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

#[component]
pub(super) fn Invitations() -> Html {
    let (clock, list) = (use_clock(), use_list("invitations?limit=200".to_owned()));
    let (asking, link) = (use_state_eq(|| false), use_state_eq(String::new));
    let on_create = {
        let (list, link) = (list.clone(), setter(&link));
        Callback::from(move |asked: Asked| match body(&asked.typed, now()) {
            Err(wrong) => asked.refuse(wrong),
            Ok(body) => {
                let link = link.clone();
                let on_end: OnEnd = Box::new(move |ended| match ended {
                    Ok(url) => link.emit(url),
                    Err(error) => asked.refuse(form_error(&error)),
                });
                list.change("POST", "invitations".to_owned(), Some(body), on_end);
            }
        })
    };
    let on_close = {
        let (asking, link) = (asking.clone(), link.clone());
        Callback::from(move |()| {
            asking.set(false);
            link.set(String::new());
        })
    };
    let fields = [(text::EMAIL, "email", ""), (text::HOW_MANY_PEOPLE, USES, "1"), (text::DAYS, DAYS, "7")];
    let fields: Vec<_> = fields.iter().map(|&(label, name, text)| (label, name, text.to_owned())).collect();
    let usable = list.items().iter().filter(|it| is_usable(it, clock.now()));
    let rows: Vec<Html> = usable.map(|it| row(it, &clock, &list)).collect();
    let on_more = list.on_more();
    let nothing = rows.is_empty() && on_more.is_none();
    let content = html! {
        <>
            if nothing {
                <p class="hint-t">{ text::NO_INVITATIONS }</p>
            } else {
                <ul class="panel rowlist" aria-label={text::INVITATIONS}>{ for rows }</ul>
            }
            <p class="acts">
                if let Some(onclick) = on_more {
                    <button type="button" class="btn" {onclick}>{ text::SHOW_OLDER }</button>
                }
                <button type="button" class="btn" onclick={press(&set_to(&asking, true))}>
                    { Icon::Plus.html() }{ text::INVITE_SOMEONE }
                </button>
            </p>
            if *asking {
                <AskDialog label={text::INVITE_SOMEONE} {fields} go={text::CREATE_LINK} on_go={on_create} link={(*link).clone()}
                    text={text::WITH_AN_ADDRESS_ONLY_THAT} {on_close} />
            }
        </>
    };
    section(text::INVITATIONS, text::A_LINK_LETS_SOMEBODY_CREATE, content)
}

fn is_usable(invitation: &Value, now: Timestamp) -> bool {
    let ends = Timestamp::parse(text(invitation, "expires_at"));
    invitation["revoked_at"].is_null()
        && number(invitation, "used") < number(invitation, "uses")
        && ends.is_some_and(|ends| now < ends)
}

fn row(invitation: &Value, clock: &Clock, list: &List) -> Html {
    let name = invitation["email"].as_str().unwrap_or(text::ANYONE_WITH_THE_LINK).to_owned();
    let (used, uses) = (number(invitation, "used"), number(invitation, "uses"));
    let ends = moment(invitation, "expires_at", clock).unwrap_or_default();
    let path = format!("invitations/{}", text(invitation, "id"));
    let key = path.clone();
    let list = list.clone();
    let onclick = Callback::from(move |_: MouseEvent| {
        list.change_now("DELETE", path.clone(), None, Callback::noop());
    });
    let revoke = html! { <button type="button" class="btn btn-s" {onclick}>{ text::REVOKE }</button> };
    let facts = text::use_of_invitation(used, uses, &ends);
    item(&key, Icon::Key.large(), html! { <b>{ name }</b> }, facts, revoke)
}

/// The body of the request: address, number of people and days as typed.
fn body(typed: &[String], now: Timestamp) -> Result<String, FormError> {
    let [email, uses, days] = [0, 1, 2].map(|index| typed.get(index).map_or("", |text| text.trim()));
    // A text always has a JSON form.
    let email = if email.is_empty() { "null".to_owned() } else { serde_json::to_string(email).unwrap_or_default() };
    let uses = whole(USES, uses, 1, 1_000)?;
    let days = i64::from(whole(DAYS, days, 1, 365)?);
    let ends = serde_json::to_string(&now.plus_millis(days * DAY_MS)).unwrap_or_default();
    Ok(format!(r#"{{"email":{email},"uses":{uses},"expires_at":{ends}}}"#))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::now;
    use serde_json::json;

    #[test]
    fn what_is_typed_becomes_the_request() {
        let typed = |texts: [&str; 3]| body(&texts.map(str::to_owned), now());
        let sent = |texts| serde_json::from_str::<Value>(&typed(texts).unwrap()).unwrap();
        let end = |days| json!(now().plus_millis(days * DAY_MS));
        let one = json!({ "email": "a\"b@example.org", "uses": 5, "expires_at": end(30) });
        assert_eq!(sent([" a\"b@example.org ", "5", "30"]), one);
        assert_eq!(sent(["", "1", "7"]), json!({ "email": null, "uses": 1, "expires_at": end(7) }));
        for (texts, field) in
            [(["", "twenty", "7"], USES), (["", "0", "7"], USES), (["", "1", "1.5"], DAYS), (["", "1", "400"], DAYS)]
        {
            assert_eq!(typed(texts).unwrap_err().fields[0].0, field, "{texts:?}");
        }
    }

    #[test]
    fn what_was_used_up_revoked_or_has_ended_is_not_shown() {
        let at = |millis| serde_json::to_value(now().plus_millis(millis)).unwrap();
        let usable = json!({ "uses": 2, "used": 1, "expires_at": at(1), "revoked_at": null });
        assert!(is_usable(&usable, now()));
        for (name, value) in [("used", json!(2)), ("expires_at", at(0)), ("revoked_at", at(0))] {
            let mut ended = usable.clone();
            ended[name] = value;
            assert!(!is_usable(&ended, now()), "{ended}");
        }
    }
}
