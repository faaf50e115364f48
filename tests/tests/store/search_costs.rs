//! The cost of the search for a user with many texts: processor time and disk space.

use crate::fixtures::{task, user};
use std::time::{Duration, Instant};
use tandem_auth::Owner;
use tandem_domain::page::PageRequest;
use tandem_protocol::model::Task;
use tandem_store::Store;
use tandem_tests::{database::TestDatabase, within::assert_took};

/// Words that all begin with `a`, the same ones for the same number.
struct Words {
    vocabulary: u64,
    state: u64,
}

impl Words {
    fn next(&mut self) -> String {
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // Spread over all letters: the words share no more than their first one.
        let mut rest = ((self.state >> 33) % self.vocabulary).wrapping_mul(2_654_435_761) % (1 << 32);
        let mut word = String::from("a");
        while rest > 0 {
            word.push(char::from_digit(u32::try_from(rest % 26).unwrap() + 10, 36).unwrap());
            rest /= 26;
        }
        word
    }

    fn text(&mut self, bytes: usize) -> String {
        let mut text = String::new();
        while text.len() < bytes {
            text.extend([self.next().as_str(), " "]);
        }
        text
    }
}

/// Adds tasks with texts of this length, and indexes them.
async fn fill(store: &dyn Store, owner: &Owner, count: i64, bytes: usize, words: &mut Words) -> Vec<Task> {
    let mut text = |number| Task { description: words.text(bytes), ..task(number, &words.text(20)) };
    let tasks: Vec<Task> = (1..=count).map(&mut text).collect();
    for some in tasks.chunks(10) {
        let mut tx = store.write(owner).await.unwrap();
        for task in some {
            tx.insert_task(task).await.unwrap();
        }
        tx.commit().await.unwrap();
    }
    while store.index_documents(owner.user()).await.unwrap() {}
    tasks
}

async fn number(db: &TestDatabase, query: &str) -> i64 {
    db.lines(&format!("select cast(({query}) as text)")).await[0].parse().unwrap()
}

/// The duration of `count` searches, one after another.
async fn searches(store: &dyn Store, owner: &Owner, count: usize, words: &[&str]) -> Duration {
    let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
    let begun = Instant::now();
    for _ in 0..count {
        let mut tx = store.read(owner).await.unwrap();
        tx.search(&words, &PageRequest { limit: 50, after: None }).await.unwrap();
    }
    begun.elapsed()
}

/// FTS5 merges the lists of all words that begin with what is looked for before a limit counts, unless the index has a
/// list for it. Then 16 such searches took seconds.
#[tokio::test]
async fn a_search_of_one_letter_reads_the_newest_hits_only() {
    let db = TestDatabase::sqlite().await;
    let ann = user(&*db.store, "ann").await;
    fill(&*db.store, &ann, 300, 10_000, &mut Words { vocabulary: 20_000, state: 1 }).await;
    let took = searches(&*db.store, &ann, 16, &["a"]).await;
    assert_took("16 searches of one letter", took, Duration::from_secs(1));
}

/// With positions in the index, and the words of replaced texts kept in it for long, it was larger than what it indexes.
#[tokio::test]
async fn the_index_is_smaller_than_the_texts_also_after_many_changes() {
    let db = TestDatabase::sqlite().await;
    let ann = user(&*db.store, "ann").await;
    let mut words = Words { vocabulary: 2_000, state: 1 };
    let tasks = fill(&*db.store, &ann, 50, 10_000, &mut words).await;
    for task in tasks.iter().cycle().take(100) {
        let mut tx = db.store.write(&ann).await.unwrap();
        tx.update_task(&Task { description: words.text(10_000), ..task.clone() }, true).await.unwrap();
        tx.commit().await.unwrap();
        while db.store.index_documents(ann.user()).await.unwrap() {}
    }
    let kilobytes = number(&db, "select sum(length(block)) / 1000 from search_words_data").await;
    assert!(kilobytes < 200, "the index of 500 kB of text takes {kilobytes} kB");
}

/// Each change adds a segment. A search reads all of them, so they are merged, also when all texts are short.
#[tokio::test]
async fn the_index_stays_in_few_pieces() {
    let db = TestDatabase::sqlite().await;
    let ann = user(&*db.store, "ann").await;
    let mut words = Words { vocabulary: 2_000, state: 1 };
    // Without merges FTS5 makes one piece of 64; here 57 more would be left.
    for number in 1..=185 {
        let bytes = if number % 20 == 0 { 10_000 } else { 100 };
        let mut tx = db.store.write(&ann).await.unwrap();
        tx.insert_task(&Task { description: words.text(bytes), ..task(number, "Milk") }).await.unwrap();
        tx.commit().await.unwrap();
        while db.store.index_documents(ann.user()).await.unwrap() {}
    }
    let pieces = number(&db, "select count(distinct segid) from search_words_idx").await;
    assert!(pieces < 25, "{pieces} pieces");
}
