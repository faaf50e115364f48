//! Conversations, messages and runs.

use crate::fixtures::{at, conversation, every_message, message, refusal, reply, run, user, uuid};
use serde_json::json;
use tandem_auth::Owner;
use tandem_domain::page::PageRequest;
use tandem_protocol::{
    ConversationId, MessageId,
    enums::{MessageState, ReplyErrorCode, TextKind, ToolState},
    live::Delta,
    model::{Conversation, Message, Part, ProviderRef, ReplyError, Summary, ToolCall, Usage},
};
use tandem_store::{
    ConversationRow, ConversationState, MessageRow, Run, RunLoad, RunState, Store, StoreError, TitleSource, WriteTx,
};
use tandem_tests::database::TestDatabase;

crate::on_both!(
    a_conversation_comes_back_as_it_was_written,
    a_deleted_conversation_leaves_only_its_id,
    conversations_are_listed_by_their_last_activity,
    a_message_comes_back_as_it_was_written,
    messages_have_places_and_pages_from_the_newest,
    an_id_is_used_once,
    replies_that_have_ended_are_counted,
    active_messages_are_those_that_wait_or_stream,
    texts_of_a_reply_are_fenced_by_its_attempt,
    a_running_reply_is_read_with_the_texts_since_it_was_written,
    a_run_comes_back_as_it_was_written_and_ends_with_its_steps,
    runs_are_counted_by_user_and_conversation,
    the_next_run_is_of_the_same_conversation_or_else_the_oldest_that_can_start,
    missing_rows_cannot_be_changed,
);

async fn add_conversation(store: &dyn Store, owner: &Owner, row: &ConversationRow) {
    let mut tx = store.write(owner).await.unwrap();
    tx.insert_conversation(row).await.unwrap();
    tx.commit().await.unwrap();
}

/// A conversation with a question and a reply that is being written.
async fn exchange(tx: &mut dyn WriteTx) -> (Message, Message) {
    let row = conversation("Plans");
    tx.insert_conversation(&row).await.unwrap();
    let question = message(row.conversation.id, "What is next?");
    let answer = reply(&question);
    tx.insert_message(&question).await.unwrap();
    tx.insert_message(&answer).await.unwrap();
    (question, answer)
}

async fn a_conversation_comes_back_as_it_was_written(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let sources = [TitleSource::None, TitleSource::FirstMessage, TitleSource::Model, TitleSource::User];
    for title_source in sources {
        let row = ConversationRow { title_source, ..conversation("Größe 📏") };
        add_conversation(&*db.store, &ann, &row).await;
        let id = row.conversation.id;
        let mut tx = db.store.write(&ann).await.unwrap();
        assert_eq!(tx.conversation(id).await.unwrap(), ConversationState::Live(row.clone()));
        let shown = Conversation {
            title: None,
            updated_at: at(9),
            last_message_at: Some(at(8)),
            unread: 3,
            pinned: true,
            archived: true,
            provider: Some("builtin".to_owned()),
            ..row.conversation
        };
        let next = ConversationRow { conversation: shown, title_source: TitleSource::None };
        tx.update_conversation(&next, true).await.unwrap();
        assert_eq!(tx.conversation(id).await.unwrap(), ConversationState::Live(next));
    }
    let unknown = ConversationId(uuid());
    assert_eq!(db.store.read(&ann).await.unwrap().conversation(unknown).await.unwrap(), ConversationState::Absent);
}

async fn a_deleted_conversation_leaves_only_its_id(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let mut tx = db.store.write(&ann).await.unwrap();
    let (question, answer) = exchange(tx.as_mut()).await;
    tx.insert_run(&run(&answer, RunState::Running)).await.unwrap();
    tx.save_run_step(answer.id, 0, &json!({"text": "a"})).await.unwrap();
    let id = question.conversation_id;
    tx.delete_conversation(id, at(1)).await.unwrap();
    tx.commit().await.unwrap();

    let mut tx = db.store.write(&ann).await.unwrap();
    assert_eq!(tx.conversation(id).await.unwrap(), ConversationState::Deleted);
    assert_eq!(tx.conversations(&PageRequest { limit: 10, after: None }).await.unwrap(), []);
    assert_eq!(tx.message(question.id).await.unwrap(), None);
    assert_eq!(tx.messages(id, &PageRequest::first()).await.unwrap().rows, []);
    assert_eq!(every_message(tx.as_mut()).await, []);
    assert_eq!(tx.run(answer.id).await.unwrap(), None);
    assert_eq!(tx.run_steps(answer.id).await.unwrap(), Vec::<serde_json::Value>::new());
    let mut again = conversation("Again");
    again.conversation.id = id;
    drop(tx);
    let again = refusal(&*db.store, &ann, async |tx| tx.insert_conversation(&again).await.unwrap()).await;
    assert!(matches!(again, StoreError::Exists("conversation")), "{again:?}");
}

