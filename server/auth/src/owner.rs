//! The proof that a caller may act for a user.
//!
//! Every method of the store that touches a user's data takes an [`Owner`], so that no query can forget whose rows it
//! reads.
//!
//! **Invariant:** eight modules of `tandem_service` create one: `authenticate` from a verified token, `passwords` for an
//! account whose password is about to be checked, `runs` and `reminders` for work that the user asked for, `feeds` for the
//! secret of a calendar, which only reads, `push` for what a push shows and for the token that answers it, `admin` for an account that an owner of the server manages, and `resets` for one
//! whose password a link replaces. `tandem_import` creates one for accounts that the operator imports. Clippy refuses others (`clippy.toml`).

use std::net::IpAddr;
use tandem_protocol::{
    DeviceId, SessionId, TokenId, UserId,
    enums::{ActorKind, Scope},
    live::Actor,
};

/// A user on whose behalf a call is made.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Owner(UserId);

impl Owner {
    /// The owner, when the caller has established the right to act for this user.
    pub fn assume_verified(user: UserId) -> Self {
        Self(user)
    }

    /// An owner without any proof, for tests of what takes one.
    #[cfg(any(test, feature = "testing"))]
    pub fn for_test(user: UserId) -> Self {
        Self(user)
    }

    pub fn user(&self) -> &UserId {
        &self.0
    }
}

/// What the right to act is based on; checked again inside of each writing transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authority {
    Session(SessionId),
    Token(TokenId),
    /// A password that was just checked: it opens a session.
    Password,
    /// A run that the user's message began. It continues when the device signs out.
    Run,
    /// Somebody else who manages the account: an owner of the server, or its operator.
    Admin,
}

/// An authenticated caller: the user, the right and the transport.
#[derive(Clone, Debug)]
pub struct Caller {
    pub owner: Owner,
    pub authority: Authority,
    /// What the right covers. Sessions and runs have both.
    pub scopes: Vec<Scope>,
    /// The actor that events name.
    pub actor: Actor,
    /// The address of the client, where it is known.
    pub address: Option<IpAddr>,
}

impl Caller {
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }

    pub fn session(&self) -> Option<SessionId> {
        match self.authority {
            Authority::Session(id) => Some(id),
            Authority::Token(_) | Authority::Password | Authority::Run | Authority::Admin => None,
        }
    }

    /// The same caller, at this device.
    #[must_use]
    pub fn at_device(mut self, device: DeviceId) -> Self {
        self.actor.device_id = Some(device);
        self
    }

    /// The same caller, through another transport.
    #[must_use]
    pub fn through(mut self, kind: ActorKind) -> Self {
        self.actor.kind = kind;
        self
    }
}
