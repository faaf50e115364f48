//! What scenarios share: people who arrive, do something all at once, are checked, and leave; and a crowd of sockets.

use crate::{
    clock::Rng,
    files,
    measure::{Check, Meter},
    scenario::{ScenarioError, World},
    virtual_user::{
        VirtualUser,
        check::{BROKEN_RULE, DIFFERENT, DUPLICATED_EVENT, LOST_EVENT},
    },
};
use std::time::Duration;
use tokio::{task::JoinSet, time::sleep};

/// After this long nothing is left to do of what came before: a node tells who is connected within one second.
const REST: Duration = Duration::from_secs(3);

/// Lets all people do something at once.
pub(super) async fn each<P: Send + 'static, T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    people: Vec<P>,
    act: impl Fn(usize, P) -> F,
) -> Result<Vec<T>, ScenarioError> {
    let mut tasks = JoinSet::new();
    for (number, person) in people.into_iter().enumerate() {
        tasks.spawn(act(number, person));
    }
    let mut done = Vec::new();
    while let Some(result) = tasks.join_next().await {
        done.push(result?);
    }
    Ok(done)
}

/// Everyone registers, logs in once, and connects one device. There is room for the sockets of all their devices.
pub(super) async fn arrive(world: &World) -> Result<Vec<VirtualUser>, ScenarioError> {
    files::make_room(world.size.users.saturating_mul(world.size.devices), world.process)?;
    let dice = (0..world.size.users).map(|user| Rng::new(world.meter.clock, world.seed, user)).collect();
    let target = world.target.clone();
    let arrived = each(dice, move |_, dice| {
        let target = target.clone();
        async move { VirtualUser::arrive(&target, dice, 1).await }
    });
    Ok(arrived.await?.into_iter().collect::<Result<_, _>>()?)
}

/// Each user connects so many more sockets.
pub(super) async fn join(people: Vec<VirtualUser>, more: usize) -> Result<Vec<VirtualUser>, ScenarioError> {
    let joined = each(people, move |_, mut user: VirtualUser| async move {
        user.join(more, false).await?;
        Ok::<_, ScenarioError>(user)
    });
    joined.await?.into_iter().collect()
}

/// Waits until the server has nothing to do, if anyone looks at what it uses.
pub(super) async fn rest(world: &World) {
    if world.process.is_some() {
        sleep(REST).await;
    }
}

/// Every device of everyone is compared with the event log, then all leave.
pub(super) async fn check_and_leave(people: Vec<VirtualUser>) -> Result<(), ScenarioError> {
    let checked = each(people, |_, user: VirtualUser| async move {
        user.check().await;
        user
    });
    each(checked.await?, |_, user| user.leave()).await?;
    Ok(())
}

/// The thresholds on what must not happen.
pub(super) fn correctness(meter: &Meter) -> [Check; 4] {
    let lost = meter.errors_of(LOST_EVENT) + meter.errors_of("token lost");
    let duplicated = meter.errors_of(DUPLICATED_EVENT) + meter.errors_of("token duplicated");
    let wrong = meter.errors_of(BROKEN_RULE) + meter.errors_of(DIFFERENT);
    [
        Check::none("lost events and tokens", lost),
        Check::none("duplicated events and tokens", duplicated),
        Check::none("rules broken, devices that differ", wrong),
        Check::none("other errors", meter.errors_in_all() - lost - duplicated - wrong),
    ]
}

/// A number of things as a figure.
#[expect(clippy::cast_precision_loss, reason = "fewer than 2^52")]
pub(super) fn figure(count: usize) -> f64 {
    count as f64
}
