//! Budgets of work in flight: how much one user, and all users of a node together, may have running at the same time.
//!
//! A rate of requests counts a look-up of one row and the export of everything alike, although one costs a thousand
//! times the other. So every request, command and tool call names its kind of work ([`Work`]), and each kind has
//! permits: some for a user, some for the node. A request without a permit waits for two seconds, then is refused.
//!
//! The functions of the services take an [`Admitted`] caller, which only [`Services::admit`] makes: a transport that
//! forgets the budget does not compile.
//!
//! **Invariant:** a permit is returned when its `Admitted` is dropped, and a user without work in flight has no entry.

use super::{Result, ServiceError, Services};
use std::{
    fmt,
    ops::{Deref, RangeInclusive},
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};
use tandem_auth::Caller;
use tandem_protocol::UserId;
use tandem_runtime::permits::{self, Permits};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// Longest wait for a permit; then the request is refused.
const MAX_WAIT: Duration = Duration::from_secs(2);
/// Requests of one user that may wait for a permit of one kind; the next is refused at once.
const MAX_WAITING: usize = 64;
/// When a refused request may be sent again.
const COME_BACK: Duration = Duration::from_secs(1);

/// What a limit of a day may be.
pub const DAILY_LIMITS: RangeInclusive<i64> = 0..=1_000_000_000;

/// A kind of work, by what it costs others while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Work {
    /// Answered from memory, for anybody.
    Public,
    /// Opens, renews or ends a session; limited by address and account, see [`super::limits`].
    SignIn,
    /// A few rows, by their keys.
    Lookup,
    /// A page of a list, a snapshot, a piece of the log: a bounded number of rows, up to a mebibyte or more.
    Page,
    /// A search over everything that the user has.
    Search,
    /// Everything that the user has.
    Export,
    /// A change: a write transaction.
    Change,
}

impl Work {
    /// The kinds that are done for a user and have permits.
    pub const BUDGETED: [Self; 5] = [Self::Lookup, Self::Page, Self::Search, Self::Export, Self::Change];

    /// As metrics name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::SignIn => "sign_in",
            Self::Lookup => "lookup",
            Self::Page => "page",
            Self::Search => "search",
            Self::Export => "export",
            Self::Change => "change",
        }
    }
}

/// The numbers of all budgets, quotas and time limits of a node. Each is a setting; `docs/operations.md` describes them.
/// Where nothing else is stated, `user_` is for what one user does at the same time, and `node_` for all of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Replies of one user that run at the same time, on all nodes together; more are queued.
    pub user_replies: usize,
    /// Replies of one user that are queued, in all conversations together.
    pub user_queue: usize,
    /// Replies that are queued in one conversation.
    pub conversation_queue: usize,
    pub node_replies: usize,
    pub user_searches: usize,
    pub node_searches: usize,
    pub user_exports: usize,
    pub node_exports: usize,
    /// Lists, snapshots and pieces of the log.
    pub user_pages: usize,
    pub node_pages: usize,
    /// Changes; and as many look-ups.
    pub user_changes: usize,
    /// Bytes that one user may have stored, the log included.
    pub user_bytes: u64,
    /// Rows that one user may have stored, the log included.
    pub user_rows: u64,
    /// Of these bytes, those of the log: events, undo entries and answers of commands. The oldest are removed first.
    pub user_log_bytes: u64,
    /// Replies that one user may begin in a day; `None` for any number.
    pub daily_replies: Option<i64>,
    /// Tokens of providers in a day after which no reply of the user begins; `None` for any number.
    pub daily_tokens: Option<i64>,
    /// Longest run of one statement for a user.
    pub statement: Duration,
    /// A client that reads nothing of an answer for this long is disconnected.
    pub write: Duration,
    /// Connections of a node at the same time, sockets included.
    pub connections: usize,
    /// Connections of one address at the same time, beside its sockets.
    pub connections_per_address: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            user_replies: 4,
            user_queue: 100,
            conversation_queue: 20,
            node_replies: 1_000,
            user_searches: 2,
            node_searches: 8,
            user_exports: 1,
            node_exports: 4,
            user_pages: 4,
            node_pages: 32,
            user_changes: 64,
            user_bytes: 128 * 1024 * 1024,
            user_rows: 250_000,
            user_log_bytes: 24 * 1024 * 1024,
            daily_replies: None,
            daily_tokens: None,
            statement: Duration::from_secs(1),
            write: Duration::from_secs(30),
            connections: 20_000,
            connections_per_address: 1_000,
        }
    }
}

