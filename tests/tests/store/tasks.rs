//! Tasks: fields, filters and order.

use crate::fixtures::{add_task, at, refusal, task, tasks, user};
use jiff::civil::{date, time};
use tandem_auth::Owner;
use tandem_domain::{
    due::{DueCondition, Today},
    page::PageRequest,
    series::CompletionRecord,
};
use tandem_protocol::{
    CompletionId, TaskRef,
    enums::{Anchor, DueFilter, Priority, StatusFilter, TaskStatus},
    model::{Due, Recurrence, Task},
};
use tandem_store::{Store, StoreError, TaskCounts, TaskFilter, TaskName, WINDOW};
use tandem_tests::database::TestDatabase;

crate::on_both!(
    a_task_comes_back_as_it_was_written,
    a_change_replaces_every_field,
    a_refused_write_ends_its_transaction,
    numbers_go_on_after_the_highest,
    the_trash_hides_a_task_and_keeps_its_id,
    lists_are_in_the_order_of_places_compared_as_bytes,
    the_names_of_tasks_are_counted,
    pages_follow_each_other_without_gap_or_repetition,
    a_list_is_filtered_by_status_list_label_and_priority,
    a_list_is_filtered_by_text_literally_and_without_case,
    a_list_is_filtered_by_date,
    a_filter_without_an_index_looks_at_a_window_of_the_list,
    names_are_compared_without_case_on_request,
    tasks_are_counted_and_the_next_ones_found,
    tasks_are_found_by_number_id_and_word,
    ancestors_end_at_a_bound,
);

/// A task that has everything.
fn rich(number: i64) -> Task {
    Task {
        description: "Oat milk,\nif there is some 🥛".to_owned(),
        status: TaskStatus::Done,
        priority: Priority::Urgent,
        due: Some(Due { date: date(2027, 2, 28), time: Some(time(17, 30, 0, 0)), time_zone: "Asia/Tokyo".to_owned() }),
        recurrence: Some(Recurrence {
            rule: "FREQ=WEEKLY".to_owned(),
            anchor: Anchor::Completion,
            start: Some(date(2027, 2, 14)),
        }),
        occurrence: Some(date(2027, 2, 21)),
        labels: vec!["home".to_owned(), "it's \"quoted\"".to_owned()],
        list: Some("Groceries".to_owned()),
        rev: 7,
        updated_at: at(5),
        completed_at: Some(at(6)),
        ..task(number, "Buy milk")
    }
}

async fn insert(store: &dyn Store, owner: &Owner, task: &Task) {
    let mut tx = store.write(owner).await.unwrap();
    tx.insert_task(task).await.unwrap();
    tx.commit().await.unwrap();
}

async fn find(store: &dyn Store, owner: &Owner, reference: impl Into<TaskRef>) -> Option<Task> {
    store.read(owner).await.unwrap().task(reference.into()).await.unwrap()
}

async fn titles(store: &dyn Store, owner: &Owner, filter: &TaskFilter) -> Vec<String> {
    let mut tx = store.read(owner).await.unwrap();
    let found = tx.tasks(filter, &PageRequest::first()).await.unwrap();
    found.rows.into_iter().map(|task| task.title).collect()
}

async fn a_task_comes_back_as_it_was_written(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let parent = task(1, "Errands");
    let child = Task { parent_id: Some(parent.id), ..rich(2) };
    insert(&*db.store, &ann, &parent).await;
    insert(&*db.store, &ann, &child).await;
    assert_eq!(find(&*db.store, &ann, parent.id).await, Some(parent));
    assert_eq!(find(&*db.store, &ann, TaskRef::Number(2)).await, Some(child));
    assert_eq!(find(&*db.store, &ann, TaskRef::Number(3)).await, None);
}

async fn a_change_replaces_every_field(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let plain = task(1, "Errands");
    let full = Task { id: plain.id, position: "b".to_owned(), ..rich(1) };
    insert(&*db.store, &ann, &plain).await;
    for next in [&full, &plain] {
        let mut tx = db.store.write(&ann).await.unwrap();
        tx.update_task(next, true).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(find(&*db.store, &ann, plain.id).await.as_ref(), Some(next));
    }
}