async fn conversations_are_listed_by_their_last_activity(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let mut rows = Vec::new();
    for (created, last) in [(0, Some(50)), (10, None), (20, Some(30)), (0, Some(50)), (60, None)] {
        let mut row = conversation("Thread");
        row.conversation.created_at = at(created);
        row.conversation.last_message_at = last.map(at);
        add_conversation(&*db.store, &ann, &row).await;
        rows.push(row.conversation);
    }
    let mut tx = db.store.read(&ann).await.unwrap();
    let mut seen = Vec::new();
    let mut request = PageRequest { limit: 2, after: None };
    loop {
        let page = tx.conversations(&request).await.unwrap();
        seen.extend(page.iter().take(2).cloned());
        let Some(last) = page.get(1).filter(|_| page.len() > 2) else { break };
        let activity = last.last_message_at.unwrap_or(last.created_at);
        request.after = Some((activity.as_millis(), last.id));
    }
    let order = [4, 3, 0, 2, 1].map(|index: usize| rows[index].clone());
    assert_eq!(seen, order, "newest activity first, and among equals the newest id");
}

async fn a_message_comes_back_as_it_was_written(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let mut tx = db.store.write(&ann).await.unwrap();
    let (question, answer) = exchange(tx.as_mut()).await;
    let call = ToolCall {
        call_id: "c1".to_owned(),
        name: "add_task".to_owned(),
        arguments: json!({"title": "NUL \u{0} and 1e400 as text", "n": 1.5, "deep": [{"b": null, "a": "ü"}]}),
        state: ToolState::AwaitingApproval,
        result: serde_json::Value::Null,
        undo_token: Some("u1".to_owned()),
        step: 0,
        decided: None,
    };
    let full = Message {
        state: MessageState::Interrupted,
        parts: vec![
            Part::Reasoning { text: "Is it \u{0} late?".to_owned(), duration_ms: 1_200 },
            Part::text("It \u{0} is “late”\n"),
            Part::ToolCall(call),
        ],
        attempt: 2,
        provider: Some(ProviderRef { name: "openai".to_owned(), model: "small".to_owned(), instead_of: None }),
        error: Some(ReplyError { code: ReplyErrorCode::Limit, message: "Too long".to_owned() }),
        completed_at: Some(at(4)),
        usage: Some(Usage { prompt_tokens: 10, completion_tokens: 20, first_token_ms: Some(30) }),
        ..answer.clone()
    };
    // Not stored: a reply has the token of what its calls have changed.
    let full = Message { undo_token: full.undo_token_of_parts(), ..full };
    assert!(full.undo_token.is_some());
    assert_eq!(tx.message(answer.id).await.unwrap(), Some(MessageRow { message: answer.clone(), position: 2 }));
    tx.update_message(&full).await.unwrap();
    let summary = Summary { text: "It \u{0} was “late”".to_owned(), created_at: at(5) };
    tx.save_summary(full.id, &summary).await.unwrap();
    let full = Message { summary: Some(summary), ..full };
    // A change of the message leaves its summary.
    tx.update_message(&Message { summary: None, ..full.clone() }).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = db.store.read(&ann).await.unwrap();
    assert_eq!(tx.last_message(question.conversation_id).await.unwrap(), Some(full.id));
    assert_eq!(tx.message(full.id).await.unwrap(), Some(MessageRow { message: full.clone(), position: 2 }));
    assert_eq!(every_message(tx.as_mut()).await, [question, full]);
}

