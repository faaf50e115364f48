//! The closed word lists of the contract. Each word is written as JSON writes it; [`WireEnum`] gives and reads it elsewhere.

use serde::{Deserialize, Serialize};

/// A word of a closed list: its text on the wire, in a database column and in a query parameter.
pub trait WireEnum: Sized + Copy + 'static {
    /// Every word of the list, in the order of the contract.
    const ALL: &'static [Self];
    /// The word as it is written.
    fn as_str(self) -> &'static str;
    /// The word that is written so, if there is one.
    fn from_word(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|word| word.as_str() == text)
    }
}

macro_rules! words {
    ($($(#[$doc:meta])+ $name:ident { $($(#[$variant_doc:meta])+ $variant:ident = $text:tt),+ $(,)? })+) => {$(
        $(#[$doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum $name {
            $($(#[$variant_doc])+ #[serde(rename = $text)] $variant,)+
        }

        impl WireEnum for $name {
            const ALL: &'static [Self] = &[$(Self::$variant),+];
            fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )+};
}

words! {
    /// Who wrote a message.
    Role {
        /// The person.
        User = "user",
        /// The assistant.
        Assistant = "assistant",
    }

    /// Where a message stands. A user's message is always `complete`.
    MessageState {
        /// Ended as it should.
        Complete = "complete",
        /// Waits behind a running reply of the same conversation.
        Queued = "queued",
        /// Is being written.
        Streaming = "streaming",
        /// Stopped by the user; the text so far stays.
        Cancelled = "cancelled",
        /// Ended by a limit or by a node's death; can be continued.
        Interrupted = "interrupted",
        /// No answer could be made.
        Failed = "failed",
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
        /// A fault of ours.
        Internal = "internal",
    }

    /// Where a tool call stands.
    ToolState {
        /// Is being run.
        Running = "running",
        /// Waits for the user's yes.
        AwaitingApproval = "awaiting_approval",
        /// Has run.
        Done = "done",
        /// Was refused by the tool; `result` says why.
        Failed = "failed",
        /// The user said no.
        Denied = "denied",
        /// Has run and was taken back.
        Undone = "undone",
    }

    /// The user's answer to a tool call that waits.
    Decision {
        /// Do it.
        Approve = "approve",
        /// Leave it.
        Deny = "deny",
    }

    /// Whether a task is still to be done.
    TaskStatus {
        /// To be done.
        Open = "open",
        /// Done.
        Done = "done",
    }

    /// How much a task matters, lowest first.
    Priority {
        /// Not said.
        None = "none",
        /// Low.
        Low = "low",
        /// Medium.
        Medium = "medium",
        /// High.
        High = "high",
        /// Before all others.
        Urgent = "urgent",
    }

    /// What the next date of a recurring task is counted from.
    Anchor {
        /// From the date that was due: a bill is due on the 1st however late it was paid.
        Due = "due",
        /// From the day of completion: plants are watered three days after they were watered.
        Completion = "completion",
    }

    /// Through which door a change came.
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
    StatusFilter {
        /// Open tasks; the default.
        Open = "open",
        /// Completed tasks.
        Done = "done",
        /// Both.
        All = "all",
    }

    /// Filter of a task list by due date, in the user's time zone.
    DueFilter {
        /// Due before today, or earlier today with a time that has passed.
        Overdue = "overdue",
        /// Due today.
        Today = "today",
        /// Due today or in the six days after it.
        Week = "week",
        /// Without a due date.
        None = "none",
    }

    /// Kind of a search hit or of an undone change.
    ThingKind {
        /// A conversation.
        Conversation = "conversation",
        /// A message.
        Message = "message",
        /// A task.
        Task = "task",
    }

    /// What an undo did to a thing.
    UndoAction {
        /// A creation was taken back.
        Removed = "removed",
        /// A deletion was taken back.
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

    /// How a socket starts, said in `welcome`.
    WelcomeMode {
        /// Nothing was resumed.
        Fresh = "fresh",
        /// Every event after the given seq follows.
        Resumed = "resumed",
        /// Resume is impossible: load a snapshot and say `hello` again.
        Resync = "resync",
    }
}

impl MessageState {
    /// Whether the reply has ended, in whatever way.
    #[must_use]
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Queued | Self::Streaming)
    }
}