async fn a_refused_write_ends_its_transaction(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let first = tasks(&*db.store, &ann, &["Milk"]).await.remove(0);
    let mut tx = db.store.write(&ann).await.unwrap();
    add_task(tx.as_mut(), "Butter").await;
    tx.insert_task(&Task { id: first.id, ..task(3, "Bread") }).await.unwrap();
    let listed = tx.all_tasks(StatusFilter::All).await;
    assert!(matches!(listed, Err(StoreError::Exists("task"))), "{listed:?}");
    add_task(tx.as_mut(), "Salt").await;
    assert!(tx.all_tasks(StatusFilter::All).await.is_err(), "what was gathered is not whole");
    assert!(tx.commit().await.is_err());
    assert_eq!(db.store.read(&ann).await.unwrap().all_tasks(StatusFilter::All).await.unwrap(), [first]);
}

async fn numbers_go_on_after_the_highest(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    insert(&*db.store, &ann, &task(41, "Imported")).await;
    insert(&*db.store, &ann, &task(7, "Imported later")).await;
    assert_eq!(db.store.read(&ann).await.unwrap().account().await.unwrap().next_task_number, 42);
    assert_eq!(tasks(&*db.store, &ann, &["New"]).await[0].number, 42);
}

async fn the_trash_hides_a_task_and_keeps_its_id(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let milk = tasks(&*db.store, &ann, &["Milk"]).await.remove(0);
    let mut tx = db.store.write(&ann).await.unwrap();
    tx.delete_task(milk.id, at(1)).await.unwrap();
    tx.commit().await.unwrap();

    let mut tx = db.store.write(&ann).await.unwrap();
    assert_eq!(tx.task(milk.id.into()).await.unwrap(), None);
    assert_eq!(tx.task(TaskRef::Number(1)).await.unwrap(), None);
    assert_eq!(tx.all_tasks(StatusFilter::All).await.unwrap(), []);
    drop(tx);
    let copy = Task { number: 2, ..milk.clone() };
    let again = refusal(&*db.store, &ann, async |tx| tx.insert_task(&copy).await.unwrap()).await;
    assert!(matches!(again, StoreError::Exists("task")), "{again:?}");

    let mut tx = db.store.write(&ann).await.unwrap();
    tx.update_task(&milk, true).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(find(&*db.store, &ann, milk.id).await, Some(milk));
}

async fn lists_are_in_the_order_of_places_compared_as_bytes(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    for (number, position) in [(1, "b"), (2, "a"), (3, "B"), (4, "a1"), (5, "A"), (6, "a"), (7, "1")] {
        insert(&*db.store, &ann, &Task { position: position.to_owned(), ..task(number, position) }).await;
    }
    let mut tx = db.store.read(&ann).await.unwrap();
    let numbers: Vec<i64> = tx.all_tasks(StatusFilter::All).await.unwrap().iter().map(|task| task.number).collect();
    assert_eq!(numbers, [7, 5, 3, 2, 6, 4, 1]);
    for (number, limit, found) in [(6, 3, vec![6, 2, 3]), (1, 10, vec![3, 5, 7])] {
        let tasks = tx.tasks_before(&("a".to_owned(), number), limit).await.unwrap();
        assert_eq!(tasks.iter().map(|task| task.number).collect::<Vec<_>>(), found);
    }
}