async fn messages_have_places_and_pages_from_the_newest(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let (one, other) = (conversation("One"), conversation("Other"));
    add_conversation(&*db.store, &ann, &one).await;
    add_conversation(&*db.store, &ann, &other).await;
    let mut tx = db.store.write(&ann).await.unwrap();
    for n in 1..=5 {
        tx.insert_message(&message(one.conversation.id, &format!("Message {n}"))).await.unwrap();
        tx.insert_message(&message(other.conversation.id, "Elsewhere")).await.unwrap();
    }
    tx.commit().await.unwrap();
    let mut tx = db.store.read(&ann).await.unwrap();
    let newest = tx.messages(one.conversation.id, &PageRequest { limit: 2, after: None }).await.unwrap();
    assert_eq!(newest.rows.iter().map(|row| row.position).collect::<Vec<_>>(), [5, 4]);
    assert!(newest.more);
    let older = tx.messages(one.conversation.id, &PageRequest { limit: 3, after: Some((4,)) }).await.unwrap();
    let texts: Vec<_> = older.rows.iter().map(|row| row.message.text()).collect();
    assert_eq!((texts, older.more), (["Message 3", "Message 2", "Message 1"].map(Into::into).to_vec(), false));
    assert_eq!(tx.last_message(ConversationId(uuid())).await.unwrap(), None);
}

async fn an_id_is_used_once(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let mut tx = db.store.write(&ann).await.unwrap();
    let (question, answer) = exchange(tx.as_mut()).await;
    tx.insert_run(&run(&answer, RunState::Running)).await.unwrap();
    tx.commit().await.unwrap();
    let message = Message { parts: Vec::new(), ..question.clone() };
    let again = refusal(&*db.store, &ann, async |tx| tx.insert_message(&message).await.unwrap()).await;
    assert!(matches!(again, StoreError::Exists("message")), "{again:?}");
    let run = run(&answer, RunState::Queued);
    let again = refusal(&*db.store, &ann, async |tx| tx.insert_run(&run).await.unwrap()).await;
    assert!(matches!(again, StoreError::Exists("run")), "{again:?}");
    let kept = db.store.read(&ann).await.unwrap().message(question.id).await.unwrap().unwrap();
    assert_eq!(kept.message, question);
}

async fn replies_that_have_ended_are_counted(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let mut tx = db.store.write(&ann).await.unwrap();
    let (question, _) = exchange(tx.as_mut()).await;
    for state in [MessageState::Complete, MessageState::Failed, MessageState::Queued, MessageState::Cancelled] {
        tx.insert_message(&Message { state, ..reply(&question) }).await.unwrap();
    }
    let id = question.conversation_id;
    assert_eq!(tx.replies_after(id, 0).await.unwrap(), 3);
    assert_eq!(tx.replies_after(id, 3).await.unwrap(), 2);
    assert_eq!(tx.replies_after(id, 6).await.unwrap(), 0);
}

async fn active_messages_are_those_that_wait_or_stream(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let mut tx = db.store.write(&ann).await.unwrap();
    let (question, first) = exchange(tx.as_mut()).await;
    let queued = Message { state: MessageState::Queued, created_at: at(2), ..reply(&question) };
    tx.insert_message(&Message { state: MessageState::Complete, ..reply(&question) }).await.unwrap();
    tx.insert_message(&queued).await.unwrap();
    tx.insert_run(&run(&queued, RunState::Queued)).await.unwrap();
    tx.insert_run(&run(&first, RunState::Running)).await.unwrap();
    assert_eq!(tx.active_messages().await.unwrap(), [first, queued]);
}

fn text(answer: &Message, attempt: i64, offset: usize, text: &str) -> Delta {
    Delta { message_id: answer.id, attempt, part: 0, offset, text: text.to_owned(), kind: TextKind::Text }
}

async fn texts_of_a_reply_are_fenced_by_its_attempt(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let mut tx = db.store.write(&ann).await.unwrap();
    let (question, answer) = exchange(tx.as_mut()).await;
    let other = Message { created_at: at(1), ..reply(&question) };
    tx.insert_message(&other).await.unwrap();
    let attempt = Run { attempt: 2, node: Some("b".to_owned()), ..run(&answer, RunState::Running) };
    tx.insert_run(&attempt).await.unwrap();
    tx.update_message(&Message { attempt: 2, ..answer.clone() }).await.unwrap();
    tx.commit().await.unwrap();
    let add = async |node: &str, texts: &[Delta]| {
        let texts: Vec<_> = texts.iter().map(|text| (ann.user().clone(), text.clone())).collect();
        db.store.add_reply_texts(node, &texts).await.unwrap()
    };
    assert_eq!(add("b", &[text(&answer, 1, 0, "older")]).await, []);
    assert_eq!(add("a", &[text(&answer, 2, 0, "another node")]).await, []);
    assert_eq!(add("b", &[text(&other, 2, 0, "no run")]).await, []);
    assert_eq!(add("b", &[text(&answer, 2, 0, "so"), text(&other, 1, 0, "no run")]).await, [answer.id]);
    let mut tx = db.store.read(&ann).await.unwrap();
    assert_eq!(tx.message(answer.id).await.unwrap().unwrap().message.text(), "so");
    assert_eq!(tx.message(other.id).await.unwrap().unwrap().message.text(), "");
}

