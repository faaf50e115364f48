//! Conversations over REST: creation, titles, order, unread counts and deletion.

use crate::support::Site;
use serde_json::json;
use tandem_protocol::{
    ConversationId, ErrorCode,
    enums::ProviderState,
    model::Conversation,
    rest::{ConversationWritten, Deleted, ServerInfo},
};
use tandem_tests::{TestUser, eventually, fresh};

on_both!(
    a_conversation_is_made_named_and_deleted,
    the_newest_activity_comes_first,
    the_first_message_names_an_unnamed_conversation,
    a_title_that_the_user_set_stays,
    replies_count_as_unread_until_they_are_read,
    a_deleted_conversation_is_not_revived,
    a_client_id_cannot_be_used_twice,
    what_the_user_wants_of_a_conversation_is_kept,
    a_pinned_conversation_is_in_every_snapshot,
    a_server_names_who_can_answer,
);

async fn a_conversation_is_made_named_and_deleted(site: &Site) {
    let user = TestUser::register(site).await;
    let made: ConversationWritten = user.post("/conversations").json(json!({})).await.expect(201).read();
    assert_eq!(made.conversation.title, None);
    assert_eq!(made.conversation.unread, 0);
    let path = format!("/conversations/{}", made.conversation.id);
    assert_eq!(user.get(&path).await.expect(200).read::<Conversation>(), made.conversation);

    let named: ConversationWritten = user.patch(&path).json(json!({ "title": "Holidays" })).await.expect(200).read();
    assert_eq!(named.conversation.title.as_deref(), Some("Holidays"));
    assert!(named.seq > made.seq);

    let deleted: Deleted = user.delete(&path).await.expect(200).read();
    assert!(deleted.seq > named.seq);
    user.get(&path).await.refused(ErrorCode::NotFound);
    assert!(user.all_pages::<Conversation>("/conversations", "").await.is_empty());
}

async fn the_newest_activity_comes_first(site: &Site) {
    let user = TestUser::register(site).await;
    let first = user.start_conversation("first").await;
    let second = user.start_conversation("second").await;
    let titles = async |query: &str| -> Vec<String> {
        let all: Vec<Conversation> = user.all_pages("/conversations", query).await;
        all.into_iter().filter_map(|conversation| conversation.title).collect()
    };
    user.send_message(second.id, "hello").await;
    user.send_message(first.id, "hello").await;
    assert_eq!(titles("").await, ["first", "second"]);
    assert_eq!(titles("limit=1").await, ["first", "second"], "pages of one go on where the last one ended");
}

async fn the_first_message_names_an_unnamed_conversation(site: &Site) {
    let user = TestUser::register(site).await;
    let id = ConversationId(fresh::id());
    user.send_message(id, "Add a task to read 1984").await;
    let conversation: Conversation = user.get(&format!("/conversations/{id}")).await.expect(200).read();
    assert!(conversation.title.as_deref().is_some_and(|title| title.contains("1984")), "{conversation:?}");
}

async fn a_title_that_the_user_set_stays(site: &Site) {
    let user = TestUser::register(site).await;
    let conversation = user.start_conversation("Mine").await;
    user.send_message(conversation.id, "hello").await;
    wait_for_unread(&user, conversation.id, 1).await;
    let now: Conversation = user.get(&format!("/conversations/{}", conversation.id)).await.expect(200).read();
    assert_eq!(now.title.as_deref(), Some("Mine"));
}

async fn wait_for_unread(user: &TestUser, id: ConversationId, unread: i64) {
    eventually(format_args!("{unread} unread"), async || {
        let now: Conversation = user.get(&format!("/conversations/{id}")).await.expect(200).read();
        (now.unread == unread).then_some(())
    })
    .await;
}

async fn replies_count_as_unread_until_they_are_read(site: &Site) {
    let user = TestUser::register(site).await;
    let id = ConversationId(fresh::id());
    let first = user.send_message(id, "hello").await;
    wait_for_unread(&user, id, 1).await;
    let second = user.send_message(id, "hello again").await;
    wait_for_unread(&user, id, 2).await;
    let read = async |message| -> ConversationWritten {
        user.post(&format!("/conversations/{id}/read")).json(json!({ "message_id": message })).await.expect(200).read()
    };
    assert_eq!(read(first.assistant_message.id).await.conversation.unread, 1);
    assert_eq!(read(second.assistant_message.id).await.conversation.unread, 0);
}

