//! The search: every word of the query must begin a word of the text, without operators.

use crate::fixtures::{at, conversation, message, reply, task, user};
use tandem_auth::Owner;
use tandem_domain::page::PageRequest;
use tandem_protocol::{
    enums::{MessageState, ObjectKind},
    model::{Message, Part, Task},
};
use tandem_store::{ConversationRow, SearchRow, Store};
use tandem_tests::database::{DatabaseLocation, TestDatabase};

crate::on_both!(
    all_three_kinds_are_found_with_their_text,
    each_word_must_begin_a_word,
    words_end_where_letters_and_digits_end,
    nothing_in_a_query_is_an_operator,
    hits_in_titles_come_first_then_the_newest,
    hits_come_in_pages,
    the_new_text_is_found_and_the_old_one_is_not,
    deleted_items_are_not_found,
    a_reply_is_found_once_it_has_ended,
    a_long_text_is_found_once_it_is_indexed,
    unindexed_texts_are_found_by_user,
    words_of_deleted_texts_leave_the_index,
    texts_are_found_however_they_are_written,
    texts_of_an_earlier_version_are_found_once_they_are_indexed,
);

/// Searches as the service does: what waits for the index comes first.
async fn search(store: &dyn Store, owner: &Owner, words: &[&str]) -> Vec<SearchRow> {
    index_all(store, owner).await;
    indexed(store, owner, words).await
}

/// What the index has.
async fn indexed(store: &dyn Store, owner: &Owner, words: &[&str]) -> Vec<SearchRow> {
    let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
    let mut tx = store.read(owner).await.unwrap();
    tx.search(&words, &PageRequest { limit: 50, after: None }).await.unwrap()
}

async fn titles(store: &dyn Store, owner: &Owner, words: &[&str]) -> Vec<String> {
    let mut titles: Vec<String> = search(store, owner, words).await.into_iter().map(|row| row.title).collect();
    titles.sort();
    titles
}

