//! Texts that mean something to a database, a search or a pattern are texts: they are kept and found as they were written.

use crate::support::Site;
use serde_json::json;
use tandem_protocol::{
    ConversationId,
    enums::UserRole,
    model::{Conversation, Task},
};
use tandem_tests::{TestUser, fresh};
use url::form_urlencoded::byte_serialize;

on_both!(whatever_is_written_is_kept_and_found_literally, whatever_is_in_a_query_is_literal);

/// Of SQL, of LIKE, of the full-text search of both databases, of JSON paths, of templates and of shells.
const TEXTS: [&str; 20] = [
    "' or '1'='1",
    "'; update users set role = 'owner'; --",
    "\"; drop table tasks; --",
    "1) union select password_hash from users --",
    "$$ select pg_sleep(10) $$",
    "%",
    "_",
    "100%_",
    "a\\b\\",
    "\\%\\_",
    "*",
    "x* NEAR/3 y OR NOT z",
    "title:x AND -y",
    "\"unfinished",
    "a & b | !c <-> (d)",
    "^x{1,}$ [a-z]+ (?i)",
    "$.x[0] #>> '{a}' ?| @>",
    "${jndi:ldap://x} {{7*7}} <%= 1 %>",
    "$(reboot) `reboot` | cat /etc/passwd",
    "?1 :x @x $1 null NULL",
];

fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

async fn whatever_is_written_is_kept_and_found_literally(site: &Site) {
    let (user, neighbour) = (TestUser::register(site).await, TestUser::register(site).await);
    let canary = neighbour.add_task(&fresh::word("canary")).await.title;
    for text in TEXTS {
        let fields = json!({ "title": text, "description": text, "labels": [text], "list": text });
        let task = user.add(fields).await;
        let shown = (task.title.as_str(), task.description.as_str(), task.list.as_deref(), task.labels.as_slice());
        assert_eq!(shown, (text, text, Some(text), &[text.to_owned()][..]));
        let conversation = user.start_conversation(text).await;
        assert_eq!(conversation.title.as_deref(), Some(text));
        let named = user.patch("/me").json(json!({ "name": text })).await.expect(200).value();
        assert_eq!(named["name"], text);
    }
    for text in TEXTS {
        for filter in ["label", "list"] {
            let answer = user.get(&format!("/tasks?{filter}={}", encoded(text))).await;
            let found: Vec<Task> = serde_json::from_value(answer.expect(200).value()["items"].clone()).unwrap();
            assert_eq!(found.iter().map(|task| task.title.as_str()).collect::<Vec<_>>(), [text], "{filter}");
        }
        let hits = user.get(&format!("/search?q={}", encoded(text))).await;
        assert!([200, 400].contains(&hits.status), "{text}: {hits:?}");
        assert!(!hits.body.contains(&canary), "{text} finds what is another user's");
    }
    let conversations: Vec<Conversation> = user.all_pages("/conversations", "").await;
    assert_eq!(conversations.len(), TEXTS.len());
    // The built-in assistant reads texts as well.
    for text in TEXTS {
        user.send_message(ConversationId(fresh::id()), text).await;
    }
    assert_eq!(user.get("/me").await.expect(200).value()["role"], json!(UserRole::Member));
    assert_eq!(neighbour.tasks("").await.len(), 1);
}

async fn whatever_is_in_a_query_is_literal(site: &Site) {
    let user = TestUser::register(site).await;
    let before = user.add_task("Milk").await;
    for text in TEXTS {
        let text = encoded(text);
        let paths = [
            format!("/tasks/{text}"),
            format!("/conversations/{text}"),
            format!("/conversations/{text}/messages"),
            format!("/messages/{text}"),
            format!("/tasks?cursor={text}"),
            format!("/tasks?status={text}"),
            format!("/tasks?sort={text}"),
            format!("/tasks?{text}=1"),
            format!("/events?since={text}"),
        ];
        for path in paths {
            let answer = user.get(&path).await;
            assert!([400, 404, 405].contains(&answer.status), "{path}: {answer:?}");
        }
        let found = site.owner().get(&format!("/admin/users?q={text}")).await.expect(200).value();
        let of_others = found["items"].as_array().unwrap().iter().filter(|it| it["email"] == user.email()).count();
        assert_eq!(of_others, 0, "{text} is no pattern");
    }
    assert_eq!(user.tasks("status=all").await.iter().map(|task| task.id).collect::<Vec<_>>(), [before.id]);
}
