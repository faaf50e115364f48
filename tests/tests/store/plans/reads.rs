//! Everything that can be read of a user.

use super::person::Person;
use crate::fixtures::at;
use jiff::civil::date;
use tandem_protocol::{
    ConversationId, TaskRef,
    vocab::{DueFilter, Priority, StatusFilter},
};
use tandem_server::{
    domain::page::PageRequest,
    store::{ReadTx, Store, TaskFilter},
};
use uuid::Uuid;

pub(super) async fn read_everything(store: &dyn Store, person: &Person) {
    let mut tx = store.read(&person.owner).await.unwrap();
    account(tx.as_mut(), person).await;
    chat(tx.as_mut(), person).await;
    tasks(tx.as_mut(), person).await;
    search(tx.as_mut()).await;
    assert!(tx.log_standing(person.session, at(0)).await.unwrap().session_alive);
    for seq in [0, 40, 11_900] {
        tx.events_after(seq, 500).await.unwrap();
    }
    tx.oldest_seq().await.unwrap();
    assert!(tx.command(person.command).await.unwrap().is_some());
    assert!(tx.undo_entry(&person.undo).await.unwrap().is_some());
    tx.last_undo_entry().await.unwrap();
}

async fn account(tx: &mut dyn ReadTx, person: &Person) {
    assert_eq!(&tx.account().await.unwrap().user.id, person.owner.user());
    assert!(tx.password_hash().await.unwrap().is_some());
    assert!(!tx.sessions(at(0)).await.unwrap().is_empty());
    assert!(!tx.personal_tokens().await.unwrap().is_empty());
}

async fn chat(tx: &mut dyn ReadTx, person: &Person) {
    tx.conversation(person.conversation).await.unwrap();
    for after in [None, Some((at(-60 * 24 * 3600).as_millis(), ConversationId(Uuid::nil())))] {
        let found = tx.conversations(&PageRequest { limit: 50, after }).await.unwrap();
        assert!(!found.is_empty(), "no conversations after {after:?}");
    }
    for (limit, after) in [(50, None), (200, None), (50, Some((6,))), (50, Some((10_000,)))] {
        let found = tx.messages(person.conversation, &PageRequest { limit, after }).await.unwrap();
        assert!(!found.is_empty(), "no messages after {after:?}");
    }
    assert!(tx.message(person.message).await.unwrap().is_some());
    let last = tx.last_message(person.conversation).await.unwrap().unwrap();
    let end = tx.message(last).await.unwrap().unwrap().position;
    tx.replies_after(person.conversation, end - 8).await.unwrap();
    tx.active_messages().await.unwrap();
    for after in [None, Some((person.conversation, 6))] {
        assert!(tx.all_messages(&PageRequest { limit: 50, after }).await.unwrap().len() >= 50);
    }
    tx.run(person.message).await.unwrap();
    tx.runs(person.conversation).await.unwrap();
    tx.run_steps(person.message).await.unwrap();
}

async fn tasks(tx: &mut dyn ReadTx, person: &Person) {
    for reference in [TaskRef::Id(person.task), TaskRef::Number(person.number)] {
        assert!(tx.task(reference).await.unwrap().is_some(), "{reference:?}");
    }
    for status in [StatusFilter::Open, StatusFilter::Done, StatusFilter::All] {
        assert!(!tx.all_tasks(status).await.unwrap().is_empty());
        let later = Some((format!("a{:08}", person.number), person.number));
        for after in [None, later] {
            for filter in filters(status) {
                tx.tasks(&filter, &PageRequest { limit: 50, after: after.clone() }).await.unwrap();
            }
        }
    }
}

/// Each filter, alone with a status.
fn filters(status: StatusFilter) -> Vec<TaskFilter> {
    let all = TaskFilter::status(status);
    let due = |filter| TaskFilter { due: Some((filter, date(2026, 11, 23), at(0))), ..all.clone() };
    vec![
        due(DueFilter::Today),
        due(DueFilter::Week),
        due(DueFilter::Overdue),
        due(DueFilter::None),
        TaskFilter { list: Some("List 1".to_owned()), ..all.clone() },
        TaskFilter { list: Some("No such list".to_owned()), ..all.clone() },
        TaskFilter { label: Some("home".to_owned()), ..all.clone() },
        TaskFilter { label: Some("nowhere".to_owned()), ..all.clone() },
        TaskFilter { priority: Some(Priority::Urgent), ..all.clone() },
        TaskFilter { text: Some("Milk 4".to_owned()), ..all.clone() },
        TaskFilter { text: Some("nothing".to_owned()), ..all.clone() },
        all,
    ]
}

/// Words that everything has, that little has, and that nothing has.
async fn search(tx: &mut dyn ReadTx) {
    for words in [&["milk"][..], &["milk", "w7"], &["talk"], &["nothing"]] {
        let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
        for skip in [0, 150] {
            tx.search(&words, &PageRequest { limit: 50, after: Some((skip,)) }).await.unwrap();
        }
    }
}
