//! The cost of each route, command and tool for a small and for a large account.
//!
//! Nothing that others wait for may grow with the size of an account: the ratio of the two costs must not exceed
//! [`MAX_RATIO`]. Requests are sent one after the other, small and large in turn, so that both have the same conditions.
//!
//! Filling the large account takes some minutes. The next run finds it, if the server keeps its data folder.

pub(in crate::scenarios) mod account;
mod cases;

pub(in crate::scenarios) use account::personal_token;

use crate::{
    measure::{Check, Grid},
    scenario::{About, Outcome, RunContext, Scenario, ScenarioError, Size},
    virtual_user::api::ApiError,
};
use account::{Account, LARGE, SMALL};
use async_trait::async_trait;
use cases::{ALL, Case, ROUNDS, Request};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::sleep;

/// Maximum ratio of the cost for the large account to that for the small one.
const MAX_RATIO: f64 = 3.0;
/// Times below this count as this: such small figures double by chance.
const FLOOR_MS: f64 = 1.0;
/// Requests before the measured ones.
const WARM_UP: usize = 1;
/// Time for the work of the server after an answer.
const WORK_AFTER_ANSWER: Duration = Duration::from_millis(60);

/// The scenario `costs`. It ignores users, devices and duration of its size.
#[derive(Debug)]
pub struct Costs;

#[async_trait]
impl Scenario for Costs {
    fn about(&self) -> About {
        About {
            name: "costs",
            summary: "what each route, command and tool costs for a small and for a large account, and the ratio",
            size: Size { users: 2, devices: 1, duration: Duration::ZERO },
        }
    }

    async fn run(&self, run: &RunContext) -> Result<Outcome, ScenarioError> {
        let small = Account::of(run, SMALL, 1, 4 * ROUNDS).await?;
        let large = Account::of(run, LARGE, 2, 4 * ROUNDS).await?;
        let missing = missing(&large).await?;
        for name in &missing {
            run.meter.error("no case", name);
        }
        let begin = run.seconds();
        let mut rows = Vec::new();
        for case in ALL {
            rows.push(measure(run, case, &small, &large).await);
        }
        let end = run.seconds();
        for account in [&small, &large] {
            account.delete_spare().await;
        }
        Ok(outcome(run, &rows, missing.len(), (begin, end)))
    }
}

/// Routes, commands and tools of the server that have no case.
async fn missing(account: &Account) -> Result<Vec<String>, ScenarioError> {
    let document = fetch(account, "/api/openapi.json").await?;
    let document = serde_json::from_slice(&document).map_err(|error| ApiError::Unreadable(error.to_string()))?;
    let tools = mcp(account, "tools/list", json!({})).await?;
    Ok(cases::missing(&document, &tools["result"]["tools"]))
}

/// The cost of one request.
#[derive(Clone, Copy, Debug, Default)]
struct Cost {
    wall_ms: f64,
    processor_ms: Option<f64>,
    bytes: usize,
}

/// The costs of a case for both accounts.
struct Row {
    case: &'static Case,
    small: Vec<Cost>,
    large: Vec<Cost>,
}

async fn measure(run: &RunContext, case: &'static Case, small: &Account, large: &Account) -> Row {
    let mut row = Row { case, small: Vec::new(), large: Vec::new() };
    // Before the case, so that a renewal is not part of its cost.
    for account in [small, large] {
        if let Err(error) = account.renew().await {
            run.meter.error("refresh", error.to_string());
        }
    }
    let rounds = if case.grows { ROUNDS / 4 } else { ROUNDS };
    for round in 0..rounds {
        for (account, costs) in [(small, &mut row.small), (large, &mut row.large)] {
            match cost(run, case, account, round).await {
                // The first request of a kind prepares statements and fills caches.
                Ok(cost) if round >= WARM_UP => costs.push(cost),
                Ok(_) => {}
                Err(error) => run.meter.error("request", format!("{}: {error}", case.name)),
            }
        }
    }
    row
}

async fn cost(run: &RunContext, case: &Case, account: &Account, round: usize) -> Result<Cost, ApiError> {
    let processor = || run.process.and_then(crate::measure::process::Process::thread_nanos);
    let (before, began) = (processor(), run.meter.clock.now());
    let answer = send(case, account, round).await;
    let ended = run.meter.clock.now();
    // Work after the answer is part of the cost.
    settle(case, account).await;
    let used = processor().zip(before).map(|(after, before)| millis(after.saturating_sub(before)));
    Ok(Cost { wall_ms: millis(ended - began), processor_ms: used, bytes: answer? })
}

/// Sends the request and returns the size of its answer in bytes.
async fn send(case: &Case, account: &Account, round: usize) -> Result<usize, ApiError> {
    let name = case.name.split(',').next().unwrap_or_default();
    match case.request {
        Request::Get(path) => Ok(fetch(account, &path(account, round)).await?.len()),
        Request::Command(args) => command(account, name, &args(account, round)).await,
        Request::Reply(args) => {
            let bytes = command(account, name, &args(account, round)).await?;
            account.frames.lock().await.until_ended().await?;
            Ok(bytes)
        }
        Request::Tool(args) => call(account, name, args(account, round), false).await,
        Request::Unclear(args) => call(account, name, args(account, round), true).await,
    }
}

/// Calls a tool; `refused` is the expected result.
async fn call(account: &Account, name: &str, args: Value, refused: bool) -> Result<usize, ApiError> {
    let answer = mcp(account, "tools/call", json!({"name": name, "arguments": args})).await?;
    if answer["error"].is_null() && answer["result"]["isError"].as_bool().unwrap_or_default() == refused {
        Ok(answer.to_string().len())
    } else {
        Err(ApiError::Unreadable(answer.to_string().chars().take(300).collect()))
    }
}