async fn insert(store: &dyn Store, owner: &Owner, tasks: &[Task]) {
    let mut tx = store.write(owner).await.unwrap();
    for task in tasks {
        tx.insert_task(task).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn talk(store: &dyn Store, owner: &Owner, title: &str, text: &str) -> (ConversationRow, Message) {
    let row = conversation(title);
    let message = message(row.conversation.id, text);
    let mut tx = store.write(owner).await.unwrap();
    tx.insert_conversation(&row).await.unwrap();
    tx.insert_message(&message).await.unwrap();
    tx.commit().await.unwrap();
    (row, message)
}

async fn all_three_kinds_are_found_with_their_text(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let (row, message) = talk(&*db.store, &ann, "Garden plans", "Plant tulips \u{0} in October").await;
    let buy = Task { description: "Red ones".to_owned(), ..task(1, "Buy tulips") };
    insert(&*db.store, &ann, std::slice::from_ref(&buy)).await;
    let id = Some(row.conversation.id);
    let mut hits = search(&*db.store, &ann, &["tulips"]).await;
    hits.sort_by_key(|hit| hit.kind);
    assert_eq!(hits.len(), 2);
    assert_eq!(
        (hits[0].kind, &hits[0].id, hits[0].conversation_id),
        (ObjectKind::Message, &message.id.to_string(), id)
    );
    assert_eq!(hits[0].title, "Garden plans");
    assert!(hits[0].body.starts_with("Plant tulips "), "the whole text: {:?}", hits[0].body);
    let expected = SearchRow {
        kind: ObjectKind::Task,
        id: buy.id.to_string(),
        conversation_id: None,
        title: "Buy tulips".to_owned(),
        body: "Red ones".to_owned(),
    };
    assert_eq!(hits[1], expected);
    let named = search(&*db.store, &ann, &["garden"]).await;
    assert_eq!(
        (named[0].kind, &named[0].id, named[0].conversation_id),
        (ObjectKind::Conversation, &row.conversation.id.to_string(), id)
    );
    assert_eq!(named.len(), 1);
}

async fn each_word_must_begin_a_word(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let second = Task { description: "für die Größe".to_owned(), ..task(2, "Milk bottle") };
    insert(&*db.store, &ann, &[task(1, "Milk and bread"), second]).await;
    for (words, found) in [
        (vec!["milk"], vec!["Milk and bread", "Milk bottle"]),
        (vec!["mi"], vec!["Milk and bread", "Milk bottle"]),
        (vec!["ilk"], vec![]),
        (vec!["bre", "mil"], vec!["Milk and bread"]),
        (vec!["milk", "butter"], vec![]),
        (vec!["grö"], vec!["Milk bottle"]),
        (vec!["gro"], vec!["Milk bottle"]),
        (vec!["bottle", "größe"], vec!["Milk bottle"]),
        (vec![], vec![]),
    ] {
        assert_eq!(titles(&*db.store, &ann, &words).await, found, "{words:?}");
    }
}

async fn words_end_where_letters_and_digits_end(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let title = "ann.lee@example.org/a-b_c v1.25 “quoted”—dash 日本語";
    insert(&*db.store, &ann, &[task(1, title)]).await;
    for word in ["ann", "lee", "example", "org", "b", "c", "v1", "25", "quoted", "dash", "日本"] {
        assert_eq!(titles(&*db.store, &ann, &[word]).await, [title], "{word:?}");
    }
}

async fn nothing_in_a_query_is_an_operator(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    insert(&*db.store, &ann, &[task(1, "Milk or bread"), task(2, "Not near")]).await;
    for (words, found) in [
        (vec!["or"], vec!["Milk or bread"]),
        (vec!["not"], vec!["Not near"]),
        (vec!["near"], vec!["Not near"]),
        (vec!["milk", "or", "near"], vec![]),
        (vec!["*"], vec![]),
        (vec!["\""], vec![]),
        (vec!["'"], vec![]),
        (vec!["milk') or 1=1 --"], vec![]),
        (vec!["milk\" or \"bread"], vec!["Milk or bread"]),
        (vec!["title:milk"], vec![]),
        (vec!["!milk"], vec!["Milk or bread"]),
        (vec!["mil:*&bre"], vec!["Milk or bread"]),
        (vec!["\\"], vec![]),
        (vec!["{body}"], vec![]),
    ] {
        assert_eq!(titles(&*db.store, &ann, &words).await, found, "{words:?}");
    }
    let endless = "x".repeat(100_000);
    assert!(titles(&*db.store, &ann, &[endless.as_str()]).await.is_empty());
}

async fn hits_in_titles_come_first_then_the_newest(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let texts = [
        ("Errands", "red tulips, tulips, tulips"),
        ("Tulips, red", ""),
        ("Red paint", "as red as tulips are"),
        ("Shopping", "tulips for the red vase"),
        ("A red tulip", "other words go here and there"),
        ("Tulips", "blue and not red"),
    ];
    let tasks =
        (1..).zip(texts).map(|(number, (title, text))| Task { description: text.to_owned(), ..task(number, title) });
    insert(&*db.store, &ann, &tasks.collect::<Vec<_>>()).await;
    for (words, found) in [
        (vec!["tul"], ["Tulips", "A red tulip", "Tulips, red", "Shopping", "Red paint", "Errands"]),
        (vec!["red", "tulip"], ["A red tulip", "Tulips, red", "Tulips", "Shopping", "Red paint", "Errands"]),
    ] {
        let hits: Vec<String> = search(&*db.store, &ann, &words).await.into_iter().map(|hit| hit.title).collect();
        assert_eq!(hits, found, "{words:?}");
    }
}

async fn hits_come_in_pages(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let many: Vec<Task> = (1..=5).map(|number| task(number, &format!("Milk {number}"))).collect();
    insert(&*db.store, &ann, &many).await;
    index_all(&*db.store, &ann).await;
    let mut tx = db.store.read(&ann).await.unwrap();
    let words = ["milk".to_owned()];
    let mut seen = Vec::new();
    for skip in [0, 2, 4] {
        let request = PageRequest { limit: 2, after: Some((skip,)) };
        let page = tx.search(&words, &request).await.unwrap();
        assert_eq!(page.len(), usize::try_from(5 - skip).unwrap().min(3));
        seen.extend(page.into_iter().take(2).map(|row| row.title));
    }
    seen.sort();
    assert_eq!(seen, ["Milk 1", "Milk 2", "Milk 3", "Milk 4", "Milk 5"]);
}

async fn the_new_text_is_found_and_the_old_one_is_not(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let milk = task(1, "Milk");
    insert(&*db.store, &ann, std::slice::from_ref(&milk)).await;
    let (mut row, _) = talk(&*db.store, &ann, "Garden", "Hello").await;
    let mut tx = db.store.write(&ann).await.unwrap();
    tx.update_task(&Task { title: "Bread".to_owned(), ..milk }, true).await.unwrap();
    row.conversation.title = Some("Kitchen".to_owned());
    tx.update_conversation(&row, true).await.unwrap();
    tx.commit().await.unwrap();
    for (word, found) in [("milk", vec![]), ("bread", vec!["Bread"]), ("garden", vec![]), ("kitchen", vec!["Kitchen"])]
    {
        assert_eq!(titles(&*db.store, &ann, &[word]).await, found, "{word}");
    }
    assert_eq!(titles(&*db.store, &ann, &["hello"]).await, ["Kitchen"], "a message shows its conversation's title");
    let mut tx = db.store.write(&ann).await.unwrap();
    row.conversation.title = None;
    tx.update_conversation(&row, true).await.unwrap();
    tx.commit().await.unwrap();
    assert!(titles(&*db.store, &ann, &["kitchen"]).await.is_empty());
    assert_eq!(titles(&*db.store, &ann, &["hello"]).await, [""]);
}

async fn deleted_items_are_not_found(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let milk = task(1, "Milk");
    insert(&*db.store, &ann, std::slice::from_ref(&milk)).await;
    let (row, _) = talk(&*db.store, &ann, "Milk talk", "About milk").await;
    assert_eq!(search(&*db.store, &ann, &["milk"]).await.len(), 3);
    let mut tx = db.store.write(&ann).await.unwrap();
    tx.delete_task(milk.id, at(1)).await.unwrap();
    tx.delete_conversation(row.conversation.id, at(1)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(search(&*db.store, &ann, &["milk"]).await, []);
    let mut tx = db.store.write(&ann).await.unwrap();
    tx.update_task(&milk, true).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(titles(&*db.store, &ann, &["milk"]).await, ["Milk"], "brought back, it is found again");
}

async fn a_reply_is_found_once_it_has_ended(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let (_, message) = talk(&*db.store, &ann, "Garden", "When?").await;
    let answer = reply(&message);
    let mut tx = db.store.write(&ann).await.unwrap();
    tx.insert_message(&answer).await.unwrap();
    let begun = Message { parts: vec![Part::text("In Oct")], ..answer.clone() };
    tx.update_message(&begun).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(search(&*db.store, &ann, &["oct"]).await, []);
    let parts = vec![Part::text("In Oct"), Part::text("ober")];
    let mut tx = db.store.write(&ann).await.unwrap();
    tx.update_message(&Message { parts, state: MessageState::Complete, ..answer }).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(search(&*db.store, &ann, &["october"]).await.len(), 1);
}

async fn texts_are_found_however_they_are_written(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let texts = [
        "東京で会議を予約する",
        "Café visit",
        "cafe\u{301} rest",
        "🎂 cake",
        "C++ and C#",
        "to a@b.example",
        "นัดประชุมพรุ่งนี้",
    ];
    let tasks = (1..).zip(texts).map(|(number, title)| task(number, title));
    insert(&*db.store, &ann, &tasks.collect::<Vec<_>>()).await;
    // The same words in a long text.
    let long = Task { description: long(&texts.join(" ")), ..task(8, "Zebra") };
    insert(&*db.store, &ann, std::slice::from_ref(&long)).await;
    for (query, found) in [
        ("会議", vec!["Zebra", "東京で会議を予約する"]),
        ("会", vec!["Zebra", "東京で会議を予約する"]),
        ("会議室", vec![]),
        ("café", vec!["Café visit", "Zebra", "cafe\u{301} rest"]),
        ("CAFE", vec!["Café visit", "Zebra", "cafe\u{301} rest"]),
        ("🎂", vec!["Zebra", "🎂 cake"]),
        ("c++", vec!["C++ and C#", "Zebra"]),
        ("c#", vec!["C++ and C#", "Zebra"]),
        ("a@b.example", vec!["Zebra", "to a@b.example"]),
        ("b@b.example", vec![]),
        ("ประชุม", vec!["Zebra", "นัดประชุมพรุ่งนี้"]),
        ("c++ a@b", vec!["Zebra"]),
    ] {
        assert_eq!(titles(&*db.store, &ann, &[query]).await, found, "{query:?}");
    }
}

async fn texts_of_an_earlier_version_are_found_once_they_are_indexed(db: TestDatabase) {
    let users = [user(&*db.store, "ann").await, user(&*db.store, "ben").await];
    for owner in &users {
        let tasks: Vec<Task> = (1..=40).map(|number| task(number, &format!("会議 {number}"))).collect();
        insert(&*db.store, owner, &tasks).await;
    }
    db.migrations.migrate_down(12).await.unwrap();
    if matches!(db.location, DatabaseLocation::Postgres { .. }) {
        db.execute("update search_documents set words = '''x'':1'").await;
    }
    db.migrations.migrate_up().await.unwrap();
    assert!(indexed(&*db.store, &users[0], &["議"]).await.is_empty(), "the test changed nothing");
    // A search of one user indexes what it needs, and the sweep the rest.
    assert_eq!(titles(&*db.store, &users[0], &["会議"]).await.len(), 40);
    let mut last = None;
    while let Some(next) = db.store.index_next(last.as_ref()).await.unwrap() {
        assert_eq!(&next, users[1].user());
        last = Some(next);
    }
    assert_eq!(indexed(&*db.store, &users[1], &["会議"]).await.len(), 40);
}

/// Many words.
fn long(last: &str) -> String {
    format!("{} {last}", "filler words ".repeat(700))
}

async fn index_all(store: &dyn Store, owner: &Owner) {
    while store.index_documents(owner.user()).await.unwrap() {}
}

async fn a_long_text_is_found_once_it_is_indexed(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let milk = Task { description: long("xylophone"), ..task(1, "Milk") };
    insert(&*db.store, &ann, std::slice::from_ref(&milk)).await;
    assert_eq!(titles(&*db.store, &ann, &["xylophone"]).await, ["Milk"]);
    // Changed again while it waits.
    for words in ["lute", "lyre"] {
        let mut tx = db.store.write(&ann).await.unwrap();
        tx.update_task(&Task { description: long(words), ..milk.clone() }, true).await.unwrap();
        tx.commit().await.unwrap();
    }
    for (words, found) in [("zither", 1), ("harp", 1)] {
        let mut tx = db.store.write(&ann).await.unwrap();
        tx.update_task(&Task { description: long(words), ..milk.clone() }, true).await.unwrap();
        tx.commit().await.unwrap();
        assert!(indexed(&*db.store, &ann, &["xylophone"]).await.is_empty(), "the earlier text is not found");
        assert_eq!(titles(&*db.store, &ann, &[words]).await.len(), found);
    }
    assert!(titles(&*db.store, &ann, &["zither"]).await.is_empty());
    let mut tx = db.store.write(&ann).await.unwrap();
    tx.update_task(&Task { description: long("gone"), ..milk.clone() }, true).await.unwrap();
    tx.delete_task(milk.id, at(1)).await.unwrap();
    tx.commit().await.unwrap();
    assert!(titles(&*db.store, &ann, &["filler"]).await.is_empty(), "deleted before it was indexed");
}

async fn unindexed_texts_are_found_by_user(db: TestDatabase) {
    let users = [user(&*db.store, "ann").await, user(&*db.store, "ben").await];
    for owner in &users {
        let tasks: Vec<Task> = (1..=25).map(|n| Task { description: long("harp"), ..task(n, "Task") }).collect();
        insert(&*db.store, owner, &tasks).await;
    }
    // What a process has left behind is indexed by the next one, in portions, and in turns.
    let (mut last, mut turns) = (None, 0);
    while let Some(next) = db.store.index_next(last.as_ref()).await.unwrap() {
        assert!(last.as_ref() != Some(&next) || turns > 12, "the other user is next");
        (last, turns) = (Some(next), turns + 1);
    }
    let indexed_by_sweep = matches!(db.location, DatabaseLocation::Sqlite { .. });
    assert_eq!(turns > 4, indexed_by_sweep, "{turns} portions");
    for owner in &users {
        assert_eq!(indexed(&*db.store, owner, &["harp"]).await.len(), 25);
    }
}

async fn words_of_deleted_texts_leave_the_index(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let tasks: Vec<Task> = (1..=50).map(|n| task(n, &format!("Secret{n}zqxvw"))).collect();
    // One segment of the index contains the remaining and the deleted texts.
    let all: Vec<Task> = tasks.iter().cloned().chain([task(51, "Milk")]).collect();
    insert(&*db.store, &ann, &all).await;
    assert!(!db.tables_holding("zqxvw").await.is_empty());
    let mut tx = db.store.write(&ann).await.unwrap();
    for task in &tasks {
        tx.delete_task(task.id, at(1)).await.unwrap();
    }
    tx.commit().await.unwrap();
    // The second time there is nothing to do.
    for _ in 0..2 {
        db.store.prune(at(31 * 24 * 3600), 10_000).await.unwrap();
        assert_eq!(db.tables_holding("zqxvw").await, [""; 0]);
        assert_eq!(titles(&*db.store, &ann, &["milk"]).await, ["Milk"]);
    }
}
