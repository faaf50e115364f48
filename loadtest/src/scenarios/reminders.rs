//! Many reminders in one minute: each must reach all devices of its user within a second, and none may be missed or fire
//! twice.
//!
//! The tasks are added before the minute begins; their reminders are spread over it evenly. With a duration of no seconds
//! all of them are due at once. The log of each user shows at the end how often each reminder has fired.

use crate::{
    measure::Check,
    scenario::{About, Outcome, RunContext, Scenario, ScenarioError, Size},
    scenarios::users::{check_and_close, connect_all, correctness, each, join, post_all},
    virtual_user::{VirtualUser, api::ApiError},
};
use async_trait::async_trait;
use jiff::tz::Offset;
use serde_json::{Value, json};
use std::{collections::HashMap, time::Duration};
use tandem_protocol::{ReminderId, Timestamp, limits::MAX_EVENTS, live::EventBody, rest::EventList};
use tokio::time::sleep;

/// Reminders of a run, over all users.
const COUNT: usize = 10_000;
/// Tasks that are added in a second before the first reminder is due, at least.
const ADDED_PER_SECOND: usize = 250;
/// Requests of one user at the same time.
const AT_ONCE: usize = 2;
/// Time after the last reminder in which a late one may still come.
const REST: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub struct Reminders;

#[async_trait]
impl Scenario for Reminders {
    fn about(&self) -> About {
        About {
            name: "reminders",
            summary: "10,000 reminders in one minute: how late each is on every device, and that each fires once",
            size: Size { users: 100, devices: 2, duration: Duration::from_mins(1) },
        }
    }

    async fn run(&self, run: &RunContext) -> Result<Outcome, ScenarioError> {
        let users = join(connect_all(run).await?, run.size.devices - 1).await?;
        let (count, duration) = (users.len(), run.size.duration);
        let lead = Duration::from_secs((COUNT / ADDED_PER_SECOND + 5) as u64);
        let first = run.meter.clock.time_of_day().plus(lead);
        let filled = each(users, move |number, user: VirtualUser| async move {
            let bodies = (number..COUNT).step_by(count).map(|place| task(first, duration, place));
            post_all(user.devices()[0].api(), "/tasks", bodies.collect(), AT_ONCE).await?;
            Ok::<_, ApiError>(user)
        });
        let users = filled.await?.into_iter().collect::<Result<Vec<_>, _>>()?;
        let wait = first.millis_since(run.meter.clock.time_of_day());
        if wait < 0 {
            run.meter.error("slow start", format!("the tasks were added {} ms too late", -wait));
        }
        run.meter.begin();
        let begin = run.seconds();
        sleep(Duration::from_millis(wait.max(0).unsigned_abs()) + duration + REST).await;
        let end = run.seconds();
        let late = run.meter.reminder.take();
        let checked = each(users, |_, user: VirtualUser| async move { Ok::<_, ApiError>((fired(&user).await?, user)) });
        let (mut fired, mut users) = (HashMap::new(), Vec::new());
        for user in checked.await? {
            let (times, user) = user?;
            fired.extend(times);
            users.push(user);
        }
        check_and_close(users).await?;
        let mut checks = checks(late.quantile(0.99), &fired);
        checks.extend(correctness(&run.meter));
        let counts = vec![("reminders that fired", u64::try_from(fired.len()).unwrap_or(u64::MAX))];
        Ok(Outcome { checks, measured: (begin, end), latencies: vec![(LATE, late)], counts, ..Outcome::default() })
    }
}

const LATE: &str = "reminder, from its time to each device";

fn checks(late: Option<f64>, fired: &HashMap<ReminderId, u64>) -> Vec<Check> {
    let missed = COUNT.saturating_sub(fired.len());
    let twice = fired.values().filter(|times| **times > 1).count();
    vec![
        Check::at_most("reminder to each device, p99", 1_000.0, "ms", late).aiming_at(300.0),
        Check::none("reminders missed", u64::try_from(missed).unwrap_or(u64::MAX)),
        Check::none("reminders fired twice", u64::try_from(twice).unwrap_or(u64::MAX)),
    ]
}

/// A task whose reminder has this place among all of them. Times have whole seconds.
fn task(first: Timestamp, duration: Duration, place: usize) -> Value {
    let millis = duration.as_millis() as usize * place / COUNT;
    let mut task = task_at(first.plus_millis(i64::try_from(millis).unwrap_or(i64::MAX)));
    task["title"] = format!("Reminder {place}").into();
    task
}

/// A task with a reminder, in whole seconds.
pub(super) fn task_at(at: Timestamp) -> Value {
    let at = Offset::UTC.to_datetime(at.to_jiff());
    let time = format!("{:02}:{:02}:{:02}", at.hour(), at.minute(), at.second());
    let at = json!({ "date": at.date().to_string(), "time": time, "time_zone": "UTC" });
    json!({ "title": "Remind", "reminders": [{ "at": at }] })
}

/// How often each reminder of a user has fired, by the log.
async fn fired(user: &VirtualUser) -> Result<HashMap<ReminderId, u64>, ApiError> {
    let (mut fired, mut since) = (HashMap::new(), 0);
    loop {
        let list: EventList = user.devices()[0].api().get("/events", &[("since", &since.to_string())]).await?;
        for event in &list.items {
            if let Ok(Some(EventBody::ReminderDue { reminder_id, .. })) = event.body() {
                *fired.entry(reminder_id).or_default() += 1;
            }
        }
        since = list.items.last().map_or(list.seq, |event| event.seq);
        if list.items.len() < MAX_EVENTS as usize && since >= list.seq {
            return Ok(fired);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reminders_are_spread_over_the_time() {
        let first = Timestamp::from_millis(0);
        let at = |place| task(first, Duration::from_mins(1), place)["reminders"][0]["at"]["time"].clone();
        assert_eq!([at(0), at(COUNT / 2), at(COUNT - 1)], ["00:00:00", "00:00:30", "00:00:59"]);
    }

    #[test]
    fn what_is_missed_or_doubled_is_counted() {
        let id = |number| ReminderId(uuid::Uuid::from_u128(number));
        let fired = (0..COUNT as u128 - 1).map(|number| (id(number), 1 + u64::from(number == 7))).collect();
        let failed: Vec<_> = checks(Some(12.0), &fired).into_iter().filter(|check| !check.passed()).collect();
        assert_eq!(failed.len(), 2, "{failed:?}");
    }
}
