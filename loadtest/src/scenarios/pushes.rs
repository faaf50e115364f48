//! Pushes to closed pages: how soon after its event each arrives at the push service, one user after the other and all at
//! once.
//!
//! The push service is in this process and accepts everything without reading it. Each user has several devices, which are
//! not connected. The server must allow pushes to this machine (`TANDEM_PUSH_LOOPBACK=on`).

use crate::{
    clock::Clock,
    measure::{Check, Recorder},
    scenario::{About, Outcome, RunContext, Scenario, ScenarioError, Size},
    scenarios::{
        reminders::task_at,
        users::{check_and_close, connect_all, correctness, each, post_all},
    },
    virtual_user::{VirtualUser, api::ApiError},
};
use async_trait::async_trait;
use http_body_util::{BodyExt as _, Empty};
use hyper::{Request, Response, StatusCode, body::Bytes, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    convert::Infallible,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tandem_protocol::{Timestamp, live::EventBody, rest::EventList};
use tokio::{net::TcpListener, task::JoinSet, time::sleep};

/// Devices of each user that receive pushes.
const DEVICES: usize = 20;
/// Time between the last request before the first reminder and that reminder.
const LEAD: Duration = Duration::from_secs(8);
/// Time after the last reminder in which a late push may still come.
const REST: Duration = Duration::from_secs(8);
/// Keys of a browser: the example of RFC 8291.
const KEY: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

#[derive(Debug)]
pub struct Pushes;

#[async_trait]
impl Scenario for Pushes {
    fn about(&self) -> About {
        About {
            name: "pushes",
            summary: "1,000 pushes one user after the other, then 1,000 at once: how soon after the event each is sent",
            size: Size { users: 50, devices: 1, duration: Duration::from_secs(25) },
        }
    }

    async fn run(&self, run: &RunContext) -> Result<Outcome, ScenarioError> {
        let service = PushService::start(run.meter.clock).await?;
        let (users, duration) = (connect_all(run).await?, run.size.duration);
        let count = users.len();
        let first = run.meter.clock.time_of_day().plus(LEAD);
        let together = first.plus(duration).plus(LEAD);
        let address = service.address;
        let filled = each(users, move |number, user: VirtualUser| async move {
            let api = user.devices()[0].api();
            let subscriptions = (0..DEVICES).map(|device| subscription(address, number, device));
            post_all(api, "/push/subscriptions", subscriptions.collect(), 2).await?;
            let alone = first.plus(duration.mul_f64(ratio(number, count)));
            post_all(api, "/tasks", vec![task_at(alone), task_at(together)], 2).await?;
            Ok::<_, ApiError>((number, user))
        });
        let mut users = filled.await?.into_iter().collect::<Result<Vec<_>, _>>()?;
        // In the order in which they were filled.
        users.sort_by_key(|(number, _)| *number);
        let users: Vec<_> = users.into_iter().map(|(_, user)| user).collect();
        run.meter.begin();
        let begin = run.seconds();
        let left = together.millis_since(run.meter.clock.time_of_day());
        sleep(Duration::from_millis(left.max(0).unsigned_abs()) + REST).await;
        let end = run.seconds();
        let mut fired = Vec::new();
        for user in &users {
            fired.push(events(user).await?);
        }
        check_and_close(users).await?;
        let measured = measured(&service, &fired, run.meter.clock);
        let mut checks = measured.checks(count);
        checks.extend(correctness(&run.meter));
        let counts = vec![("pushes that arrived", measured.arrived)];
        Ok(Outcome { checks, measured: (begin, end), latencies: measured.latencies(), counts, ..Outcome::default() })
    }
}

#[expect(clippy::cast_precision_loss, reason = "fewer than 2^52")]
fn ratio(number: usize, count: usize) -> f64 {
    number as f64 / count as f64
}

fn subscription(address: SocketAddr, user: usize, device: usize) -> Value {
    let keys = json!({ "p256dh": KEY, "auth": AUTH });
    json!({ "endpoint": format!("http://{address}/{user}/{device}"), "keys": keys, "device_id": format!("pushed-{device}") })
}

/// When each reminder of a user fired, in order.
async fn events(user: &VirtualUser) -> Result<Vec<Timestamp>, ApiError> {
    let list: EventList = user.devices()[0].api().get("/events", &[("since", "0")]).await?;
    let due = |event: &&tandem_protocol::live::Event| matches!(event.body(), Ok(Some(EventBody::ReminderDue { .. })));
    Ok(list.items.iter().filter(due).map(|event| event.at).collect())
}

/// What arrived, compared with the events.
struct Measured {
    alone: Recorder,
    together: Recorder,
    /// From the first event to the last push of those that fired together.
    span: Option<f64>,
    arrived: u64,
    twice: u64,
}

const ALONE: &str = "push of a single user, from its event";
const TOGETHER: &str = "push of all users at once, from its event";

impl Measured {
    fn checks(&self, users: usize) -> Vec<Check> {
        let expected = u64::try_from(2 * users * DEVICES).unwrap_or(u64::MAX);
        vec![
            Check::at_most("event to push, p99", 500.0, "ms", self.alone.quantile(0.99)),
            Check::at_most("pushes of all users, from the first to the last", 5_000.0, "ms", self.span),
            Check::none("pushes missed", expected.saturating_sub(self.arrived - self.twice)),
            Check::none("pushes sent twice", self.twice),
        ]
    }

    fn latencies(self) -> Vec<(&'static str, Recorder)> {
        vec![(ALONE, self.alone), (TOGETHER, self.together)]
    }
}

#[expect(clippy::cast_precision_loss, reason = "fewer than 2^52")]
fn measured(service: &PushService, fired: &[Vec<Timestamp>], clock: Clock) -> Measured {
    let (alone, together) = (Recorder::default(), Recorder::default());
    let (mut arrived, mut twice) = (0, 0);
    let (mut first, mut last) = (i64::MAX, i64::MIN);
    for (number, events) in fired.iter().enumerate() {
        for device in 0..DEVICES {
            let came = service.arrivals(number, device);
            arrived += came.len() as u64;
            twice += came.len().saturating_sub(events.len()) as u64;
            for ((place, event), came) in events.iter().enumerate().zip(&came) {
                let nanos = came.millis_since(*event).max(0).unsigned_abs() * 1_000_000;
                let recorder = if place == 0 { &alone } else { &together };
                recorder.record(clock.now(), nanos);
                if place > 0 {
                    first = first.min(event.as_millis());
                    last = last.max(came.as_millis());
                }
            }
        }
    }
    let span = (last > first).then(|| (last - first) as f64);
    Measured { alone, together, span, arrived, twice }
}

/// A push service that accepts everything, and when it did.
struct PushService {
    address: SocketAddr,
    arrivals: Arc<Mutex<HashMap<String, Vec<Timestamp>>>>,
    _task: JoinSet<()>,
}

impl PushService {
    async fn start(clock: Clock) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let (address, arrivals) = (listener.local_addr()?, Arc::default());
        let mut task = JoinSet::new();
        task.spawn(accept(listener, Arc::clone(&arrivals), clock));
        Ok(Self { address, arrivals, _task: task })
    }

    fn arrivals(&self, user: usize, device: usize) -> Vec<Timestamp> {
        let arrivals = self.arrivals.lock().unwrap_or_else(PoisonError::into_inner);
        arrivals.get(&format!("/{user}/{device}")).cloned().unwrap_or_default()
    }
}

async fn accept(listener: TcpListener, arrivals: Arc<Mutex<HashMap<String, Vec<Timestamp>>>>, clock: Clock) {
    let mut connections = JoinSet::new();
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            let _ = stream.set_nodelay(true);
            let arrivals = Arc::clone(&arrivals);
            connections.spawn(async move {
                let service = service_fn(move |request| receive(request, Arc::clone(&arrivals), clock));
                let mut connection = http1::Builder::new();
                let _ = connection.timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service).await;
            });
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn receive(
    request: Request<Incoming>,
    arrivals: Arc<Mutex<HashMap<String, Vec<Timestamp>>>>,
    clock: Clock,
) -> Result<Response<Empty<Bytes>>, Infallible> {
    let (path, now) = (request.uri().path().to_owned(), clock.time_of_day());
    arrivals.lock().unwrap_or_else(PoisonError::into_inner).entry(path).or_default().push(now);
    let _ = request.into_body().collect().await;
    let mut response = Response::new(Empty::new());
    *response.status_mut() = StatusCode::CREATED;
    Ok(response)
}
