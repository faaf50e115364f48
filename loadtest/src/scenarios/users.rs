//! Shared by the scenarios: users that connect, act concurrently, are checked and close; and filling an account.

use crate::{
    clock::Rng,
    files,
    measure::{Check, Meter},
    scenario::{RunContext, ScenarioError},
    virtual_user::{
        VirtualUser,
        api::{Api, ApiError},
        check::{BROKEN_RULE, DIFFERENT, DUPLICATED_EVENT, LOST_EVENT},
    },
};
use futures_util::{StreamExt, TryStreamExt, stream};
use reqwest::Method;
use serde::de::IgnoredAny;
use serde_json::Value;
use std::time::Duration;
use tokio::{task::JoinSet, time::sleep};

/// Time after which earlier work has no effect: a node publishes who is connected within a second.
const IDLE_AFTER: Duration = Duration::from_secs(3);

/// Pause after a request that was refused for lack of capacity.
const RETRY_PAUSE: Duration = Duration::from_millis(20);

/// Runs `act` for all users concurrently and returns the results in the order of completion.
pub(super) async fn each<P: Send + 'static, T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    users: Vec<P>,
    act: impl Fn(usize, P) -> F,
) -> Result<Vec<T>, ScenarioError> {
    let mut tasks = JoinSet::new();
    for (number, user) in users.into_iter().enumerate() {
        tasks.spawn(act(number, user));
    }
    let mut done = Vec::new();
    // A panic ends the run: returning drops the set, which aborts the other tasks.
    while let Some(result) = tasks.join_next().await {
        done.push(result?);
    }
    Ok(done)
}

/// Registers all users, each with one log-in and one device, after checking the limit of open files for all devices.
pub(super) async fn connect_all(run: &RunContext) -> Result<Vec<VirtualUser>, ScenarioError> {
    files::ensure_file_limit(run.size.users.saturating_mul(run.size.devices), run.process)?;
    let rng = (0..run.size.users).map(|user| Rng::new(run.meter.clock, run.seed, user)).collect();
    let target = run.target.clone();
    let connected = each(rng, move |_, rng| {
        let target = target.clone();
        async move { VirtualUser::register(&target, rng, 1).await }
    });
    Ok(connected.await?.into_iter().collect::<Result<_, _>>()?)
}

/// Connects `more` further sockets of each user.
pub(super) async fn join(users: Vec<VirtualUser>, more: usize) -> Result<Vec<VirtualUser>, ScenarioError> {
    // Concurrently for all users; each limits its own concurrent connects.
    let joined = each(users, move |_, mut user: VirtualUser| async move {
        user.join(more, false).await?;
        Ok::<_, ScenarioError>(user)
    });
    joined.await?.into_iter().collect()
}

/// Waits until the server is idle, if its process is measured.
pub(super) async fn wait_until_idle(run: &RunContext) {
    if run.process.is_some() {
        sleep(IDLE_AFTER).await;
    }
}

/// Compares every device with the event log, then closes all sockets.
pub(super) async fn check_and_close(users: Vec<VirtualUser>) -> Result<(), ScenarioError> {
    let checked = each(users, |_, user: VirtualUser| async move {
        user.check().await;
        user
    });
    each(checked.await?, |_, user| user.close()).await?;
    Ok(())
}

/// The thresholds on losses, duplicates and errors.
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

/// Sends bodies to one route, `at_once` at a time. A request that is refused for lack of capacity is sent again.
pub(super) async fn post_all(api: &Api, path: &str, bodies: Vec<Value>, at_once: usize) -> Result<(), ApiError> {
    let posted = stream::iter(bodies).map(|body| async move {
        loop {
            let token = api.access_token();
            match api.request::<IgnoredAny>(Method::POST, path, Some(&body)).await {
                Err(ApiError::Refused { status: 429 | 503, .. }) => sleep(RETRY_PAUSE).await,
                // Filling a large account takes longer than the token is valid.
                Err(ApiError::Refused { status: 401, .. }) => api.renew(&token).await?,
                answer => return answer.map(drop),
            }
        }
    });
    posted.buffer_unordered(at_once).try_collect().await
}

/// A number as a figure.
#[expect(clippy::cast_precision_loss, reason = "fewer than 2^52")]
pub(super) fn figure(count: usize) -> f64 {
    count as f64
}
