//! Hours of ordinary use: what grows although nothing needs it.
//!
//! The users of `fifty-users` chat in rounds. After each round some devices lose their connection and resume, and some users
//! log in once more. Memory is read at the end of each round, when no reply is running. The first rounds fill caches and are
//! not compared.

use crate::{
    measure::{Check, Grid},
    scenario::{About, Outcome, RunContext, Scenario, ScenarioError, Size},
    scenarios::{
        fifty_users::{ChatUser, ReplyPlan, chat, connect_all},
        users::{correctness, each, wait_until_idle},
    },
};
use async_trait::async_trait;
use std::time::Duration;
use tokio::time::Instant;

/// Time of one round.
const ROUND: Duration = Duration::from_mins(1);
/// One of so many users loses its connections after a round and logs in once more.
const CHURN: usize = 3;
/// Time for a device to be live again.
const BACK: Duration = Duration::from_secs(10);
/// The part of the rounds that fill caches.
const WARM_UP: usize = 6;
/// How much larger the memory may be at the end than after the warm-up.
const MAX_GROWTH: f64 = 1.1;

#[derive(Debug)]
pub struct Soak;

#[async_trait]
impl Scenario for Soak {
    fn about(&self) -> About {
        About {
            name: "soak",
            summary: "an hour of chat with connections that are cut and log-ins: memory must not grow",
            size: Size { users: 50, devices: 2, duration: Duration::from_hours(1) },
        }
    }

    async fn run(&self, run: &RunContext) -> Result<Outcome, ScenarioError> {
        let mut users = connect_all(run).await?;
        let expected = ReplyPlan::of(run);
        run.meter.begin();
        let (begin, started) = (run.seconds(), Instant::now());
        let (mut rows, mut memory) = (Vec::new(), Vec::new());
        while started.elapsed() < run.size.duration {
            let round = rows.len();
            let until = started + ROUND.saturating_mul(u32::try_from(round + 1).unwrap_or(u32::MAX));
            let until = until.min(started + run.size.duration);
            users = each(users, move |number, user| chat(user, number, until, expected)).await?;
            users = each(users, move |number, user| churn(user, number, round)).await?;
            wait_until_idle(run).await;
            let usage = run.usage();
            memory.extend(usage.map(|usage| usage.memory));
            let figure = |value: Option<f64>| value.map_or_else(|| "-".into(), |value| format!("{value:.1}"));
            rows.push(vec![
                format!("{:.0} min", started.elapsed().as_secs_f64() / 60.0),
                figure(usage.map(|usage| usage.memory)),
                figure(usage.map(|usage| usage.processor)),
                run.meter.replies.get().to_string(),
                run.meter.errors_in_all().to_string(),
            ]);
        }
        let users = each(users, |_, user| async move {
            user.user.check().await;
            user
        });
        each(users.await?, |_, user| user.user.close()).await?;
        let mut checks = vec![
            Check::at_most("memory at the end, of that after a sixth", MAX_GROWTH, "×", growth(&memory)).where_known(),
        ];
        checks.extend(correctness(&run.meter));
        let columns = vec!["after", "memory in MiB", "processor in s", "replies", "errors"];
        let tables = vec![Grid { title: "The server after each round".into(), columns, rows }];
        Ok(Outcome { checks, tables, measured: (begin, run.seconds()), ..Outcome::default() })
    }
}

/// Cuts the connections of some users, other ones in each round.
async fn churn(chat_user: ChatUser, number: usize, round: usize) -> ChatUser {
    if (number + round).is_multiple_of(CHURN) {
        let user = &chat_user.user;
        user.log_in_again(round).await;
        for device in user.devices() {
            let before = device.live_count();
            device.cut();
            if !device.live_after(before, BACK).await {
                user.meter().error("not back", format!("a device is not live {BACK:?} after its connection was cut"));
            }
        }
    }
    chat_user
}

/// The last memory over that after the warm-up; `None` without two rounds.
fn growth(memory: &[f64]) -> Option<f64> {
    let first = memory.get(memory.len() / WARM_UP)?;
    let last = memory.last().filter(|_| memory.len() > 1)?;
    Some(last / first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_sixth_is_not_compared() {
        assert_eq!(growth(&[]), None);
        assert_eq!(growth(&[30.0]), None);
        assert_eq!(growth(&[30.0, 33.0]), Some(1.1));
        let hour: Vec<f64> =
            (0_u32..60).map(|round| if round < 10 { 20.0 } else { 40.0 + f64::from(round % 2) }).collect();
        assert_eq!(growth(&hour), Some(41.0 / 40.0));
    }
}
