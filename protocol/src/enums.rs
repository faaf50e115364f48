//! The closed lists of the contract: enums without data.
//!
//! A value has one text, in JSON, in a database column and in a query parameter. serde reads and writes it in JSON,
//! [`WireEnum`] everywhere else, from one declaration of the text.

use serde::{Deserialize, Deserializer, Serialize, de};
use std::{fmt, marker::PhantomData};

/// A value of a closed list, with its text on the wire, in a database column and in a query parameter.
pub trait WireEnum: Sized + Copy + 'static {
    /// Every value, in the order of the contract.
    const ALL: &'static [Self];
    /// Every text, in the same order.
    const TEXTS: &'static [&'static str];
    /// The text of the value.
    fn as_str(self) -> &'static str;
    /// The value of this text; `None` for a text that is not in the list.
    fn from_wire(text: &str) -> Option<Self> {
        // The lists are short: a search is cheaper than a table that has to be built first.
        Self::ALL.iter().copied().find(|value| value.as_str() == text)
    }
}

/// Reads a value from its text.
// Derived, it would accept a map of one entry as well, in eight times the code.
pub(crate) fn one_of<'de, T: WireEnum, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_str(OneOf(PhantomData))
}

struct OneOf<T>(PhantomData<T>);

impl<T: WireEnum> de::Visitor<'_> for OneOf<T> {
    type Value = T;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }
    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        T::from_wire(text).ok_or_else(|| E::unknown_variant(text, T::TEXTS))
    }
}

