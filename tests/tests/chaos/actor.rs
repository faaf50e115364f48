//! A device that does its part of a round whatever the network does: it comes back, and repeats under the same id what
//! was not answered.

use crate::{
    choice::Choice,
    house::House,
    ledger::{Entry, Outcome},
    plan::{NetworkFault, Op, Part, Plan},
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

/// An answer that takes longer is taken for lost.
const ANSWER: Duration = Duration::from_secs(4);
/// A server that is away for longer does not come back.
const COMES_BACK: Duration = Duration::from_mins(1);
/// Milliseconds until the next attempt to connect or to ask.
const AGAIN: std::ops::Range<u64> = 5..60;

/// A device, the network before it, and what it asked for.
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
    pub(crate) async fn new(server: &TestServer, user: &TestUser, play: Plan, index: u64) -> Self {
        let proxy = Arc::new(ChaosProxy::start(server.listen()).await);
        let mut device = Device::new(user, &format!("device {index}")).through(&proxy);
        // One of three sees every frame once and in order, so that the others are compared with something plain.
        if !index.is_multiple_of(3) {
            device = device.with_frame_faults(play.seed ^ index);
        }
        if index.is_multiple_of(2) {
            device = device.batching();
        }
        let rng = play.rng(0, index);
        Self { device, proxy, entries: Vec::new(), filled: 0, connections: 0, index, rng, last: None }
    }

    /// Does its part of a round, while its network does the same.
    pub(crate) async fn play(&mut self, play: Plan, round: u32, house: &House) {
        self.rng = play.rng(round, self.index);
        let part = Part::draw(&mut self.rng);
        let disturbed = disturb(Arc::clone(&self.proxy), part.network);
        let acted = async {
            for act in part.acts {
                pause(act.after).await;
                self.perform(act.deed, house).await;
            }
        };
        tokio::join!(acted, disturbed);
    }

    async fn perform(&mut self, deed: Op, house: &House) {
        match deed {
            Op::Leave => return self.device.cut(),
            Op::Reload => {
                self.device.cut();
                return self.device.look(|seen| seen.replica = Replica::new());
            }
            Op::Repeat => return self.repeat(house).await,
            _ => {}
        }
        self.connect(house).await;
        let provider = house.provider();
        let choice = Choice { device: &self.device, provider };
        let Some(chosen) = choice.command(deed, &mut self.rng) else { return };
        let answer = self.ask(house, chosen.command, chosen.hangs.is_some()).await;
        if let (Some(ack), Some(word)) = (answer, chosen.hangs) {
            // Whoever asks for it again gets an answer.
            provider.answer(&word, [Reply::text("Stopped before.")]);
            let sent: MessageSent = serde_json::from_str(ack.result.get()).unwrap();
            let stop = MessageRefArgs { message_id: sent.assistant_message.id };
            self.ask(house, Command::MessageCancel(stop), true).await;
        }
    }

    /// Asks until there is an answer; one who is not patient may give up when the connection is lost.
    async fn ask(&mut self, house: &House, command: Command, patient: bool) -> Option<Ack> {
        let id = CommandId(fresh::id());
        let outcome = loop {
            self.connect(house).await;
            match self.device.try_command(id, &command, ANSWER).await {
                Ok(Ok(ack)) => break Outcome::Acknowledged(ack),
                Ok(Err(error)) if comes_again(error.code) => self.wait().await,
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

    /// Asks once more for what was answered: the same answer comes again.
    async fn repeat(&mut self, house: &House) {
        let Some((id, command, first)) = self.last.clone() else { return };
        loop {
            self.connect(house).await;
            match self.device.try_command(id, &command, ANSWER).await {
                Ok(Ok(again)) => {
                    assert_eq!((again.seq, again.result.get()), (first.seq, first.result.get()), "{command:?}");
                    return;
                }
                Ok(Err(error)) if comes_again(error.code) => self.wait().await,
                Ok(Err(error)) => panic!("{command:?} was acknowledged once, and now {error:?}"),
                Err(lost) => self.lose(&lost),
            }
        }
    }

    /// Connects, as often as it takes, to whichever node it happens to be led to.
    pub(crate) async fn connect(&mut self, house: &House) {
        let start = Instant::now();
        while !self.device.is_connected() {
            assert!(start.elapsed() < COMES_BACK, "device {} cannot connect any more", self.index);
            let server = house.server(self.rng.random_range(0..house.count()));
            self.proxy.lead_to(server.listen());
            self.device.turn_to(server);
            match self.device.try_connect(ANSWER).await {
                Ok(()) => self.connections += 1,
                Err(lost) => {
                    self.lose(&lost);
                    self.wait().await;
                }
            }
        }
    }

    /// Puts the connection away. The server ends one with a reason that such a device may be given.
    fn lose(&mut self, lost: &Lost) {
        self.device.cut();
        let code = lost.closed.as_ref().and_then(|closed| closed.code);
        // A node that cannot reach its database says so.
        let good = [None, Some(CloseCode::Draining.code()), Some(CloseCode::NodeError.code())];
        assert!(good.contains(&code), "device {} was closed with {code:?}", self.index);
    }

    async fn wait(&mut self) {
        pause(crate::plan::millis(&mut self.rng, AGAIN)).await;
    }
}

/// Refusals after which the same may be asked again.
fn comes_again(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::Overloaded | ErrorCode::Unavailable | ErrorCode::RateLimited)
}

async fn disturb(proxy: Arc<ChaosProxy>, fault: Option<(Duration, NetworkFault)>) {
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

/// Lets time pass. Nothing is waited for here: when things happen is what is being tried.
pub(crate) async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}