/// Sends a command and returns the size of its answer.
async fn command(account: &Account, name: &str, args: &Value) -> Result<usize, ApiError> {
    let mut frames = account.frames.lock().await;
    frames.discard();
    match frames.command(&account.rng.uuid().to_string(), name, args).await {
        Ok(frame) => Ok(frame.len()),
        // No tool call waits for a decision; the refusal has a cost as well.
        Err(ApiError::Refused { .. }) if name == "message.approve" => Ok(0),
        Err(error) => Err(error),
    }
}

/// Waits for the end of a reply, and for the work of the server after an answer.
async fn settle(case: &Case, account: &Account) {
    if case.name == "message.send" {
        // If this fails, the reply slows the next case down, which its figures show.
        let _ = account.frames.lock().await.until_ended().await;
    }
    // A read leaves no work after its answer.
    if !matches!(case.request, Request::Get(_)) {
        sleep(WORK_AFTER_ANSWER).await;
    }
}

async fn fetch(account: &Account, path: &str) -> Result<Vec<u8>, ApiError> {
    let request = account.http.get(format!("{}{path}", account.target.url)).bearer_auth(account.api.access_token());
    let answer = request.send().await?.error_for_status()?;
    Ok(answer.bytes().await?.to_vec())
}

async fn mcp(account: &Account, method: &str, params: Value) -> Result<Value, ApiError> {
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
    let request = account.http.post(format!("{}/mcp", account.target.url)).bearer_auth(&account.personal_token);
    let request = request.header("Accept", "application/json, text/event-stream").json(&body);
    let answer = request.send().await?.error_for_status()?.bytes().await?;
    serde_json::from_slice(&answer).map_err(|error| ApiError::Unreadable(error.to_string()))
}

impl Row {
    /// The ratio of the medians of time or processor time, whichever is larger.
    fn ratio(&self) -> Option<f64> {
        let of = |figure: fn(&Cost) -> Option<f64>| {
            let (small, large) = (quantile(&self.small, 0.5, figure)?, quantile(&self.large, 0.5, figure)?);
            Some(large.max(FLOOR_MS) / small.max(FLOOR_MS))
        };
        let wall = of(|cost| Some(cost.wall_ms))?;
        Some(of(|cost| cost.processor_ms).map_or(wall, |processor| wall.max(processor)))
    }

    fn cells(&self) -> Vec<String> {
        let ms = |figure: Option<f64>| figure.map_or_else(|| "-".into(), |figure| format!("{figure:.2}"));
        let mut cells = vec![self.case.name.to_owned()];
        for costs in [&self.small, &self.large] {
            cells.extend([
                ms(quantile(costs, 0.5, |cost| Some(cost.wall_ms))),
                ms(quantile(costs, 0.95, |cost| Some(cost.wall_ms))),
                ms(quantile(costs, 0.5, |cost| cost.processor_ms)),
                costs.iter().map(|cost| cost.bytes).max().unwrap_or_default().to_string(),
            ]);
        }
        cells.push(ms(self.ratio()));
        cells
    }
}

fn outcome(run: &RunContext, rows: &[Row], missing: usize, measured: (f64, f64)) -> Outcome {
    let worst = rows.iter().filter(|row| !row.case.grows).filter_map(Row::ratio).reduce(f64::max);
    let over = rows.iter().filter(|row| !row.case.grows && row.ratio().is_none_or(|ratio| ratio > MAX_RATIO)).count();
    let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let missing = count(missing);
    let checks = vec![
        Check::at_most("worst ratio of large to small", MAX_RATIO, "×", worst),
        Check::none("routes, commands, tools above it", count(over)),
        Check::none("routes, commands, tools without a case", missing),
        Check::none("other errors", run.meter.errors_in_all().saturating_sub(missing)),
    ];
    let table = |title: &str, grows: bool| Grid {
        title: title.into(),
        columns: "route, command or tool|small p50|p95|processor|bytes|large p50|p95|processor|bytes|ratio"
            .split('|')
            .collect(),
        rows: rows.iter().filter(|row| row.case.grows == grows).map(Row::cells).collect(),
    };
    let size = |scale: account::Scale| {
        let account::Scale { name, tasks, description, conversations, messages } = scale;
        format!("{name}: {tasks} tasks of {description} bytes, {conversations} conversations, a thread of {messages}")
    };
    let title = format!("Costs in ms ({}; {})", size(SMALL), size(LARGE));
    let tables = vec![table(&title, false), table("Requests that must grow with the account", true)];
    Outcome { checks, tables, measured, ..Outcome::default() }
}

fn quantile(costs: &[Cost], share: f64, figure: fn(&Cost) -> Option<f64>) -> Option<f64> {
    let mut figures: Vec<f64> = costs.iter().filter_map(figure).collect();
    figures.sort_by(f64::total_cmp);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "small")]
    let index = (figures.len() as f64 * share) as usize;
    figures.get(index.min(figures.len().saturating_sub(1))).copied()
}

#[expect(clippy::cast_precision_loss, reason = "fewer than 2^52 nanoseconds")]
fn millis(nanos: u64) -> f64 {
    nanos as f64 / 1_000_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(small: f64, large: f64) -> Row {
        let costs = |wall_ms| vec![Cost { wall_ms, ..Cost::default() }; 3];
        Row { case: &ALL[0], small: costs(small), large: costs(large) }
    }

    #[test]
    fn a_ratio_is_one_of_medians_above_a_floor() {
        assert_eq!(row(2.0, 5.0).ratio(), Some(2.5));
        assert_eq!(row(0.1, 0.9).ratio(), Some(1.0), "both are below the floor");
        let nothing = Row { large: Vec::new(), ..row(1.0, 1.0) };
        assert_eq!(nothing.ratio(), None);
    }
}
