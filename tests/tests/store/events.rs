//! The event log, the results of commands, and undo entries.

use crate::fixtures::{at, created, refusal, session, task, user, uuid};
use tandem_domain::change::TaskChange;
use tandem_protocol::{
    CommandId, MessageId,
    enums::ActorKind,
    live::{Actor, EventBody},
};
use tandem_store::{BeginOptions, EventDraft, LogState, StoreError, StoredCommand, UndoEntry, UndoOrigin};
use tandem_tests::database::TestDatabase;

crate::on_both!(
    an_event_comes_back_as_it_was_appended,
    the_log_is_read_in_pieces,
    a_device_that_connects_receives_the_head_of_the_log,
    a_command_keeps_its_first_answer,
    the_newest_change_is_undone_first,
);

async fn an_event_comes_back_as_it_was_appended(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let mut tx = db.store.write(&ann).await.unwrap();
    let milk = task(1, "Milk \u{0} and \"honey\" 🍯");
    let by_tool = EventDraft {
        at: at(3),
        body: EventBody::TaskDeleted { task_id: milk.id },
        actor: Actor { kind: ActorKind::Mcp, device_id: None },
        command_id: Some(CommandId(uuid())),
    };
    let first = tx.append(&created(&milk)).await.unwrap();
    let second = tx.append(&by_tool).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!((first.seq, second.seq), (1, 2));
    assert_eq!(first.body().unwrap(), Some(EventBody::TaskCreated { task: milk }));
    let mut tx = db.store.read(&ann).await.unwrap();
    assert_eq!(tx.account().await.unwrap().seq, 2);
    assert_eq!(tx.events_after(0, 10).await.unwrap(), [first, second], "the data is kept to the letter");
}

async fn the_log_is_read_in_pieces(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    assert_eq!(db.store.read(&ann).await.unwrap().oldest_seq().await.unwrap(), None);
    let mut tx = db.store.write(&ann).await.unwrap();
    for _ in 0..5 {
        tx.append(&created(&task(1, "Milk"))).await.unwrap();
    }
    tx.commit().await.unwrap();
    let mut tx = db.store.read(&ann).await.unwrap();
    let seqs = |events: Vec<tandem_protocol::live::Event>| events.iter().map(|event| event.seq).collect::<Vec<_>>();
    assert_eq!(tx.oldest_seq().await.unwrap(), Some(1));
    assert_eq!(seqs(tx.events_after(0, 2).await.unwrap()), [1, 2]);
    assert_eq!(seqs(tx.events_after(2, 2).await.unwrap()), [3, 4]);
    assert_eq!(seqs(tx.events_after(4, 2).await.unwrap()), [5]);
    assert_eq!(seqs(tx.events_after(9, 2).await.unwrap()), [0; 0]);
}

async fn a_device_that_connects_receives_the_head_of_the_log(db: TestDatabase) {
    let (ann, ben) = (user(&*db.store, "ann").await, user(&*db.store, "ben").await);
    let laptop = session(1);
    let standing = async |owner, seconds| {
        let mut tx = db.store.read(owner).await.unwrap();
        tx.log_state(laptop.session.id, at(seconds)).await.unwrap()
    };
    let mut tx = db.store.write(&ann).await.unwrap();
    tx.insert_session(&laptop).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(standing(&ann, 1).await, LogState { head: 0, oldest: None, session_alive: true });
    assert!(!standing(&ben, 1).await.session_alive, "it is not his session");
    assert!(!standing(&ann, 3600).await.session_alive, "it is over");
    let mut tx = db.store.write(&ann).await.unwrap();
    for _ in 0..3 {
        tx.append(&created(&task(1, "Milk"))).await.unwrap();
    }
    tx.revoke_session(laptop.session.id, at(2)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(standing(&ann, 3).await, LogState { head: 3, oldest: Some(1), session_alive: false });
}

async fn a_command_keeps_its_first_answer(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let first = StoredCommand {
        id: CommandId(uuid()),
        fingerprint: [3; 32],
        status: 201,
        seq: 7,
        body: r#"{"a":1,  "a":2}"#.to_owned(),
        event_refs: Vec::new(),
    };
    let mut tx = db.store.write(&ann).await.unwrap();
    assert_eq!(tx.command(first.id).await.unwrap(), None);
    tx.save_command(&first, at(0)).await.unwrap();
    tx.commit().await.unwrap();
    let other = StoredCommand { status: 200, ..first.clone() };
    let again = refusal(&*db.store, &ann, async |tx| tx.save_command(&other, at(1)).await.unwrap()).await;
    assert!(matches!(again, StoreError::Exists("command")), "{again:?}");
    assert_eq!(db.store.read(&ann).await.unwrap().command(first.id).await.unwrap().as_ref(), Some(&first));
    let options = BeginOptions { right: None, command: Some(first.id), disabled: false };
    assert_eq!(db.store.begin(&ann, options).await.unwrap().done, Some(first));
    let options = BeginOptions { right: None, command: Some(CommandId(uuid())), disabled: false };
    assert_eq!(db.store.begin(&ann, options).await.unwrap().done, None);
}

async fn the_newest_change_is_undone_first(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let entry = |token: &str| UndoEntry {
        token: token.to_owned(),
        at: at(0),
        used: false,
        reversal: false,
        changes: vec![TaskChange { before: Some(task(1, "Old")), after: None }.into()],
        origin: (token != "a").then(|| UndoOrigin { message_id: MessageId(uuid()), part: 2 }),
    };
    let mut entries = Vec::new();
    for token in ["z", "m", "a"] {
        let mut tx = db.store.write(&ann).await.unwrap();
        tx.append(&created(&task(1, "Milk"))).await.unwrap();
        entries.push(entry(token));
        tx.save_undo(&entries[entries.len() - 1]).await.unwrap();
        tx.commit().await.unwrap();
    }
    let mut tx = db.store.write(&ann).await.unwrap();
    assert_eq!(tx.last_undo_entry().await.unwrap(), Some(entries[2].clone()), "made at one moment, ordered by the log");
    tx.use_undo("a").await.unwrap();
    assert_eq!(tx.last_undo_entry().await.unwrap(), Some(entries[1].clone()));
    assert_eq!(tx.undo_entry("a").await.unwrap(), Some(UndoEntry { used: true, ..entries[2].clone() }));
    assert_eq!(tx.undo_entry("nonsense").await.unwrap(), None);
    let reversal = UndoEntry { reversal: true, ..entry("r") };
    tx.save_undo(&reversal).await.unwrap();
    assert_eq!(tx.last_undo_entry().await.unwrap(), Some(entries[1].clone()), "what took a change back is none");
    assert_eq!(tx.undo_entry("r").await.unwrap(), Some(reversal));
    tx.use_undo("m").await.unwrap();
    tx.use_undo("z").await.unwrap();
    assert_eq!(tx.last_undo_entry().await.unwrap(), None);
}