async fn a_deleted_conversation_is_not_revived(site: &Site) {
    let user = TestUser::register(site).await;
    let conversation = user.start_conversation("Gone").await;
    let path = format!("/conversations/{}", conversation.id);
    user.delete(&path).await.expect(200);
    user.post(&format!("{path}/messages")).json(json!({ "text": "hello" })).await.refused(ErrorCode::NotFound);
    user.delete(&path).await.refused(ErrorCode::NotFound);
}

async fn a_client_id_cannot_be_used_twice(site: &Site) {
    let (one, other) = (TestUser::register(site).await, TestUser::register(site).await);
    let conversation = one.start_conversation("Mine").await;
    let again = json!({ "id": conversation.id, "title": "Again" });
    one.post("/conversations").json(again.clone()).await.refused(ErrorCode::Conflict);
    other.post("/conversations").json(again).await.expect(201);
    let mine: Conversation = one.get(&format!("/conversations/{}", conversation.id)).await.expect(200).read();
    assert_eq!(mine, conversation, "what another user makes under the same id is another thing");
}

async fn what_the_user_wants_of_a_conversation_is_kept(site: &Site) {
    let user = TestUser::register(site).await;
    let id = user.start_conversation("Talk").await.id;
    let path = format!("/conversations/{id}");
    let change = async |body| user.patch(&path).json(body).await;
    let kept: ConversationWritten = change(json!({"pinned": true, "provider": "builtin"})).await.expect(200).read();
    let shown = user.get(&path).await.expect(200).read::<Conversation>();
    assert_eq!(shown, kept.conversation);
    assert_eq!((shown.pinned, shown.archived, shown.provider.as_deref()), (true, false, Some("builtin")));
    assert_eq!(shown.title.as_deref(), Some("Talk"), "what is not named stays");
    // The same again is no change.
    let again: ConversationWritten = change(json!({"pinned": true})).await.expect(200).read();
    assert_eq!(again.seq, kept.seq);

    change(json!({"archived": true})).await.expect(200);
    user.send_message(id, "hello").await;
    assert!(!user.get(&path).await.expect(200).read::<Conversation>().archived, "a message takes it back");
    let usual: ConversationWritten = change(json!({"provider": null})).await.expect(200).read();
    assert_eq!(usual.conversation.provider, None);
    let before: ConversationWritten = change(json!({"pinned": true})).await.expect(200).read();
    let same: ConversationWritten = change(json!({})).await.expect(200).read();
    assert_eq!((same.seq, same.conversation), (before.seq, before.conversation), "nothing is given, nothing changes");
    change(json!({"provider": "nobody"})).await.refused(ErrorCode::InvalidRequest);
}

async fn a_pinned_conversation_is_in_every_snapshot(site: &Site) {
    let user = TestUser::register(site).await;
    let old = user.start_conversation("old").await.id;
    for number in 0..51 {
        user.start_conversation(&format!("newer {number}")).await;
    }
    let has_it = async || user.snapshot().await.conversations.items.iter().any(|known| known.id == old);
    assert!(!has_it().await, "it is beyond the first page");
    user.patch(&format!("/conversations/{old}")).json(json!({"pinned": true})).await.expect(200);
    assert!(has_it().await);
}

async fn a_server_names_who_can_answer(site: &Site) {
    let user = TestUser::register(site).await;
    let server: ServerInfo = user.get("/server").await.expect(200).read();
    let last = server.providers.last().expect("the built-in assistant");
    assert_eq!((last.name.as_str(), last.state, last.local), ("builtin", ProviderState::Ready, true));
    assert!(!server.version.is_empty());
    let anonymous = user.anonymous_request(reqwest::Method::GET, "/api/v1/server").await;
    assert!(anonymous.expect(200).read::<ServerInfo>().providers.is_empty(), "models are shown to users");
    user.get("/server").bearer("x").await.refused(ErrorCode::InvalidToken);
}
