//! A device that carries out its part of a round on any network: it reconnects, and repeats unanswered commands under the
//! same id.

use crate::{
    commands::CommandChooser,
    ledger::{Entry, Outcome},
    plan::{ChaosPlan, DevicePlan, NetworkFault, Op},
    servers::Servers,
};
use rand::{RngExt as _, rngs::StdRng};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tandem_protocol::{
    CommandId, ErrorCode,
    live::{CloseCode, Command, command::MessageRefArgs, server::Ack},
    replica::Replica,
    rest::MessageSent,
};
use tandem_tests::{ChaosProxy, Device, Reply, TestServer, TestUser, device::Lost, fresh};

/// A later answer counts as lost.
const ANSWER: Duration = Duration::from_secs(4);
/// A server that is away for longer does not come back.
const COMES_BACK: Duration = Duration::from_mins(1);
/// Milliseconds until the next attempt to connect or to send.
const AGAIN: std::ops::Range<u64> = 5..60;

/// A device, its network, and the commands that it has sent.
pub(crate) struct Actor {
    pub(crate) device: Device,
    pub(crate) proxy: Arc<ChaosProxy>,
    pub(crate) entries: Vec<Entry>,
    /// Snapshots behind which everything else was read, too.
    pub(crate) filled: usize,
    pub(crate) connections: usize,
    index: u64,
    rng: StdRng,
    last: Option<(CommandId, Command, Ack)>,
}

impl Actor {
    pub(crate) async fn new(server: &TestServer, user: &TestUser, plan: ChaosPlan, index: u64) -> Self {
        let proxy = Arc::new(ChaosProxy::start(server.listen()).await);
        let mut device = Device::new(user, &format!("device {index}")).through(&proxy);
        // One of three sees every frame once and in order, so that the others are compared with something plain.
        if !index.is_multiple_of(3) {
            device = device.with_frame_faults(plan.seed ^ index);
        }
        if index.is_multiple_of(2) {
            device = device.batching();
        }
        let rng = plan.rng(0, index);
        Self { device, proxy, entries: Vec::new(), filled: 0, connections: 0, index, rng, last: None }
    }

    /// Carries out its operations of a round, with the fault of its network.
    pub(crate) async fn act(&mut self, plan: ChaosPlan, round: u32, servers: &Servers) {
        self.rng = plan.rng(round, self.index);
        let part = DevicePlan::draw(&mut self.rng);
        let fault = inject_fault(Arc::clone(&self.proxy), part.network);
        let operations = async {
            for act in part.planned {
                pause(act.after).await;
                self.run(act.op, servers).await;
            }
        };
        tokio::join!(operations, fault);
    }

    async fn run(&mut self, op: Op, servers: &Servers) {
        match op {
            Op::Disconnect => return self.device.cut(),
            Op::Reload => {
                self.device.cut();
                return self.device.look(|seen| seen.replica = Replica::new());
            }
            Op::Repeat => return self.repeat(servers).await,
            _ => {}
        }
        self.connect(servers).await;
        let provider = servers.provider();
        let choice = CommandChooser { device: &self.device, provider };
        let Some(chosen) = choice.command(op, &mut self.rng) else { return };
        let answer = self.request(servers, chosen.command, chosen.hangs.is_some()).await;
        if let (Some(ack), Some(word)) = (answer, chosen.hangs) {
            // A retry of the reply gets an ordinary answer.
            provider.answer(&word, [Reply::text("Stopped before.")]);
            let sent: MessageSent = serde_json::from_str(ack.result.get()).unwrap();
            let stop = MessageRefArgs { message_id: sent.assistant_message.id };
            self.request(servers, Command::MessageCancel(stop), true).await;
        }
    }

    /// Sends a command until it is answered. Without `patient` the device may give up when the connection is lost.
    async fn request(&mut self, servers: &Servers, command: Command, patient: bool) -> Option<Ack> {
        let id = CommandId(fresh::id());
        let outcome = loop {
            self.connect(servers).await;
            match self.device.try_command(id, &command, ANSWER).await {
                Ok(Ok(ack)) => break Outcome::Acknowledged(ack),
                Ok(Err(error)) if is_retryable(error.code) => self.wait().await,
                Ok(Err(error)) => break Outcome::Refused(error.code),
                Err(lost) => {
                    self.lose(&lost);
                    if !patient && self.rng.random_ratio(1, 10) {
                        break Outcome::Unknown;
                    }
                }
            }
        };
        let ack = if let Outcome::Acknowledged(ack) = &outcome { Some(ack.clone()) } else { None };
        if let Some(ack) = &ack {
            self.last = Some((id, command.clone(), ack.clone()));
        }
        self.entries.push(Entry { id, command, outcome });
        ack
    }

    /// Sends the last acknowledged command again, which must have the same answer.
    async fn repeat(&mut self, servers: &Servers) {
        let Some((id, command, first)) = self.last.clone() else { return };
        loop {
            self.connect(servers).await;
            match self.device.try_command(id, &command, ANSWER).await {
                Ok(Ok(again)) => {
                    assert_eq!((again.seq, again.result.get()), (first.seq, first.result.get()), "{command:?}");
                    return;
                }
                Ok(Err(error)) if is_retryable(error.code) => self.wait().await,
                Ok(Err(error)) => panic!("{command:?} was acknowledged once, and now {error:?}"),
                Err(lost) => self.lose(&lost),
            }
        }
    }

    /// Connects to random nodes until it succeeds.
    pub(crate) async fn connect(&mut self, servers: &Servers) {
        let start = Instant::now();
        while !self.device.is_connected() {
            assert!(start.elapsed() < COMES_BACK, "device {} cannot connect any more", self.index);
            let server = servers.server(self.rng.random_range(0..servers.count()));
            self.proxy.set_server(server.listen());
            self.device.switch_to(server);
            match self.device.try_connect(ANSWER).await {
                Ok(()) => self.connections += 1,
                Err(lost) => {
                    self.lose(&lost);
                    self.wait().await;
                }
            }
        }
    }

    /// Discards the connection, and checks that the server closed it with an expected code.
    fn lose(&mut self, lost: &Lost) {
        self.device.cut();
        let code = lost.closed.as_ref().and_then(|closed| closed.code);
        // A node that cannot reach its database closes with `NodeError`.
        let good = [None, Some(CloseCode::Draining.code()), Some(CloseCode::NodeError.code())];
        assert!(good.contains(&code), "device {} was closed with {code:?}", self.index);
    }

    async fn wait(&mut self) {
        pause(crate::plan::millis(&mut self.rng, AGAIN)).await;
    }
}

/// Whether a client may send the same command again after this refusal.
fn is_retryable(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::Overloaded | ErrorCode::Unavailable | ErrorCode::RateLimited)
}

async fn inject_fault(proxy: Arc<ChaosProxy>, fault: Option<(Duration, NetworkFault)>) {
    let Some((at, fault)) = fault else { return };
    pause(at).await;
    match fault {
        NetworkFault::Cut => proxy.cut(),
        NetworkFault::CutAfter(direction, bytes) => proxy.cut_after(direction, bytes),
        NetworkFault::Delay(direction, delay) => proxy.delay(direction, delay),
        NetworkFault::Stall(direction, time) => {
            proxy.stall(direction);
            pause(time).await;
            proxy.recover();
        }
        NetworkFault::Down(time) => {
            proxy.go_down();
            pause(time).await;
            proxy.recover();
        }
    }
}

/// Waits for a drawn time: the tests are about when faults happen, so there is no condition to wait for.
pub(crate) async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}
