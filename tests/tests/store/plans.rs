//! The plans of PostgreSQL for every statement of the store, on many rows.

mod admin;
mod person;
mod reads;
mod rules;
mod sweeps;
mod writes;

use self::{
    person::{Person, Size},
    rules::Ways,
};
use std::time::{Duration, Instant};
use tandem_store::postgres::PostgresStore;
use tandem_tests::{database::TestDatabase, eventually::eventually};

/// How often a statement is run on one connection: from the sixth time on, PostgreSQL may take a plan that does not look
/// at the values.
const TIMES: u8 = 7;

const PATIENCE: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_statement_finds_its_rows_by_an_index() {
    let (db, size) = (TestDatabase::postgres().await, Size::wanted());
    let begun = Instant::now();
    size.fill(&db).await;
    eprintln!("{} tasks and messages were made in {:?}", size.rows, begun.elapsed());
    db.location.explain().await;
    // How rows are found is what counts here; with plans written down, it may take longer than the server would wait.
    let connect = async || PostgresStore::connect_limited(&db.location.url(), 1, PATIENCE).await.unwrap();

    let store = connect().await;
    for round in 0..TIMES {
        // The last run uses the generic plans that were made for the others.
        let person =
            if round == TIMES - 1 { Person::heavy(size) } else { Person::of_many(size, 6 + 12 * u64::from(round)) };
        reads::read_everything(&store, &person).await;
        writes::change_everything(&store, &person, round + 1).await;
        admin::manage_everything(&store, &person, round + 1).await;
        writes::leave(&store, &Person::of_many(size, 100 + u64::from(round))).await;
        sweeps::look_up_everything(&store, size, &person).await;
    }
    store.close().await.unwrap();

    let store = connect().await;
    for round in TIMES..2 * TIMES {
        reads::read_everything(&store, &Person::heavy(size)).await;
        writes::change_everything(&store, &Person::heavy(size), round + 1).await;
    }
    sweeps::prune(&store).await;
    store.close().await.unwrap();
    eventually("the end of the sessions", async || {
        let sessions = "select 'one' from pg_stat_activity where datname = current_database() and usename = 'tandem'
                           and application_name = 'tandem' and pid <> pg_backend_pid()";
        // The store of the test has open sessions, which were connected without logging.
        (db.lines(sessions).await.len() <= 1).then_some(())
    })
    .await;

    let ways = Ways::of(&db.location.plans());
    if std::env::var_os("TANDEM_PLAN_ROWS").is_some() {
        show(&ways);
    }
    let faults = ways.faults();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));

    // Whoever has much can be rid of it: a statement that takes too long would be ended.
    db.location.stop_explaining().await;
    let begun = Instant::now();
    writes::leave(&connect().await, &Person::heavy(size)).await;
    eprintln!("the heavy account was deleted in {:?}", begun.elapsed());
}

/// A method that is added is tried here, too.
#[test]
fn every_method_of_the_store_is_tried() {
    let traits = [
        include_str!("../../../server/store/src/lib.rs"),
        include_str!("../../../server/store/src/accounts.rs"),
        include_str!("../../../server/store/src/admin.rs"),
        include_str!("../../../server/store/src/chat.rs"),
        include_str!("../../../server/store/src/events.rs"),
        include_str!("../../../server/store/src/feeds.rs"),
        include_str!("../../../server/store/src/imports.rs"),
        include_str!("../../../server/store/src/maintenance.rs"),
        include_str!("../../../server/store/src/push.rs"),
        include_str!("../../../server/store/src/rate_limits.rs"),
        include_str!("../../../server/store/src/reminders.rs"),
        include_str!("../../../server/store/src/runs.rs"),
        include_str!("../../../server/store/src/tasks.rs"),
        include_str!("../../../server/store/src/usage.rs"),
    ];
    let calls = [
        include_str!("plans.rs"),
        include_str!("plans/admin.rs"),
        include_str!("plans/reads.rs"),
        include_str!("plans/writes.rs"),
        include_str!("plans/sweeps.rs"),
    ]
    .concat();
    let methods: Vec<&str> = traits
        .iter()
        .flat_map(|text| text.split("async fn ").skip(1))
        .map(|rest| &rest[..rest.find(['(', '<']).unwrap()])
        .collect();
    assert!(methods.len() > 70, "{methods:?}");
    let missing: Vec<_> = methods.iter().filter(|method| !calls.contains(&format!(".{method}("))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

fn show(ways: &Ways) {
    for ((statement, steps), way) in &ways.0 {
        eprintln!("{way}\n    {statement}\n    {steps}");
    }
}
