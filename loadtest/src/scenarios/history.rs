//! Reading a long past: the same requests for a thread of 100 and of 100,000 messages, and for lists of 100 and of 10,000
//! tasks.
//!
//! What a person waits for must not grow with what they wrote years ago. Requests are sent one after the other, for both
//! accounts in turn, so that both have the same conditions. Filling the long account takes minutes; the next run finds it,
//! if the server keeps its data folder.

use crate::{
    measure::{Check, Grid, Recorder},
    scenario::{About, Outcome, RunContext, Scenario, ScenarioError, Size},
    scenarios::costs::account::{Account, Scale},
    virtual_user::api::ApiError,
};
use async_trait::async_trait;
use serde::de::IgnoredAny;
use std::time::Duration;
use tandem_protocol::{model::Message, rest::Page};

/// Requests of each kind and account.
const REQUESTS: usize = 200;
/// Pages that are read backwards from the newest message.
const PAGES: usize = 50;
/// The largest ratio of two medians. Times below [`FLOOR_MS`] count as that: they double by chance.
const MAX_RATIO: f64 = 1.5;
const FLOOR_MS: f64 = 1.0;

const SHORT: Scale = Scale { name: "short", tasks: 100, description: 200, conversations: 20, messages: 100 };
const LONG: Scale = Scale { name: "long", tasks: 10_000, description: 200, conversations: 200, messages: 100_000 };

/// What is requested, as a name and a path; `{thread}` is the thread.
const READS: [(&str, &str); 4] = [
    ("newest page of the thread", "/conversations/{thread}/messages?limit=100"),
    ("first page of the tasks", "/tasks?limit=100"),
    ("snapshot", "/snapshot"),
    ("search for a word of one message", "/search?q=line%2042"),
];

#[derive(Debug)]
pub struct History;

#[async_trait]
impl Scenario for History {
    fn about(&self) -> About {
        About {
            name: "history",
            summary: "a thread of 100,000 messages and 10,000 tasks: what each page costs beside a short one",
            size: Size { users: 2, devices: 1, duration: Duration::ZERO },
        }
    }

    async fn run(&self, run: &RunContext) -> Result<Outcome, ScenarioError> {
        let short = Account::of(run, SHORT, 3, 4).await?;
        let long = Account::of(run, LONG, 4, 4).await?;
        let begin = run.seconds();
        let mut rows = Vec::new();
        let mut worst: Option<f64> = None;
        let mut first_page = None;
        for (name, path) in READS {
            let times = [Recorder::default(), Recorder::default()];
            for _ in 0..REQUESTS {
                for (account, times) in [&short, &long].into_iter().zip(&times) {
                    read(run, account, path, times).await?;
                }
            }
            let medians = times.each_ref().map(|times| times.quantile(0.5).unwrap_or_default());
            let ratio = medians[1].max(FLOOR_MS) / medians[0].max(FLOOR_MS);
            let p99 = times.each_ref().map(|times| times.quantile(0.99).unwrap_or_default());
            first_page = first_page.or(Some(p99[1]));
            worst = Some(worst.map_or(ratio, |worst| worst.max(ratio)));
            let cells = [medians[0], medians[1], p99[0], p99[1], ratio].map(|figure| format!("{figure:.2}"));
            rows.push([name.to_owned()].into_iter().chain(cells).collect());
        }
        let backwards = read_backwards(run, &long).await?;
        let end = run.seconds();
        for account in [&short, &long] {
            account.delete_spare().await;
        }
        let errors = run.meter.errors_in_all();
        let checks = vec![
            Check::at_most("newest page of 100,000 messages, p99", 10.0, "ms", first_page),
            Check::at_most("each older page, p99", 10.0, "ms", backwards.quantile(0.99)),
            Check::at_most("long over short, largest of medians", MAX_RATIO, "×", worst),
            Check::none("errors", errors),
        ];
        let columns = vec!["request, times in ms", "short p50", "long p50", "short p99", "long p99", "ratio"];
        let tables = vec![Grid { title: "Reading a short and a long account".into(), columns, rows }];
        let latencies = vec![("older page of the long thread", backwards)];
        Ok(Outcome { checks, tables, latencies, measured: (begin, end), ..Outcome::default() })
    }
}

async fn read(run: &RunContext, account: &Account, path: &str, times: &Recorder) -> Result<(), ApiError> {
    account.renew().await?;
    let path = path.replace("{thread}", &account.thread.to_string());
    let sent_at = run.meter.clock.now();
    let _: IgnoredAny = account.api.get(&path, &[]).await?;
    let now = run.meter.clock.now();
    times.record(now, now - sent_at);
    Ok(())
}

/// Reads the thread from its newest page backwards, as somebody does who scrolls up.
async fn read_backwards(run: &RunContext, account: &Account) -> Result<Recorder, ApiError> {
    let times = Recorder::default();
    let path = format!("/conversations/{}/messages", account.thread);
    let mut cursor: Option<String> = None;
    for _ in 0..PAGES {
        let mut query = vec![("limit", "100")];
        query.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
        let sent_at = run.meter.clock.now();
        let page: Page<Message> = account.api.get(&path, &query).await?;
        let now = run.meter.clock.now();
        times.record(now, now - sent_at);
        let Some(next) = page.next_cursor else { break };
        cursor = Some(next);
    }
    Ok(times)
}
