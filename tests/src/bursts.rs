//! Bursts of reminders, and an oracle: each one that was set has fired, and none twice.

use crate::{eventually::within, user::TestUser};
use futures_util::future::join_all;
use jiff::{civil::DateTime, tz::Offset};
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};
use tandem_domain::clock::{Clock as _, SystemClock};
use tandem_protocol::{ReminderId, Timestamp, live::EventBody, rest::EventList};

/// Time limit for the rest of a burst after the last fault.
const PATIENCE: Duration = Duration::from_secs(30);

/// The day and clock time in UTC that is so many seconds from now, as the API has it.
#[must_use]
pub fn moment(seconds: i64) -> Value {
    let now: DateTime = Offset::UTC.to_datetime(SystemClock.now().plus_millis(seconds * 1_000).to_jiff());
    let (hour, minute, second) = (now.hour(), now.minute(), now.second());
    json!({ "date": now.date().to_string(), "time": format!("{hour:02}:{minute:02}:{second:02}"), "time_zone": "UTC" })
}

/// Reminders of several users, and when each should fire.
#[derive(Debug, Default)]
pub struct Bursts {
    users: Vec<TestUser>,
    set: BTreeMap<ReminderId, Timestamp>,
}

impl Bursts {
    #[must_use]
    pub fn of(users: Vec<TestUser>) -> Self {
        Self { users, set: BTreeMap::new() }
    }

    /// Uses another node from now on.
    pub fn switch_to(&mut self, server: &crate::TestServer) {
        self.users = self.users.iter().map(|user| user.at(server)).collect();
    }

    /// Adds `each` tasks to every user that remind at the same time, in so many seconds.
    pub async fn set(&mut self, each: usize, seconds: i64) {
        let at = moment(seconds);
        let body = json!({ "title": "Remind", "reminders": [{ "at": at }] });
        let of_user = self.users.iter().map(|user| {
            let body = body.clone();
            async move {
                let mut reminders = Vec::new();
                for _ in 0..each {
                    reminders.extend(user.add(body.clone()).await.reminders);
                }
                reminders
            }
        });
        let reminders = join_all(of_user).await.into_iter().flatten();
        self.set.extend(reminders.map(|reminder| (reminder.id, reminder.fires_at)));
    }

    /// How often each reminder has fired, by the logs of the users.
    async fn fired(&self) -> BTreeMap<ReminderId, Vec<Timestamp>> {
        let mut fired: BTreeMap<ReminderId, Vec<Timestamp>> = BTreeMap::new();
        for user in &self.users {
            let mut since = 0;
            loop {
                let list: EventList = user.get(&format!("/events?since={since}")).patient().await.expect(200).read();
                for event in &list.items {
                    if let Ok(Some(EventBody::ReminderDue { reminder_id, at, .. })) = event.body() {
                        fired.entry(reminder_id).or_default().push(at);
                    }
                }
                since = list.items.last().map_or(list.seq, |event| event.seq);
                if since >= list.seq {
                    break;
                }
            }
        }
        fired
    }

    /// Waits until every reminder has fired, and asserts that none has twice.
    pub async fn check(&self) {
        let fired = within(PATIENCE, "every reminder", async || {
            let fired = self.fired().await;
            (fired.len() >= self.set.len()).then_some(fired)
        })
        .await;
        for (reminder, at) in &self.set {
            assert_eq!(fired.get(reminder), Some(&vec![*at]), "{reminder}");
        }
        eprintln!("{} reminders: 0 missed, 0 twice", self.set.len());
    }
}