// The text of a value stands once: serde, `as_str` and `Display` are made from it.
macro_rules! wire_enums {
    ($($(#[$doc:meta])+ $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:tt),+ $(,)? })+) => {$(
        $(#[$doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $text)] $variant,)+
        }

        impl WireEnum for $name {
            const ALL: &'static [Self] = &[$(Self::$variant),+];
            const TEXTS: &'static [&'static str] = &[$($text),+];
            fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                one_of(deserializer)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )+};
}

wire_enums! {
    /// Whether a provider is used now.
    ProviderState {
        /// It answers, as far as is known.
        Ready = "ready",
        /// It has refused the last requests, and is not asked for some minutes.
        Unavailable = "unavailable",
    }

    /// Who wrote a message.
    Role {
        User = "user",
        Assistant = "assistant",
    }

    /// What an account may do besides using it.
    #[derive(Default)]
    UserRole {
        /// Manages the accounts and invitations of the server. Sees nothing that others write.
        Owner = "owner",
        /// Uses its own account only.
        #[default]
        Member = "member",
    }

    /// Who may create an account.
    RegistrationMode {
        /// Anybody who can reach the server.
        Open = "open",
        /// Whoever has an invitation.
        Invite = "invite",
        /// Nobody, with an invitation or without.
        Closed = "closed",
    }

    /// How a forgotten password is replaced.
    PasswordReset {
        /// By a link that an owner of the server makes.
        Link = "link",
    }

    /// What an entry of the record of accounts is about.
    AuditAction {
        Register = "register",
        /// A log-in with a password.
        SignIn = "sign_in",
        /// A session was ended, by its user or by others.
        SessionRevoke = "session_revoke",
        /// A refresh token was used that had been replaced: it was copied, and its session was ended.
        RefreshReuse = "refresh_reuse",
        PasswordChange = "password_change",
        /// A password was replaced by a link.
        PasswordReset = "password_reset",
        ResetLinkCreate = "reset_link_create",
        TokenCreate = "token_create",
        TokenDelete = "token_delete",
        FeedCreate = "feed_create",
        FeedDelete = "feed_delete",
        InvitationCreate = "invitation_create",
        InvitationRevoke = "invitation_revoke",
        RoleChange = "role_change",
        UserDisable = "user_disable",
        UserEnable = "user_enable",
        /// An owner changed the name of a user, or whether the address is verified.
        UserUpdate = "user_update",
        UserDelete = "user_delete",
        /// Everything of a user was read as one document.
        Export = "export",
        /// The database of another system was read in.
        Import = "import",
        /// The database was replaced by a copy.
        Restore = "restore",
    }

    /// Whether what an entry is about was done.
    AuditResult {
        /// It was done as asked.
        Ok = "ok",
        Refused = "refused",
    }

    /// The state of a message. A user's message is always `complete`.
    MessageState {
        /// Ended as it should.
        Complete = "complete",
        /// Waits behind a running reply of the same conversation.
        Queued = "queued",
        Streaming = "streaming",
        /// Stopped by the user; the text so far stays.
        Cancelled = "cancelled",
        /// Ended by a limit or by a node's death; can be continued.
        Interrupted = "interrupted",
        /// No provider produced an answer.
        Failed = "failed",
    }

    /// Which kind of part streamed text belongs to.
    TextKind {
        /// Text of the reply.
        Text = "text",
        /// What the model thought before it wrote.
        Reasoning = "reasoning",
    }

    /// Why a reply did not end as it should.
    ReplyErrorCode {
        /// No provider could be reached.
        ProviderUnavailable = "provider_unavailable",
        /// A provider did not answer in time.
        ProviderTimeout = "provider_timeout",
        /// A provider refused the content.
        ContentFilter = "content_filter",
        /// The provider's length limit was reached.
        Length = "length",
        /// A limit of the run was reached (turns, calls, time).
        Limit = "limit",
        /// The node that wrote it ended.
        Interrupted = "interrupted",
        /// A fault of the server.
        Internal = "internal",
    }

    /// The state of a tool call.
    ToolState {
        Running = "running",
        /// Waits for the user's approval.
        AwaitingApproval = "awaiting_approval",
        Done = "done",
        /// The tool refused; `result` holds the reason.
        Failed = "failed",
        /// The user did not approve it.
        Denied = "denied",
        /// The call has run and its effect was undone.
        Undone = "undone",
    }

    /// The user's answer to a tool call that waits.
    Decision {
        Approve = "approve",
        Deny = "deny",
    }

    /// Whether a task is still to be done.
    TaskStatus {
        Open = "open",
        Done = "done",
    }

    /// Whether a reminder still fires.
    ReminderState {
        /// Its time is still to come.
        Pending = "pending",
        /// It was sent to the user's devices and waits for an answer.
        Fired = "fired",
        /// It fires again, at `snoozed_until`.
        Snoozed = "snoozed",
        /// It was answered, or its time was past when it was set.
        Done = "done",
    }

    /// What the tasks of a calendar feed are in the calendar.
    FeedKind {
        /// Events with a date; tasks without one are left out.
        Events = "events",
        /// Tasks, for programs that show them.
        Tasks = "tasks",
    }

    /// What a push is about.
    PushKind {
        /// A reminder has fired.
        Reminder = "reminder",
        /// A reply has ended, and nobody was looking.
        Reply = "reply",
        /// The assistant asks before it goes on.
        Approval = "approval",
        /// The user has asked for a push to see whether one arrives. Nobody subscribes to this kind.
        Test = "test",
    }

    /// The answer to a reminder from its notification.
    PushAnswer {
        /// The reminder is answered, as by `reminder.ack`.
        Done = "done",
        /// It fires again in ten minutes.
        Snooze = "snooze",
    }

    /// How much a task matters, lowest first.
    Priority {
        /// No priority was given.
        None = "none",
        Low = "low",
        Medium = "medium",
        High = "high",
        Urgent = "urgent",
    }

    /// What the next date of a recurring task is counted from.
    #[derive(Default)]
    Anchor {
        /// From the date that was due: a bill is due on the 1st however late it was paid.
        #[default]
        Due = "due",
        /// From the day of completion: plants are watered three days after they were watered.
        Completion = "completion",
    }

    /// Through which transport a change came.
    ActorKind {
        /// The person, in a signed-in client.
        User = "user",
        /// The assistant, by a tool.
        Assistant = "assistant",
        /// A program with a personal token, over REST.
        Api = "api",
        /// A program over MCP.
        Mcp = "mcp",
    }

    /// What a personal token may do.
    Scope {
        /// Read everything the user sees.
        Read = "read",
        /// Change conversations, messages and tasks.
        Write = "write",
    }

    /// Filter of a task list by status.
    #[derive(Default)]
    StatusFilter {
        /// Open tasks; the default.
        #[default]
        Open = "open",
        Done = "done",
        All = "all",
    }

    /// Filter of a task list by due date, in the user's time zone.
    DueFilter {
        /// Due before today, or earlier today with a time that has passed.
        Overdue = "overdue",
        Today = "today",
        /// Due today or in the six days after it.
        Week = "week",
        /// Without a due date.
        None = "none",
    }

    /// Kind of a search hit or of an undone change.
    ObjectKind {
        Conversation = "conversation",
        Message = "message",
        Task = "task",
    }

    /// What an undo did to an object.
    UndoAction {
        /// A creation was undone: the object is deleted.
        Removed = "removed",
        /// A deletion was undone: the object is back.
        Restored = "restored",
        /// Changed fields have their old values again.
        Reverted = "reverted",
    }

    /// How a refresh token travels.
    TokenTransport {
        /// In a cookie that scripts cannot read; the default.
        Cookie = "cookie",
        /// In the body, for clients without cookies.
        Body = "body",
    }

    /// How a socket starts, sent in `welcome`.
    WelcomeMode {
        Fresh = "fresh",
        /// Every event after the given seq follows.
        Resumed = "resumed",
        /// Resume is impossible: load a snapshot and send `hello` again.
        Resync = "resync",
    }
}

impl MessageState {
    /// Whether the reply has ended, in whatever way.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Queued | Self::Streaming)
    }
}

// The kind of most streamed text, which is therefore absent on the wire.
#[expect(clippy::derivable_impls, reason = "the macro has no default")]
impl Default for TextKind {
    fn default() -> Self {
        Self::Text
    }
}

impl TextKind {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
    pub(crate) fn is_text(&self) -> bool {
        *self == Self::Text
    }
}
