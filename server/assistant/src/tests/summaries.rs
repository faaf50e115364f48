//! Conversations that outgrow the context of their model.

use super::{
    Node, TestDatabase, endpoint, is_complete, provider,
    upstream::{Script, Upstream, text, thoughts},
};
use crate::providers::{Endpoint, ProviderSettings};
use serde_json::Value;
use tandem_protocol::{
    ConversationId, MessageId,
    enums::MessageState,
    live::{Command, EventBody, command::MessageSend},
    model::{Message, Summary},
    rest::{MessageSent, PageQuery},
};
use tandem_service::Admin;
use uuid::Uuid;

/// The conversation of [`Node::send`].
const CONVERSATION: ConversationId = ConversationId(Uuid::from_u128(1));
/// Words that make a quarter of the budget of the small model.
const LONG: usize = 360;

fn answer(words: &str) -> Script {
    text(&[words]).finish("stop").done()
}

/// A model with a context of 2,000 tokens, of which 1,500 bytes are for the conversation.
fn small(upstream: &Upstream) -> ProviderSettings {
    ProviderSettings::OpenAi(Endpoint { context: Some(2_000), ..endpoint(upstream) })
}

async fn node(upstream: &Upstream) -> (TestDatabase, Node) {
    let database = TestDatabase::new().await;
    let node = database.node("a", vec![small(upstream), ProviderSettings::Builtin]).await;
    (database, node)
}

/// A question that names itself and is long.
fn question(n: usize) -> String {
    format!("Question {n}: {}", "x".repeat(LONG))
}

async fn stored(node: &Node) -> Vec<Message> {
    node.services.messages(&node.admitted().await, CONVERSATION, PageQuery::default()).await.unwrap().items
}

fn summaries(messages: &[Message]) -> Vec<(MessageId, &Summary)> {
    messages.iter().filter_map(|message| Some((message.id, message.summary.as_ref()?))).collect()
}

fn turns(request: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let messages = request["messages"].as_array().unwrap();
    messages.iter().skip(1).map(|message| (text(&message["role"]), text(&message["content"]))).collect()
}

/// Whether the second request begins with the first.
fn continues(before: &Value, after: &Value) -> bool {
    let (before, after) = (before["messages"].as_array().unwrap(), after["messages"].as_array().unwrap());
    after.starts_with(before)
}

#[tokio::test]
async fn what_falls_out_is_summarised_once_and_kept() {
    let upstream = Upstream::start([]).await;
    let (_database, node) = node(&upstream).await;
    upstream.summarise_as(thoughts("reasoning", &["Hm."]).then(answer("They planned a trip.")));
    let mut cuts = 0;
    for n in 0..12 {
        is_complete(&node.reply_to(&question(n)).await);
        let requests = upstream.requests();
        let [.., before, last] = &requests[..] else { continue };
        let turns = turns(last);
        assert_eq!(turns.last(), Some(&("user".to_owned(), question(n))));
        if !continues(before, last) {
            cuts += 1;
            assert_eq!(turns[1], ("assistant".to_owned(), "They planned a trip.".to_owned()));
        }
    }
    let messages = stored(&node).await;
    assert_eq!((summaries(&messages).len(), cuts), (cuts, cuts), "one for each cut");
    assert!((2..=5).contains(&cuts), "{cuts} cuts in twelve messages");
    let asked = upstream.summary_requests();
    assert_eq!(asked.len(), cuts);
    let first = asked[0]["messages"][1]["content"].as_str().unwrap();
    assert!(first.starts_with("User: Question 0") && !first.contains("What was said before"));
    let second = asked[1]["messages"][1]["content"].as_str().unwrap();
    assert!(second.starts_with("What was said before, as a summary: They planned a trip."), "{second}");
    assert!(!second.contains("Question 0:"), "it is in the summary");
    // Twelve tokens for each of twelve replies, each summary, and the title, which may come later.
    let user = node.services.managed_user(&Admin::operator(), node.caller.owner.user()).await.unwrap();
    let requests = i64::try_from(12 + cuts).unwrap();
    assert!([12 * requests, 12 * (requests + 1)].contains(&user.spending.tokens), "{:?}", user.spending);

    let (id, summary) = summaries(&messages)[0];
    let event = |body| match body {
        EventBody::MessageUpdated { message } if message.id == id => message.summary,
        _ => None,
    };
    assert_eq!(node.event(event).await, *summary, "every device is sent it");
}

