//! The section with the record of what was done with accounts.

use super::{
    facts::{moment, text},
    list::{item, use_list},
};
use crate::text::people as text;
use crate::{
    components::{clock::Clock, icon::Icon, settings::section},
    hooks::use_clock,
};
use serde_json::Value;
use yew::prelude::*;

#[component]
pub(super) fn Record() -> Html {
    let (clock, list) = (use_clock(), use_list("audit?limit=50".to_owned()));
    let rows = list.items().iter().map(|entry| row(entry, &clock));
    let content = html! {
        <>
            <ul class="panel rowlist" aria-label={text::RECORD}>{ for rows }</ul>
            if let Some(onclick) = list.on_more() {
                <p class="acts"><button type="button" class="btn" {onclick}>{ text::SHOW_OLDER }</button></p>
            }
        </>
    };
    section(text::RECORD, text::SIGN_INS_AND_WHAT_WAS, content)
}

fn row(entry: &Value, clock: &Clock) -> Html {
    let icon = if text(entry, "result") == "ok" { Icon::Check } else { Icon::Bad };
    item(text(entry, "id"), icon.large(), html! { <b>{ title(entry) }</b> }, facts(entry, clock), Html::default())
}

/// `Signed in`, or `Signed in: refused`.
fn title(entry: &Value) -> String {
    let words = text::recorded(text(entry, "action"));
    if text(entry, "result") == "ok" { words.to_owned() } else { [words, text::AND_REFUSED].concat() }
}

/// The moment, who did it, the account or invitation, and the address.
fn facts(entry: &Value, clock: &Clock) -> String {
    let mut facts = moment(entry, "at", clock).unwrap_or_default();
    // An account that is gone, or never was one, has no address.
    let named = |who: &str, address: &str| match text(entry, address) {
        "" => text::nobody(text(entry, who)).to_owned(),
        address => address.to_owned(),
    };
    let actor = named("actor", "actor_email");
    let target = Some(named("target", "target_email")).filter(|target| *target != actor).unwrap_or_default();
    // Of other actions it is the id of a session, say, which says nothing to a person.
    let worded = matches!(text(entry, "action"), "role_change" | "user_update");
    let detail = if worded { text(entry, "detail") } else { "" };
    for (word, fact) in [(text::BY, &*actor), (text::TO, &target), ("", detail), (text::FROM, text(entry, "ip"))] {
        if !fact.is_empty() {
            facts = [&facts, " · ", word, fact].concat();
        }
    }
    facts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{clock, now};
    use serde_json::json;

    #[test]
    fn an_entry_reads_as_a_line() {
        let at = serde_json::to_value(now()).unwrap();
        let entry = json!({ "id": "1", "at": at, "actor": "ann", "action": "sign_in", "target": "ann", "detail": null,
            "ip": "192.0.2.1", "node": "n", "result": "refused" });
        assert_eq!(title(&entry), "Signed in: refused");
        assert_eq!(facts(&entry, &clock()), "today, 09:31 · by ann · from 192.0.2.1");
        let entry = json!({ "id": "1", "at": at, "actor": "operator", "action": "user_delete", "target": "deleted",
            "detail": "01a22dc3-8f58-750c-abde-09beee037180", "result": "ok" });
        assert_eq!(facts(&entry, &clock()), "today, 09:31 · by the command line · to a deleted account");
        let entry = json!({ "id": "1", "at": at, "actor": "ann", "actor_email": "ann@example.org", "action": "role_change",
            "target": "ben", "target_email": "ben@example.org", "detail": "owner", "result": "ok" });
        assert_eq!(facts(&entry, &clock()), "today, 09:31 · by ann@example.org · to ben@example.org · owner");
    }
}