async fn a_running_reply_is_read_with_the_texts_since_it_was_written(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let mut tx = db.store.write(&ann).await.unwrap();
    let (_, answer) = exchange(tx.as_mut()).await;
    let running = Run { node: Some("a".to_owned()), ..run(&answer, RunState::Running) };
    tx.insert_run(&running).await.unwrap();
    let written = Message { parts: vec![Part::text("Good d")], ..answer.clone() };
    tx.update_message(&written).await.unwrap();
    tx.commit().await.unwrap();
    // Some of it is in the message already, some comes twice; NUL is a character of a text.
    for piece in [text(&answer, 1, 0, "Good"), text(&answer, 1, 4, " day"), text(&answer, 1, 8, "\0!")] {
        let texts = [(ann.user().clone(), piece)];
        assert_eq!(db.store.add_reply_texts("a", &texts).await.unwrap(), [answer.id]);
        assert_eq!(db.store.add_reply_texts("a", &texts).await.unwrap(), [answer.id]);
    }
    let thought = |start, words| Delta { part: 1, kind: TextKind::Reasoning, ..text(&answer, 1, start, words) };
    for piece in [thought(0, "Next\0"), thought(5, "?")] {
        db.store.add_reply_texts("a", &[(ann.user().clone(), piece)]).await.unwrap();
    }
    let thought = Part::streamed(TextKind::Reasoning, "Next\0?");
    let expected = Message { parts: vec![Part::text("Good day\0!"), thought], ..answer.clone() };
    let mut tx = db.store.read(&ann).await.unwrap();
    assert_eq!(tx.message(answer.id).await.unwrap().unwrap().message, expected);
    assert_eq!(tx.active_messages().await.unwrap(), std::slice::from_ref(&expected));
    let page = PageRequest { limit: 10, after: None };
    assert_eq!(tx.messages(answer.conversation_id, &page).await.unwrap().rows[0].message, expected);
    let page = PageRequest { limit: 10, after: None };
    assert_eq!(tx.all_messages(&page).await.unwrap().rows[1].message, expected);
    drop(tx);
    // A new attempt does not have the text of the one before.
    let mut tx = db.store.write(&ann).await.unwrap();
    let again = Message { attempt: 2, ..answer.clone() };
    tx.update_message(&again).await.unwrap();
    assert_eq!(tx.message(answer.id).await.unwrap().unwrap().message, again);
    tx.delete_run(answer.id).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(db.lines("select cast(count(*) as text) from reply_texts").await, ["0"], "they go with the run");
}

async fn a_run_comes_back_as_it_was_written_and_ends_with_its_steps(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let mut tx = db.store.write(&ann).await.unwrap();
    let (question, answer) = exchange(tx.as_mut()).await;
    let later = Message { created_at: at(1), ..reply(&question) };
    tx.insert_message(&later).await.unwrap();
    let (first, second) = (run(&answer, RunState::Running), run(&later, RunState::Queued));
    tx.insert_run(&second).await.unwrap();
    tx.insert_run(&first).await.unwrap();
    assert_eq!(tx.runs(question.conversation_id).await.unwrap(), [first.clone(), second]);
    let leased = Run {
        state: RunState::Waiting,
        attempt: 3,
        node: Some("node-a".to_owned()),
        lease_until: Some(at(10)),
        cancel_requested: true,
        takeovers: 2,
        ..first
    };
    tx.update_run(&leased).await.unwrap();
    assert_eq!(tx.run(answer.id).await.unwrap(), Some(leased.clone()));
    // A writer that has read the run before it was cancelled.
    tx.update_run(&Run { cancel_requested: false, ..leased.clone() }).await.unwrap();
    assert_eq!(tx.run(answer.id).await.unwrap(), Some(leased));
    for (index, text) in [(1, "b"), (0, "a"), (1, "c")] {
        tx.save_run_step(answer.id, index, &json!({"text": text})).await.unwrap();
    }
    assert_eq!(tx.run_steps(answer.id).await.unwrap(), [json!({"text": "a"}), json!({"text": "c"})]);
    tx.delete_run(answer.id).await.unwrap();
    assert_eq!(tx.run(answer.id).await.unwrap(), None);
    assert!(tx.run_steps(answer.id).await.unwrap().is_empty());
    assert!(tx.message(answer.id).await.unwrap().is_some(), "the message is the record of a run that has ended");
    tx.delete_run(MessageId(uuid())).await.unwrap();
}

