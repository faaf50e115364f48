//! What is kept of a language model besides the text of its replies: thoughts and summaries, on both databases.

use serde_json::Value;
use std::time::Duration;
use tandem_protocol::{
    ConversationId,
    model::{Message, Part},
    rest::SearchHit,
};
use tandem_tests::{
    Device, Reply, TestServer, TestUser,
    database::{DatabaseLocation, Kind},
    device::assert_equal,
    fresh,
    scripted_server::ScriptedServer,
};

/// The tokens of a small model: 1,500 bytes of them are for the conversation.
const CONTEXT: &str = "2000";

async fn on(kind: Kind) -> (DatabaseLocation, ScriptedServer) {
    let database = DatabaseLocation::new(kind).await;
    let setup = TestServer::setup().database(database.url()).env("OPENAI_CONTEXT", CONTEXT).without_rate_limits();
    (database, ScriptedServer::start(setup).await)
}

fn found<'v>(export: &'v Value, id: &Message) -> &'v Value {
    let messages = export["messages"].as_array().expect("an export has messages");
    messages.iter().find(|message| message["id"] == id.id.to_string().as_str()).expect("the message is exported")
}

async fn a_thought_is_stored_and_exported_but_not_found(kind: Kind) {
    let (_database, fixture) = on(kind).await;
    let user = TestUser::register(&fixture.server).await;
    let device = Device::connected(&user, "first").await;
    let script = Reply::default().and_thoughts(0, 3, Duration::from_millis(2)).then(Reply::text("Xylophones."));
    let (_, reply) = fixture.start_reply(&device, [script]).await;
    let message = device.ended(reply).await;
    let [Part::Reasoning { text, .. }, Part::Text { text: words }] = &message.parts[..] else { panic!("{message:?}") };
    assert_eq!((text.as_str(), words.as_str()), ("plain0 größer1 漢字2 ", "Xylophones."));
    let history = user.history(message.conversation_id).await;
    assert_eq!(history.last(), Some(&message));
    let export: Value = user.get("/me/export").await.expect(200).read();
    assert_eq!(found(&export, &message)["parts"][0]["type"], "reasoning");
    let hits: Vec<SearchHit> = user.all_pages("/search", "q=xylophones").await;
    assert_eq!(hits.len(), 1);
    let hits: Vec<SearchHit> = user.all_pages("/search", "q=plain0").await;
    assert_eq!(hits, []);
}

async fn a_summary_is_kept_with_the_last_message_that_it_is_about(kind: Kind) {
    let (_database, fixture) = on(kind).await;
    let user = TestUser::register(&fixture.server).await;
    let device = Device::connected(&user, "first").await;
    let (conversation, word) = (ConversationId(fresh::id()), fresh::word("scripted"));
    fixture.provider.answer(&word, [Reply::text("Yes.")]);
    let mut replies = Vec::new();
    for number in 0..5 {
        let text = format!("{number} {word} {}", "x".repeat(360));
        let sent = device.send_message(conversation, &text).await;
        replies.push(device.ended(sent.assistant_message.id).await);
    }
    let history = user.history(conversation).await;
    let [summarised] = &history.iter().filter(|message| message.summary.is_some()).collect::<Vec<_>>()[..] else {
        panic!("one cut: {history:?}");
    };
    // The scripted model answers every request without tools with this.
    let summary = summarised.summary.as_ref().expect("it has one");
    assert_eq!(summary.text, "A fine title");
    device.wait("the summary", |seen| seen.replica.message(summarised.id)?.summary.clone()).await;
    let other = Device::connected(&user, "second").await;
    other.load_history(conversation).await;
    assert_equal(&device, &other).await;

    let requests = fixture.provider.requests(&word);
    let last = requests.last().expect("there were requests").body["messages"].clone();
    assert_eq!(last[2]["content"], "A fine title");
    assert!(!last.to_string().contains(&format!("0 {word}")));
    let export: Value = user.get("/me/export").await.expect(200).read();
    assert_eq!(found(&export, summarised)["summary"]["text"], "A fine title");

    user.delete(&format!("/conversations/{conversation}")).await.expect(200);
    let export: Value = user.get("/me/export").await.expect(200).read();
    assert_eq!(export["messages"].as_array().map(Vec::len), Some(0));
}

#[tokio::test]
async fn a_thought_is_kept_on_sqlite() {
    a_thought_is_stored_and_exported_but_not_found(Kind::Sqlite).await;
}

#[tokio::test]
async fn a_thought_is_kept_on_postgres() {
    a_thought_is_stored_and_exported_but_not_found(Kind::Postgres).await;
}

#[tokio::test]
async fn a_summary_is_kept_on_sqlite() {
    a_summary_is_kept_with_the_last_message_that_it_is_about(Kind::Sqlite).await;
}

#[tokio::test]
async fn a_summary_is_kept_on_postgres() {
    a_summary_is_kept_with_the_last_message_that_it_is_about(Kind::Postgres).await;
}