async fn the_names_of_tasks_are_counted(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let names = |labels: &[&str], list: Option<&str>| Task {
        labels: labels.iter().map(|&label| label.to_owned()).collect(),
        list: list.map(str::to_owned),
        ..task(1, "Milk")
    };
    let counts = async |names: &[&str]| {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let mut tx = db.store.read(&ann).await.unwrap();
        let labels = tx.count_names(TaskName::Label, &names).await.unwrap();
        let lists = tx.count_names(TaskName::List, &names).await.unwrap();
        (labels.all, labels.known, lists.all, lists.known)
    };
    let first = names(&["home", "x"], Some("Errands"));
    insert(&*db.store, &ann, &first).await;
    let other = Task { number: 2, id: task(2, "").id, ..names(&["x"], None) };
    insert(&*db.store, &ann, &other).await;
    assert_eq!(counts(&["home", "Errands", "new"]).await, (2, 1, 1, 1));
    let update = async |task: Task| {
        let mut tx = db.store.write(&ann).await.unwrap();
        tx.update_task(&task, false).await.unwrap();
        tx.commit().await.unwrap();
    };
    update(Task { id: first.id, ..names(&["y"], Some("Home")) }).await;
    assert_eq!(counts(&["home", "x", "y", "Errands", "Home"]).await, (2, 2, 1, 1));
    let mut tx = db.store.write(&ann).await.unwrap();
    tx.delete_task(first.id, at(1)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(counts(&["x", "y"]).await, (1, 1, 0, 0), "the trash does not count");
    update(Task { id: first.id, ..names(&["y", "x"], Some("Home")) }).await;
    assert_eq!(counts(&["x", "y", "Home"]).await, (2, 2, 1, 1), "what comes back does");
    // Those of rows from before the step are counted by it.
    db.migrations.migrate_down(12).await.unwrap();
    db.migrations.migrate_up().await.unwrap();
    assert_eq!(counts(&["x", "y", "Home"]).await, (2, 2, 1, 1));
    db.execute("delete from tasks").await;
    assert_eq!(counts(&["x", "y", "Home"]).await, (0, 0, 0, 0));
}

async fn pages_follow_each_other_without_gap_or_repetition(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    for number in 1..=7 {
        let position = ["x", "y"][usize::from(number > 4)].to_owned();
        insert(&*db.store, &ann, &Task { position, ..task(number, "Task") }).await;
    }
    let mut request = PageRequest { limit: 3, after: None };
    let mut seen = Vec::new();
    let mut tx = db.store.read(&ann).await.unwrap();
    loop {
        let page = tx.tasks(&TaskFilter::status(StatusFilter::Open), &request).await.unwrap();
        let rows = page.rows;
        assert!(rows.len() <= 3, "a page is not longer than requested");
        seen.extend(rows.iter().map(|task| task.number));
        if !page.more {
            break;
        }
        request.after = Some((rows[2].position.clone(), rows[2].number));
    }
    assert_eq!(seen, [1, 2, 3, 4, 5, 6, 7]);
}

async fn a_list_is_filtered_by_status_list_label_and_priority(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    insert(&*db.store, &ann, &rich(1)).await;
    insert(&*db.store, &ann, &Task { labels: vec!["homework".to_owned()], ..task(2, "Read") }).await;
    let all = TaskFilter::status(StatusFilter::All);
    assert_eq!(titles(&*db.store, &ann, &TaskFilter::status(StatusFilter::Open)).await, ["Read"]);
    assert_eq!(titles(&*db.store, &ann, &TaskFilter::status(StatusFilter::Done)).await, ["Buy milk"]);
    assert_eq!(titles(&*db.store, &ann, &all).await, ["Buy milk", "Read"]);
    let list = TaskFilter { list: Some("Groceries".to_owned()), ..all.clone() };
    assert_eq!(titles(&*db.store, &ann, &list).await, ["Buy milk"]);
    for (label, found) in [("home", vec!["Buy milk"]), ("it's \"quoted\"", vec!["Buy milk"]), ("hom", vec![])] {
        let filter = TaskFilter { label: Some(label.to_owned()), ..all.clone() };
        assert_eq!(titles(&*db.store, &ann, &filter).await, found, "label {label}");
    }
    let none = TaskFilter { priority: Some(Priority::None), ..all };
    assert_eq!(titles(&*db.store, &ann, &none).await, ["Read"]);
}

async fn a_list_is_filtered_by_text_literally_and_without_case(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    insert(&*db.store, &ann, &task(1, "50% Öl_und 'Essig'")).await;
    insert(&*db.store, &ann, &Task { description: "with ÄPFEL".to_owned(), ..task(2, "Cake") }).await;
    for (text, found) in [
        ("öl", vec!["50% Öl_und 'Essig'"]),
        ("o\u{308}l", vec!["50% Öl_und 'Essig'"]),
        ("ol", vec!["50% Öl_und 'Essig'"]),
        ("apfel", vec!["Cake"]),
        ("0%", vec!["50% Öl_und 'Essig'"]),
        ("%l", vec![]),
        ("l?und", vec![]),
        ("'essig'", vec!["50% Öl_und 'Essig'"]),
        ("äpfel", vec!["Cake"]),
        ("ÄPF", vec!["Cake"]),
        ("\\", vec![]),
    ] {
        let filter = TaskFilter { texts: vec![text.to_lowercase()], ..TaskFilter::status(StatusFilter::All) };
        assert_eq!(titles(&*db.store, &ann, &filter).await, found, "text {text}");
    }
}

async fn a_list_is_filtered_by_date(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let due = |day, time| Some(Due { date: date(2026, 11, day), time, time_zone: "UTC".to_owned() });
    let tasks = [
        ("yesterday", due(22, None)),
        ("this morning", due(23, Some(time(9, 0, 0, 0)))),
        ("today", due(23, None)),
        ("tonight", due(23, Some(time(20, 0, 0, 0)))),
        ("sixth day", due(29, None)),
        ("seventh day", due(30, None)),
        ("never", None),
    ];
    for (number, (title, due)) in (1..).zip(tasks) {
        insert(&*db.store, &ann, &Task { due, ..task(number, title) }).await;
    }
    for (filter, zone, found) in [
        (DueFilter::Overdue, "UTC", vec!["yesterday", "this morning"]),
        (DueFilter::Today, "UTC", vec!["this morning", "today", "tonight"]),
        (DueFilter::Week, "UTC", vec!["this morning", "today", "tonight", "sixth day"]),
        (DueFilter::None, "UTC", vec!["never"]),
        // Days are the same days everywhere, times fall on other days.
        (DueFilter::Today, "Pacific/Kiritimati", vec!["this morning", "today"]),
        (DueFilter::Overdue, "Pacific/Kiritimati", vec!["yesterday", "this morning"]),
        (DueFilter::Overdue, "Etc/GMT+12", vec!["this morning"]),
        (DueFilter::Today, "Etc/GMT+12", vec!["yesterday", "this morning"]),
    ] {
        let due = Some(DueCondition::of(filter, Today::at(at(0), zone)));
        let filter = TaskFilter { due, ..TaskFilter::status(StatusFilter::Open) };
        assert_eq!(titles(&*db.store, &ann, &filter).await, found, "{:?}", filter.due);
    }
}

async fn a_filter_without_an_index_looks_at_a_window_of_the_list(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let last = i64::try_from(WINDOW).unwrap() + 1;
    let mut tx = db.store.write(&ann).await.unwrap();
    for number in 1..=last {
        let priority = if number == last { Priority::High } else { Priority::None };
        tx.insert_task(&Task { priority, ..task(number, "Task") }).await.unwrap();
    }
    tx.commit().await.unwrap();
    let mut tx = db.store.read(&ann).await.unwrap();
    let open = TaskFilter::status(StatusFilter::Open);
    assert_eq!(tx.window(&open, None).await.unwrap(), None, "an index has all of these in order");
    let mut high = TaskFilter { priority: Some(Priority::High), ..open };
    high.until = tx.window(&high, None).await.unwrap();
    assert_eq!(high.until.as_ref().map(|(_, number)| *number), Some(last - 1));
    assert_eq!(tx.tasks(&high, &PageRequest::first()).await.unwrap().rows, []);
    assert_eq!(tx.count_tasks(&high).await.unwrap(), 0);
    let rest = PageRequest { limit: 50, after: high.until.take() };
    high.until = tx.window(&high, rest.after.as_ref()).await.unwrap();
    assert_eq!(high.until, None, "the rest is shorter than a window");
    assert_eq!(tx.tasks(&high, &rest).await.unwrap().rows[0].number, last);
}

async fn names_are_compared_without_case_on_request(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    insert(&*db.store, &ann, &rich(1)).await;
    let mut tx = db.store.read(&ann).await.unwrap();
    let all = TaskFilter::status(StatusFilter::All);
    for (list, label) in [(Some("GROCERIES"), None), (None, Some("Home"))] {
        let name = |name: Option<&str>| name.map(str::to_owned);
        let exact = TaskFilter { list: name(list), label: name(label), ..all.clone() };
        assert_eq!(tx.brief_tasks(&exact, 9).await.unwrap(), []);
        let found = tx.brief_tasks(&TaskFilter { any_case: true, ..exact }, 9).await.unwrap();
        assert_eq!(found, [Task { description: String::new(), ..found[0].clone() }], "descriptions are left out");
    }
}

async fn tasks_are_counted_and_the_next_ones_found(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let due = |day: i8| Some(Due { date: date(2026, 11, day), time: None, time_zone: "UTC".to_owned() });
    let done = Task { status: TaskStatus::Done, completed_at: Some(at(5)), ..task(5, "Done") };
    let tasks = [
        Task { due: due(20), ..task(1, "Late") },
        Task { due: due(23), ..task(2, "Today") },
        Task { due: due(25), ..task(3, "This week") },
        Task { priority: Priority::Urgent, ..task(4, "Urgent") },
        done,
        Task { due: due(30), ..task(6, "Later") },
    ];
    for task in &tasks {
        insert(&*db.store, &ann, task).await;
    }
    let record = CompletionRecord::new(CompletionId(crate::fixtures::uuid()), &tasks[4], at(5));
    let mut tx = db.store.write(&ann).await.unwrap();
    tx.insert_completion(&record).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = db.store.read(&ann).await.unwrap();
    let today = Today::at(at(0), "UTC");
    let counts = TaskCounts { open: 5, overdue: 1, due_today: 1, due_this_week: 1, done_today: 1 };
    assert_eq!(tx.task_counts(&today).await.unwrap(), counts);
    let yesterday = Today::at(at(-24 * 3600), "UTC");
    assert_eq!(tx.task_counts(&yesterday).await.unwrap().done_today, 0);
    // Where it is still the day before, more is left of the day and of the week.
    let counts = TaskCounts { open: 5, overdue: 1, due_today: 0, due_this_week: 2, done_today: 1 };
    assert_eq!(tx.task_counts(&Today::at(at(0), "Etc/GMT+12")).await.unwrap(), counts);
    let numbers = |tasks: Vec<Task>| tasks.into_iter().map(|task| task.number).collect::<Vec<_>>();
    assert_eq!(numbers(tx.next_tasks(at(0), 9).await.unwrap()), [1, 2, 3, 4, 6]);
    assert_eq!(
        numbers(tx.next_tasks(at(0), 1).await.unwrap()),
        [1, 2, 4],
        "one of each kind, the first of the list twice"
    );
    assert_eq!(numbers(tx.last_tasks(2).await.unwrap()), [6, 4]);
    assert_eq!(numbers(tx.done_tasks(2).await.unwrap()), [5]);
}

async fn tasks_are_found_by_number_id_and_word(db: TestDatabase) {
    let (ann, ben) = (user(&*db.store, "ann").await, user(&*db.store, "ben").await);
    let milk = task(1, "Buy milk");
    insert(&*db.store, &ann, &milk).await;
    insert(&*db.store, &ann, &task(2, "Call Ben")).await;
    let theirs = task(1, "Milk of another");
    insert(&*db.store, &ben, &theirs).await;
    while db.store.index_documents(ann.user()).await.unwrap() {}
    let mut tx = db.store.read(&ann).await.unwrap();
    let words = ["mil", "nothing"].map(str::to_owned);
    assert_eq!(tx.find_tasks(&words, 9).await.unwrap(), [milk.id]);
    assert_eq!(tx.find_tasks(&[], 9).await.unwrap(), []);
    assert_eq!(tx.named_tasks(&[2, 7], &[milk.id, theirs.id]).await.unwrap().len(), 2);
    assert_eq!(tx.named_tasks(&[], &[]).await.unwrap(), []);
}

async fn ancestors_end_at_a_bound(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let mut chain: Vec<Task> = Vec::new();
    for number in 1..=40 {
        let above = chain.last().map(|task| task.id);
        chain.push(Task { parent_id: above, ..task(number, "Part") });
        insert(&*db.store, &ann, chain.last().unwrap()).await;
    }
    let mut tx = db.store.read(&ann).await.unwrap();
    let above = tx.ancestors(chain[2].id, 32).await.unwrap();
    assert_eq!(above, [chain[2].id, chain[1].id, chain[0].id]);
    assert_eq!(tx.ancestors(chain[39].id, 32).await.unwrap().len(), 32);
    drop(tx);
    let mut tx = db.store.write(&ann).await.unwrap();
    tx.delete_task(chain[1].id, at(1)).await.unwrap();
    assert_eq!(tx.ancestors(chain[2].id, 32).await.unwrap(), [chain[2].id], "the trash ends it");
}
