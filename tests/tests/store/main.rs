//! The contract of the store: every test here runs on SQLite and on PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test stops where something is not as it should be")]

mod accounts;
mod adapters;
mod backups;
mod chat;
mod completions;
mod concurrency;
mod directory;
mod events;
mod fairness;
mod fixtures;
mod isolation;
mod limits;
mod migrations;
mod plans;
mod push;
mod reminders;
mod search;
mod search_costs;

mod full_account;
mod tasks;
mod usage;
mod written;

/// Turns each function into a test for each database.
macro_rules! on_both {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    super::$test(tandem_tests::database::TestDatabase::sqlite().await).await;
                }
            )+
        }
        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    super::$test(tandem_tests::database::TestDatabase::postgres().await).await;
                }
            )+
        }
    };
}
use on_both;