#[tokio::test]
async fn a_summary_belongs_to_the_branch_of_its_messages() {
    let upstream = Upstream::start([]).await;
    let (_database, node) = node(&upstream).await;
    upstream.summarise_as(answer("They planned a trip."));
    for n in 0..5 {
        node.reply_to(&question(n)).await;
    }
    let messages = stored(&node).await;
    assert_eq!(summaries(&messages).len(), 1);
    let edit = |parent_id| {
        let text = "Something else".into();
        Command::MessageSend(MessageSend { conversation_id: CONVERSATION, id: None, text, parent_id })
    };
    // Beside the first message: nothing of the conversation is before it.
    let sent: MessageSent = node.execute(edit(Some(None))).await;
    node.ended(sent.assistant_message.id).await;
    let [.., edited] = &upstream.requests()[..] else { panic!("it was not requested") };
    assert_eq!(turns(edited), [("user".to_owned(), "Something else".to_owned())]);
    // After the newest message: it still stands for the start.
    let newest = messages.last().map(|message| message.id);
    let sent: MessageSent = node.execute(edit(Some(newest))).await;
    node.ended(sent.assistant_message.id).await;
    let [.., later] = &upstream.requests()[..] else { panic!("it was not requested") };
    assert_eq!(turns(later)[1].1, "They planned a trip.");
}

#[tokio::test]
async fn without_a_summary_the_oldest_messages_are_left_out() {
    for failed in [super::upstream::status(500), text(&["Half a"]).finish("length").done(), text(&["Half"]).cut()] {
        let upstream = Upstream::start([]).await;
        let (_database, node) = node(&upstream).await;
        upstream.summarise_as(failed);
        for n in 0..5 {
            let reply = node.reply_to(&question(n)).await;
            assert_eq!((reply.state, provider(&reply)), (MessageState::Complete, "openai"));
        }
        assert_eq!(summaries(&stored(&node).await), []);
        let [.., last] = &upstream.requests()[..] else { panic!("nothing was requested") };
        assert!(!last["messages"].to_string().contains("Question 0:"));
        let system = last["messages"][0]["content"].as_str().unwrap();
        assert!(system.ends_with("Earlier messages of this conversation are not shown to you."));
    }
}

#[tokio::test]
async fn stopping_a_reply_stops_its_summary() {
    let upstream = Upstream::start([]).await;
    let (_database, node) = node(&upstream).await;
    for n in 0..3 {
        node.reply_to(&question(n)).await;
    }
    upstream.summarise_as(text(&["They"]).hang());
    let id = node.send(&question(3)).await;
    tokio::time::timeout(super::TIMEOUT, upstream.summary_requested()).await.unwrap();
    node.cancel(id).await;
    tokio::time::timeout(super::TIMEOUT, upstream.hung_up()).await.unwrap();
    let reply = node.ended(id).await;
    assert_eq!((reply.state, reply.parts.len()), (MessageState::Cancelled, 0));
}

#[tokio::test]
async fn the_built_in_assistant_never_summarises() {
    // The key is refused at the first message, so that the built-in assistant answers all of them.
    let upstream = Upstream::start([super::upstream::status(401)]).await;
    let (_database, node) = node(&upstream).await;
    for n in 0..5 {
        assert_eq!(provider(&node.reply_to(&question(n)).await), "builtin");
    }
    assert_eq!((summaries(&stored(&node).await), upstream.summary_requests()), (vec![], vec![]));
}
