//! Runs: the work of writing one reply, and the lease that gives it to one node.
//!
//! A reply that has not ended has a row here; its message is the record of one that has. The row names the node that
//! writes, until when, and the attempt that fences it.

use super::Result;
use async_trait::async_trait;
use serde_json::Value;
use tandem_protocol::{ConversationId, MessageId, Timestamp, UserId, live::Delta};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// It waits for another run of its conversation, or for a slot of its user.
    Queued,
    /// A node works on it, or should.
    Running,
    /// A tool call waits for the user's answer; no node works on it.
    Waiting,
}

/// The work of writing one reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    pub message_id: MessageId,
    pub conversation_id: ConversationId,
    pub state: RunState,
    /// The fence: a node that holds an older attempt may write no more.
    pub attempt: i64,
    /// The node that holds the lease, until `lease_until`; another node may claim the run afterwards.
    pub node: Option<String>,
    pub lease_until: Option<Timestamp>,
    pub cancel_requested: bool,
    /// How often it was claimed from a node that was gone.
    pub takeovers: i64,
    /// The order in the queue.
    pub created_at: Timestamp,
}

/// How many runs an owner has, in total and in one conversation. Those that wait for the user count in the conversation
/// only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunLoad {
    pub running: i64,
    pub queued: i64,
    /// Runs of the conversation in any state.
    pub here: i64,
    pub queued_here: i64,
}

#[async_trait]
pub trait RunReads {
    /// The run of a reply that has not ended.
    async fn run(&mut self, message: MessageId) -> Result<Option<Run>>;
    /// Runs of a conversation that have not ended, oldest first.
    async fn runs(&mut self, conversation: ConversationId) -> Result<Vec<Run>>;
    async fn run_load(&mut self, conversation: ConversationId) -> Result<RunLoad>;
    /// The queued run to start next once `ending` is gone: the first of `preferred`, else the oldest of any
    /// conversation. Only the oldest run of a conversation can start, and only when none there runs or waits for the
    /// user.
    async fn startable_run(&mut self, preferred: ConversationId, ending: Option<MessageId>) -> Result<Option<Run>>;
    /// The stored steps of a run, in order. Only the assistant knows their form.
    async fn run_steps(&mut self, message: MessageId) -> Result<Vec<Value>>;
}

/// To change a run that is not there is a fault ([`super::StoreError::Broken`]); to remove it is none.
#[async_trait]
pub trait RunWrites: Send {
    async fn insert_run(&mut self, run: &Run) -> Result<()>;
    /// Writes state, attempt, node, lease, cancellation and takeovers. A cancellation is never taken back: whoever writes may have
    /// read the run before it.
    async fn update_run(&mut self, run: &Run) -> Result<()>;
    /// Removes a run with its steps.
    async fn delete_run(&mut self, message: MessageId) -> Result<()>;
    /// Writes a step of a run, in place of one of the same index.
    async fn save_run_step(&mut self, message: MessageId, index: i64, step: &Value) -> Result<()>;
}

/// The runs of all owners.
#[async_trait]
pub trait RunLeases: Send + Sync {
    /// Adds streamed text to replies, in one transaction. Returns the replies that `node` still writes in the attempt of
    /// their text; that of others is left out.
    async fn add_reply_texts(&self, node: &str, texts: &[(UserId, Delta)]) -> Result<Vec<MessageId>>;
    /// Renews the leases that `node` holds on these runs.
    async fn renew_leases(&self, node: &str, runs: &[MessageId], until: Timestamp) -> Result<()>;
    /// The runs that `node` holds and their users have cancelled.
    async fn unwanted_runs(&self, node: &str) -> Result<Vec<MessageId>>;
    /// How many runs are queued, on all nodes.
    async fn queued_runs(&self) -> Result<i64>;
    /// Runs that no node holds any more and that could continue, oldest first: running ones whose lease is over, and
    /// queued ones that are first in their conversation and whose user has fewer than `user_replies` running. A lease
    /// that ends after `furthest` was written by a clock that was ahead, and is over.
    async fn expired_runs(
        &self,
        now: Timestamp,
        furthest: Timestamp,
        user_replies: i64,
        limit: u32,
    ) -> Result<Vec<(UserId, MessageId)>>;
}
