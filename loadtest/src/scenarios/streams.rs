//! Many replies at once: every user is answered all the time, and every token must reach each of its devices, in time.
//! The provider writes 30 tokens a second, as fast as models do that many people can read.

use crate::{
    measure::Check,
    provider::Pace,
    scenario::{Outcome, Scenario, ScenarioError, Size, World},
    scenarios::people::{arrive, check_and_leave, correctness, each, join},
    virtual_user::{Door, Expected, VirtualUser},
};
use async_trait::async_trait;
use std::time::Duration;
use tandem_protocol::ConversationId;
use tokio::time::{Instant, sleep};

/// Replies do not begin in the same moment, but within this time.
const STAGGER: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub struct Streams;

#[async_trait]
impl Scenario for Streams {
    fn name(&self) -> &'static str {
        "streams"
    }

    fn summary(&self) -> &'static str {
        "many replies at once, 30 tokens a second each: what is lost, and how late tokens are"
    }

    fn size(&self) -> Size {
        Size { users: 1000, devices: 2, duration: Duration::from_secs(30) }
    }

    fn pace(&self) -> Pace {
        Pace { tokens: 150, every: Duration::from_micros(33_333) }
    }

    async fn run(&self, world: &World) -> Result<Outcome, ScenarioError> {
        let people = join(arrive(world).await?, world.size.devices - 1).await?;
        let expected = Expected::of(world.provider.as_ref());
        world.meter.begin();
        let begin = world.seconds();
        let before = world.usage();
        let until = Instant::now() + world.size.duration;
        let gap = STAGGER / u32::try_from(people.len()).unwrap_or(u32::MAX).max(1);
        let talked = each(people, move |number, user: VirtualUser| async move {
            sleep(gap * u32::try_from(number).unwrap_or(u32::MAX)).await;
            while Instant::now() < until {
                let conversation = ConversationId(user.dice.uuid());
                user.talk(conversation, "Tell me more".into(), Door::Rest, expected).await;
            }
            user
        });
        let people = talked.await?;
        let end = world.seconds();
        let after = world.usage();
        check_and_leave(people).await?;
        let ours = |check: Check| if expected.is_some() { check } else { check.where_known() };
        let load = before.zip(after).map(|(from, to)| (to.processor - from.processor) / (to.at - from.at) * 100.0);
        let mut checks = vec![
            ours(
                Check::at_most("each token, added, p99", 1000.0, "ms", world.meter.token.quantile(0.99))
                    .aiming_at(100.0),
            ),
            Check::at_most("message to acknowledgement, p99", 1000.0, "ms", world.meter.sending.quantile(0.99)),
        ];
        checks.extend(correctness(&world.meter));
        let counts = load.map(|load| ("server's processor, % of one core", rounded(load))).into_iter().collect();
        Ok(Outcome { checks, measured: (begin, end), counts, ..Outcome::default() })
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of some cores")]
fn rounded(load: f64) -> u64 {
    load.max(0.0).round() as u64
}