/// A run in this state of a conversation of its own, or of this one.
async fn run_of(tx: &mut dyn WriteTx, question: Option<&Message>, state: RunState, seconds: i64) -> (Message, Run) {
    let question = match question {
        Some(question) => question.clone(),
        None => exchange(tx).await.0,
    };
    let answer = Message { created_at: at(seconds), ..reply(&question) };
    tx.insert_message(&answer).await.unwrap();
    let run = run(&answer, state);
    tx.insert_run(&run).await.unwrap();
    (question, run)
}

async fn runs_are_counted_by_user_and_conversation(db: TestDatabase) {
    let (ann, ben) = (user(&*db.store, "ann").await, user(&*db.store, "ben").await);
    let mut tx = db.store.write(&ben).await.unwrap();
    run_of(tx.as_mut(), None, RunState::Running, 0).await;
    tx.commit().await.unwrap();
    let mut tx = db.store.write(&ann).await.unwrap();
    let (question, _) = run_of(tx.as_mut(), None, RunState::Waiting, 0).await;
    run_of(tx.as_mut(), Some(&question), RunState::Queued, 1).await;
    let (other, _) = run_of(tx.as_mut(), None, RunState::Running, 2).await;
    run_of(tx.as_mut(), Some(&other), RunState::Queued, 3).await;
    let load = |here, queued_here| RunLoad { running: 1, queued: 2, here, queued_here };
    assert_eq!(tx.run_load(question.conversation_id).await.unwrap(), load(2, 1));
    assert_eq!(tx.run_load(ConversationId(uuid())).await.unwrap(), load(0, 0));
}

async fn the_next_run_is_of_the_same_conversation_or_else_the_oldest_that_can_start(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let mut tx = db.store.write(&ann).await.unwrap();
    let (blocked, waiting) = run_of(tx.as_mut(), None, RunState::Waiting, 0).await;
    let (_, behind) = run_of(tx.as_mut(), Some(&blocked), RunState::Queued, 1).await;
    let (free, oldest) = run_of(tx.as_mut(), None, RunState::Queued, 2).await;
    run_of(tx.as_mut(), Some(&free), RunState::Queued, 3).await;
    let (busy, running) = run_of(tx.as_mut(), None, RunState::Running, 4).await;
    let (_, follows) = run_of(tx.as_mut(), Some(&busy), RunState::Queued, 5).await;
    let mut next = async |at: &Message, ending: Option<&Run>| {
        let found = tx.startable_run(at.conversation_id, ending.map(|run| run.message_id)).await.unwrap();
        found.map(|run| run.message_id)
    };
    assert_eq!(next(&busy, None).await, Some(oldest.message_id), "nothing of a conversation in which one runs");
    assert_eq!(next(&busy, Some(&running)).await, Some(follows.message_id));
    assert_eq!(next(&free, Some(&running)).await, Some(oldest.message_id));
    assert_eq!(next(&blocked, None).await, Some(oldest.message_id), "nor of one that waits for the user");
    assert_eq!(next(&blocked, Some(&waiting)).await, Some(behind.message_id));
}

async fn missing_rows_cannot_be_changed(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let lost = message(ConversationId(uuid()), "Lost");
    let (row, run, task) = (conversation("Lost"), run(&lost, RunState::Queued), crate::fixtures::task(1, "Lost"));
    let refusals = [
        refusal(&*db.store, &ann, async |tx| tx.update_conversation(&row, false).await.unwrap()).await,
        refusal(&*db.store, &ann, async |tx| tx.update_message(&lost).await.unwrap()).await,
        refusal(&*db.store, &ann, async |tx| tx.update_run(&run).await.unwrap()).await,
        refusal(&*db.store, &ann, async |tx| tx.update_task(&task, true).await.unwrap()).await,
        refusal(&*db.store, &ann, async |tx| tx.insert_message(&lost).await.unwrap()).await,
    ];
    assert!(refusals.iter().all(|refusal| matches!(refusal, StoreError::Broken(_))), "{refusals:?}");
}