impl Limits {
    /// Permits of a kind for one user and for the node; a node without a limit of its own has as many as there can be.
    fn permits(&self, work: Work) -> (usize, usize) {
        match work {
            Work::Public | Work::SignIn => (Semaphore::MAX_PERMITS, Semaphore::MAX_PERMITS),
            // The database bounds these itself: look-ups read a few rows, and changes wait for each other.
            Work::Lookup | Work::Change => (self.user_changes, Semaphore::MAX_PERMITS),
            Work::Page => (self.user_pages, self.node_pages),
            Work::Search => (self.user_searches, self.node_searches),
            Work::Export => (self.user_exports, self.node_exports),
        }
    }
}

/// A caller with a permit for a kind of work, returned when this is dropped.
#[derive(Clone, Debug)]
pub struct Admitted {
    caller: Caller,
    /// Shared by clones: work that outlives its request holds the permit until its own end.
    permit: Arc<WorkPermit>,
}

/// Where a request leaves its permit until its answer has been sent.
#[derive(Clone, Debug, Default)]
pub struct Held(Arc<OnceLock<Admitted>>);

impl Held {
    /// Holds the permit of this request for as long as this is there.
    pub fn hold(&self, admitted: &Admitted) {
        // A request has one permit; should it be admitted twice, the first one counts.
        let _ = self.0.set(admitted.clone());
    }

    /// Returns the node's part of the permit: the work is done, and only its answer is left. Returns whether there is a
    /// permit.
    pub fn work_is_done(&self) -> bool {
        let Some(admitted) = self.0.get() else { return false };
        drop(admitted.permit.of_node.lock().unwrap_or_else(PoisonError::into_inner).take());
        true
    }
}

impl Deref for Admitted {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.caller
    }
}

/// One of a user's and one of the node's permits.
struct WorkPermit {
    work: Work,
    _of_user: permits::Permit<UserId>,
    /// `None` once the work is done, see [`Held`].
    of_node: Mutex<Option<OwnedSemaphorePermit>>,
}

impl fmt::Debug for WorkPermit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WorkPermit").field(&self.work).finish()
    }
}

impl Drop for WorkPermit {
    fn drop(&mut self) {
        metrics::gauge!("tandem_work_in_flight", "work" => self.work.as_str()).decrement(1.0);
    }
}

/// All permits of a node.
#[derive(Debug)]
pub(super) struct Budgets {
    limits: Limits,
    kinds: Vec<Budget>,
}

/// The permits for one kind of work.
#[derive(Debug)]
struct Budget {
    work: Work,
    of_user: Arc<Permits<UserId>>,
    of_node: Arc<Semaphore>,
}

impl Budgets {
    pub(super) fn new(limits: Limits) -> Self {
        let budget = |work| {
            let (user, node) = limits.permits(work);
            Budget { work, of_user: Permits::new(user), of_node: Arc::new(Semaphore::new(node)) }
        };
        Self { limits, kinds: Work::BUDGETED.map(budget).into() }
    }

    async fn admit(&self, user: &UserId, work: Work) -> Result<WorkPermit> {
        let Some(budget) = self.kinds.iter().find(|known| known.work == work) else {
            return Err(ServiceError::Internal(anyhow::anyhow!("{} is no work for a user", work.as_str())));
        };
        // The user's permit first: somebody with many requests waits behind their own, and takes none of the node's
        // permits meanwhile.
        let waited = async {
            let of_user = budget.of_user.acquire_queued(user.clone(), MAX_WAITING).await?;
            Some((of_user, Arc::clone(&budget.of_node).acquire_owned().await.ok()?))
        };
        let Some((of_user, of_node)) = timeout(MAX_WAIT, waited).await.ok().flatten() else {
            metrics::counter!("tandem_work_refused_total", "work" => work.as_str()).increment(1);
            return Err(ServiceError::RateLimited(COME_BACK));
        };
        metrics::gauge!("tandem_work_in_flight", "work" => work.as_str()).increment(1.0);
        Ok(WorkPermit { work, _of_user: of_user, of_node: Mutex::new(Some(of_node)) })
    }
}

