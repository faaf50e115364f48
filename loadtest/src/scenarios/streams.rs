//! Many replies at once: every user always has a running reply, and every token must reach all devices in time.
//!
//! The provider writes 30 tokens a second, the speed of models that many people use at the same time.

use crate::{
    measure::Check,
    provider::Pace,
    scenario::{About, Outcome, RunContext, Scenario, ScenarioError, Size},
    scenarios::users::{check_and_close, connect_all, correctness, each, join},
    virtual_user::{Expected, Transport, VirtualUser},
};
use async_trait::async_trait;
use std::time::Duration;
use tandem_protocol::ConversationId;
use tokio::time::{Instant, sleep};

/// The replies start at different moments within this time.
const STAGGER: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub struct Streams;

#[async_trait]
impl Scenario for Streams {
    fn about(&self) -> About {
        About {
            name: "streams",
            summary: "many replies at once, 30 tokens a second each: what is lost, and how late tokens are",
            size: Size { users: 1000, devices: 2, duration: Duration::from_secs(30) },
        }
    }

    fn pace(&self) -> Pace {
        Pace { tokens: 150, every: Duration::from_micros(33_333) }
    }

    async fn run(&self, run: &RunContext) -> Result<Outcome, ScenarioError> {
        let users = join(connect_all(run).await?, run.size.devices - 1).await?;
        let expected = Expected::of(run.provider.as_ref());
        run.meter.begin();
        let begin = run.seconds();
        let before = run.usage();
        let until = Instant::now() + run.size.duration;
        // Replies of equal length that start together also end together, and between them the server would be idle.
        let gap = STAGGER / u32::try_from(users.len()).unwrap_or(u32::MAX).max(1);
        let talked = each(users, move |number, user: VirtualUser| async move {
            sleep(gap * u32::try_from(number).unwrap_or(u32::MAX)).await;
            while Instant::now() < until {
                let conversation = ConversationId(user.rng.uuid());
                user.send_and_wait(conversation, "Tell me more".into(), Transport::Rest, expected).await;
            }
            user
        });
        let users = talked.await?;
        let end = run.seconds();
        let after = run.usage();
        check_and_close(users).await?;
        let load = before.zip(after).map(|(from, to)| (to.processor - from.processor) / (to.at - from.at) * 100.0);
        let mut checks = vec![
            Check::at_most("each token, added, p99", 1000.0, "ms", run.meter.token.quantile(0.99))
                .aiming_at(100.0)
                .required_if(expected.is_some()),
            Check::at_most("message to acknowledgement, p99", 1000.0, "ms", run.meter.sending.quantile(0.99)),
        ];
        checks.extend(correctness(&run.meter));
        let counts = load.map(|load| ("server's processor, % of one core", rounded(load))).into_iter().collect();
        Ok(Outcome { checks, measured: (begin, end), counts, ..Outcome::default() })
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of some cores")]
fn rounded(load: f64) -> u64 {
    load.max(0.0).round() as u64
}
