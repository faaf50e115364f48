//! Close codes of the socket: why it was closed, and whether the client reconnects.
//!
//! The range of a code decides about the reconnect, so that an older client handles a code that it does not know.

macro_rules! close_codes {
    ($($(#[$doc:meta])+ $variant:ident = $code:literal $reason:literal),+ $(,)?) => {
        /// A close code of Tandem. Clients reconnect on 4000 to 4499 and do not on 4500 to 4999.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum CloseCode {
            $($(#[$doc])+ $variant,)+
        }

        impl CloseCode {
            /// Every code, in the order of the contract.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The number on the wire.
            pub fn code(self) -> u16 {
                match self { $(Self::$variant => $code),+ }
            }

            pub fn reason(self) -> &'static str {
                match self { $(Self::$variant => $reason),+ }
            }

            pub fn from_code(code: u16) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.code() == code)
            }
        }
    };
}

close_codes! {
    /// The node drains: wait `reconnect_after_ms` of its `bye`.
    Draining = 4001 "draining",
    /// The node cannot read the event log.
    Lagging = 4002 "lagging",
    /// A fault of the node.
    NodeError = 4003 "node error",
    /// A ping stayed unanswered.
    NoPong = 4004 "no pong",
    /// The device took nothing for too long.
    SlowConsumer = 4008 "slow consumer",
    /// Commands kept coming over the limit.
    RateLimited = 4029 "rate limited",
    /// Refresh the access token, then reconnect.
    TokenExpired = 4401 "token expired",
    /// Not a frame of the contract.
    BadFrame = 4500 "bad frame",
    /// The token is not for this socket.
    BadToken = 4501 "bad token",
    /// No `hello` came in time.
    NoHello = 4502 "no hello",
    /// The session was ended.
    SessionRevoked = 4503 "session revoked",
    /// The user opened more sockets than are allowed; the oldest goes.
    Replaced = 4504 "replaced",
    /// A message over 256 KiB.
    TooBig = 4509 "too big",
    /// The server does not support the version of the `hello`.
    VersionUnsupported = 4510 "version unsupported",
    /// The account is gone.
    AccountDeleted = 4511 "account deleted",
}

impl CloseCode {
    pub fn is_retryable(self) -> bool {
        is_retryable(self.code())
    }
}

/// Whether a client reconnects after this close code; codes below 4000 are failures of the network.
pub fn is_retryable(code: u16) -> bool {
    // Below 4000 the connection was lost, or the server could not give a reason: trying again is right in both cases.
    code < 4500
}