impl Services {
    /// The numbers of all budgets.
    pub fn limits(&self) -> &Limits {
        &self.budgets.limits
    }

    /// Admits a caller to a kind of work, once it has a permit for it.
    ///
    /// # Errors
    /// [`ServiceError::RateLimited`] when neither the user nor the node gives one within two seconds.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn admit(&self, caller: Caller, work: Work) -> Result<Admitted> {
        let permit = self.budgets.admit(caller.owner.user(), work).await?;
        Ok(Admitted { caller, permit: Arc::new(permit) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tandem_auth::{Authority, Owner};
    use tandem_protocol::{enums::ActorKind, live::Actor};

    fn budgets(user_searches: usize, node_searches: usize) -> Arc<Budgets> {
        Arc::new(Budgets::new(Limits { user_searches, node_searches, ..Limits::default() }))
    }

    fn user(name: &str) -> UserId {
        UserId::from(name)
    }

    #[tokio::test(start_paused = true)]
    async fn a_user_without_permits_is_refused_and_others_are_not() {
        let budgets = budgets(2, 8);
        let _held = [
            budgets.admit(&user("a"), Work::Search).await.unwrap(),
            budgets.admit(&user("a"), Work::Search).await.unwrap(),
        ];
        let refused = budgets.admit(&user("a"), Work::Search).await.unwrap_err();
        assert!(matches!(refused, ServiceError::RateLimited(_)), "{refused:?}");
        assert!(budgets.admit(&user("a"), Work::Page).await.is_ok(), "each kind has its own");
        assert!(budgets.admit(&user("b"), Work::Search).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn the_node_has_a_limit_of_its_own() {
        let budgets = budgets(2, 2);
        let _held = [
            budgets.admit(&user("a"), Work::Search).await.unwrap(),
            budgets.admit(&user("b"), Work::Search).await.unwrap(),
        ];
        assert!(budgets.admit(&user("c"), Work::Search).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_waits_counts_for_its_user_alone() {
        let budgets = budgets(1, 1);
        let caller = Caller {
            owner: Owner::for_test(user("a")),
            authority: Authority::Run,
            scopes: Vec::new(),
            actor: Actor { kind: ActorKind::User, device_id: None },
            address: None,
        };
        let permit = Arc::new(budgets.admit(&user("a"), Work::Search).await.unwrap());
        let admitted = Admitted { caller, permit };
        let held = Held::default();
        held.hold(&admitted);
        drop(admitted);
        assert!(budgets.admit(&user("b"), Work::Search).await.is_err());
        assert!(held.work_is_done());
        assert!(budgets.admit(&user("b"), Work::Search).await.is_ok());
        assert!(budgets.admit(&user("a"), Work::Search).await.is_err());
        drop(held);
        assert!(budgets.admit(&user("a"), Work::Search).await.is_ok());
        assert!(!Held::default().work_is_done(), "a request without a permit");
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_is_served_when_a_permit_comes_back() {
        let budgets = budgets(1, 8);
        let held = budgets.admit(&user("a"), Work::Search).await.unwrap();
        let next = tokio::spawn({
            let budgets = Arc::clone(&budgets);
            async move { budgets.admit(&user("a"), Work::Search).await.is_ok() }
        });
        tokio::task::yield_now().await;
        drop(held);
        assert!(next.await.unwrap());
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_stays_behind_of_a_user_without_work() {
        let budgets = budgets(1, 8);
        let users = || budgets.kinds.iter().map(|budget| budget.of_user.len()).sum::<usize>();
        let held = budgets.admit(&user("a"), Work::Search).await.unwrap();
        assert!(budgets.admit(&user("a"), Work::Search).await.is_err());
        assert_eq!(users(), 1);
        drop(held);
        assert_eq!(users(), 0);
    }
}
