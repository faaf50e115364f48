//! All statements that read data of a user.

use super::person::Person;
use crate::fixtures::at;
use tandem_domain::{
    due::{DueCondition, Today},
    page::PageRequest,
};
use tandem_protocol::{
    CompletionId, ConversationId, TaskRef,
    enums::{DueFilter, Priority, StatusFilter},
};
use tandem_store::{ReadTx, Store, TaskFilter, TaskName};
use uuid::Uuid;

pub(super) async fn read_everything(store: &dyn Store, person: &Person) {
    let mut tx = store.read(&person.owner).await.unwrap();
    account(tx.as_mut(), person).await;
    chat(tx.as_mut(), person).await;
    tasks(tx.as_mut(), person).await;
    candidates(tx.as_mut(), person).await;
    search(tx.as_mut()).await;
    assert!(tx.log_state(person.session, at(0)).await.unwrap().session_alive);
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
        assert!(!found.rows.is_empty(), "no messages after {after:?}");
    }
    assert!(tx.message(person.message).await.unwrap().is_some());
    let last = tx.last_message(person.conversation).await.unwrap().unwrap();
    let end = tx.message(last).await.unwrap().unwrap().position;
    tx.replies_after(person.conversation, end - 8).await.unwrap();
    tx.active_messages().await.unwrap();
    for after in [None, Some((person.conversation, 6))] {
        assert!(!tx.all_messages(&PageRequest { limit: 50, after }).await.unwrap().rows.is_empty());
    }
    tx.run(person.message).await.unwrap();
    tx.runs(person.conversation).await.unwrap();
    tx.run_load(person.conversation).await.unwrap();
    for ending in [None, Some(person.message)] {
        tx.startable_run(person.conversation, ending).await.unwrap();
    }
    tx.run_steps(person.message).await.unwrap();
}

async fn tasks(tx: &mut dyn ReadTx, person: &Person) {
    for reference in [TaskRef::Id(person.task), TaskRef::Number(person.number)] {
        assert!(tx.task(reference).await.unwrap().is_some(), "{reference:?}");
        assert!(tx.kept_task(person.task).await.unwrap().is_some());
    }
    for status in [StatusFilter::Open, StatusFilter::Done, StatusFilter::All] {
        assert!(!tx.all_tasks(status).await.unwrap().is_empty());
        let later = Some((format!("a{:08}", person.number), person.number));
        for after in [None, later] {
            for mut filter in filters(status) {
                filter.until = tx.window(&filter, after.as_ref()).await.unwrap();
                tx.brief_tasks(&filter, 50).await.unwrap();
                tx.count_tasks(&filter).await.unwrap();
                tx.tasks(&filter, &PageRequest { limit: 50, after: after.clone() }).await.unwrap();
            }
            if let Some(after) = &after {
                assert!(!tx.tasks_before(after, 50).await.unwrap().is_empty());
            }
        }
    }
}

/// The reads of tasks by the assistant.
async fn candidates(tx: &mut dyn ReadTx, person: &Person) {
    assert!(tx.task_counts(&Today::at(at(0), "Europe/Berlin")).await.unwrap().open > 0);
    assert!(!tx.next_tasks(at(0), 500).await.unwrap().is_empty());
    assert!(!tx.last_tasks(400).await.unwrap().is_empty());
    tx.done_tasks(200).await.unwrap();
    for kind in [TaskName::Label, TaskName::List] {
        let counts = tx.count_names(kind, &["home".to_owned(), "List 1".to_owned(), "new".to_owned()]).await.unwrap();
        assert!(counts.known > 0, "{counts:?}");
    }
    assert_eq!(tx.named_tasks(&[person.number], &[person.task]).await.unwrap().len(), 2);
    tx.feeds().await.unwrap();
    tx.push_subscriptions().await.unwrap();
    tx.kept_pushes(1_000).await.unwrap();
    tx.pinned_conversations(50).await.unwrap();
    assert_eq!(tx.whole_tasks(&[person.task]).await.unwrap().len(), 1);
    tx.find_tasks(&["milk".to_owned(), "nothing".to_owned()], 100).await.unwrap();
    assert!(!tx.ancestors(person.task, 32).await.unwrap().is_empty());
    tx.descendants(person.task, 500).await.unwrap();
    assert!(tx.last_completion(person.task).await.unwrap().is_some());
    tx.task_events(person.task, 51).await.unwrap();
    tx.undo_entry_from(1).await.unwrap();
    let later = Some((at(-60 * 24 * 3600).as_millis(), CompletionId(Uuid::nil())));
    for (since, until, after) in [(None, None, None), (Some(at(-24 * 3600)), Some(at(0)), None), (None, None, later)] {
        tx.completions(since, until, &PageRequest { limit: 50, after }).await.unwrap();
    }
}

/// Each filter, alone with a status.
fn filters(status: StatusFilter) -> Vec<TaskFilter> {
    let all = TaskFilter::status(status);
    let due =
        |filter| TaskFilter { due: Some(DueCondition::of(filter, Today::at(at(0), "Europe/Berlin"))), ..all.clone() };
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
        TaskFilter { parent: Some(StatusFilter::Open), ..all.clone() },
        TaskFilter { texts: vec!["Milk 4".to_lowercase()], ..all.clone() },
        TaskFilter { texts: vec!["nothing".to_lowercase()], ..all.clone() },
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
