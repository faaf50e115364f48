//! A rolling restart of three nodes during writes: nothing is lost, and no client waits for long.

use crate::support::{PACE, all_equal};
use futures_util::future::join_all;
use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};
use tandem_protocol::{
    CommandId, ConversationId, ErrorCode, MessageId, TaskId,
    enums::MessageState,
    live::{CloseCode, Command, command::MessageSend},
    rest::{MessageSent, NewTask},
};
use tandem_tests::{Device, Nodes, Reply, TestUser, device::Lost, fresh, provider::words};

/// Times that every node is ended and started.
const ROUNDS: usize = 3;
/// Devices that write, on each node.
const WRITERS: usize = 2;
/// A reply is requested after so many tasks.
const ASKS: usize = 5;
/// Words of a reply.
const LENGTH: usize = 20;
/// An answer that takes longer is taken for lost.
const ANSWER: Duration = Duration::from_secs(4);
/// Time limit for an answer.
const PAUSE: Duration = Duration::from_secs(3);
/// Pause between an answer and the next change: it limits the size of the log, and is no wait for a condition.
const THINKS: Duration = Duration::from_millis(10);

/// A device that reconnects to the next node when its own drains.
struct Writer<'a> {
    nodes: &'a Nodes,
    device: Device,
    node: usize,
    moves: usize,
    longest: Duration,
    tasks: BTreeSet<TaskId>,
    replies: Vec<MessageId>,
}

impl<'a> Writer<'a> {
    async fn new(nodes: &'a Nodes, user: &TestUser, node: usize) -> Self {
        let device = Device::connected(&user.at(&nodes[node]), &format!("writer of node {node}")).await;
        Self { nodes, device, node, moves: 0, longest: Duration::ZERO, tasks: BTreeSet::new(), replies: Vec::new() }
    }

    /// Writes until it is to stop.
    async fn write(&mut self, stop: &AtomicBool) {
        for number in 0.. {
            if stop.load(Ordering::Relaxed) {
                return;
            }
            if number % ASKS == 0 {
                self.send_message().await;
            }
            let task = TaskId(fresh::id());
            let add = NewTask { id: Some(task), title: task.to_string(), ..NewTask::default() };
            self.request(&Command::TaskCreate(add)).await;
            self.tasks.insert(task);
            tokio::time::sleep(THINKS).await;
        }
    }

    async fn send_message(&mut self) {
        let (word, conversation_id) = (fresh::word("tell"), ConversationId(fresh::id()));
        self.nodes.provider().answer(&word, [Reply::words(LENGTH, PACE)]);
        let send = MessageSend { conversation_id, id: None, text: word, parent_id: None };
        let result = self.request(&Command::MessageSend(send)).await;
        let sent: MessageSent = serde_json::from_str(&result).expect("the ack carries REST's body");
        self.replies.push(sent.assistant_message.id);
    }

    /// Sends a command under one id until there is an answer.
    async fn request(&mut self, command: &Command) -> String {
        let (id, start) = (CommandId(fresh::id()), Instant::now());
        loop {
            self.connect().await;
            match self.device.try_command(id, command, ANSWER).await {
                Ok(Ok(ack)) => {
                    self.longest = self.longest.max(start.elapsed());
                    return ack.result.get().to_owned();
                }
                Ok(Err(error)) => {
                    let again = [ErrorCode::Overloaded, ErrorCode::Unavailable];
                    assert!(again.contains(&error.code), "{command:?}: {error:?}");
                }
                Err(lost) => self.lose(&lost),
            }
        }
    }

    /// Connects to the nearest node that takes it.
    async fn connect(&mut self) {
        while !self.device.is_connected() {
            self.node = (self.node + 1) % self.nodes.count();
            self.device.switch_to(&self.nodes[self.node]);
            match self.device.try_connect(ANSWER).await {
                Ok(()) => self.moves += 1,
                Err(lost) => self.lose(&lost),
            }
        }
    }

    fn lose(&mut self, lost: &Lost) {
        let code = lost.closed.as_ref().and_then(|closed| closed.code);
        assert!([None, Some(CloseCode::Draining.code())].contains(&code), "closed with {code:?}");
        self.device.cut();
    }
}

/// Ends and starts all nodes, one after the other, each while the others serve.
async fn roll(nodes: &Nodes, stop: &AtomicBool) {
    for server in (0..ROUNDS).flat_map(|_| nodes.iter()) {
        assert!(server.terminate().await.success(), "a drained node ends well");
        server.start().await;
        nodes.wait_until_connected().await;
    }
    stop.store(true, Ordering::Relaxed);
}

/// A rolling restart of all nodes causes only a short pause.
#[tokio::test]
async fn a_rolling_restart_loses_nothing() {
    let nodes = Nodes::new(3).await;
    let user = TestUser::register(&nodes[0]).await;
    let mut writers = Vec::new();
    for number in 0..WRITERS * nodes.count() {
        writers.push(Writer::new(&nodes, &user, number % nodes.count()).await);
    }
    let stop = AtomicBool::new(false);
    tokio::join!(roll(&nodes, &stop), join_all(writers.iter_mut().map(|writer| writer.write(&stop))));

    for writer in &mut writers {
        writer.connect().await;
    }
    user.settled(Duration::from_secs(12)).await;
    let wanted: BTreeSet<TaskId> = writers.iter().flat_map(|writer| writer.tasks.iter().copied()).collect();
    let kept: BTreeSet<TaskId> = user.tasks("").await.into_iter().map(|task| task.id).collect();
    assert_eq!(kept, wanted, "what was acknowledged is there");
    for writer in &writers {
        for reply in writers.iter().flat_map(|writer| &writer.replies) {
            let message = writer.device.ended(*reply).await;
            assert_eq!((message.state, message.text()), (MessageState::Complete, words(LENGTH)));
        }
        eprintln!("{} moves, longest pause {} ms", writer.moves, writer.longest.as_millis());
        assert!(writer.moves <= ROUNDS * nodes.count(), "{} moves", writer.moves);
        assert!(writer.longest < PAUSE, "a client waited for {:?}", writer.longest);
    }
    eprintln!("{} tasks, {} replies", wanted.len(), writers.iter().map(|writer| writer.replies.len()).sum::<usize>());
    let devices: Vec<Device> = writers.into_iter().map(|writer| writer.device).collect();
    all_equal(&devices).await;
}
