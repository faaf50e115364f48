//! Whether somebody is signed in on this page. Pure.

use std::{rc::Rc, sync::Arc};
use tandem_protocol::model::User;
use yew::Reducible;

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum SessionState {
    /// The browser may have a session; the server is being queried.
    #[default]
    Checking,
    /// The server cannot be reached.
    Unreachable,
    SignedOut,
    SignedIn {
        /// The account at the time of signing in; the engine has the current one.
        user: Arc<User>,
        /// Whether the session has ended. The page stays, with a dialog to sign in again.
        expired: bool,
    },
}

/// A change of the session.
#[derive(Clone, Debug)]
pub(crate) enum SessionChange {
    /// Somebody signed in, or the browser had a session.
    SignedIn(Arc<User>),
    /// Nobody is signed in, somebody signed out, or the account was deleted.
    SignedOut,
    Unreachable,
    Checking,
    /// The session has ended and cannot be renewed silently.
    Expired,
}

impl Reducible for SessionState {
    type Action = SessionChange;

    fn reduce(self: Rc<Self>, change: SessionChange) -> Rc<Self> {
        let next = match (&*self, change) {
            (Self::SignedIn { user, .. }, SessionChange::SignedIn(again)) if user.id == again.id => {
                Self::SignedIn { user: Arc::clone(user), expired: false }
            }
            (_, SessionChange::SignedIn(user)) => Self::SignedIn { user, expired: false },
            // A signed-in person keeps the page; the connection status shows the problem.
            (Self::SignedIn { .. }, SessionChange::Unreachable | SessionChange::Checking) => return self,
            (_, SessionChange::Unreachable) => Self::Unreachable,
            (_, SessionChange::Checking) => Self::Checking,
            (Self::SignedIn { user, .. }, SessionChange::Expired) => {
                Self::SignedIn { user: Arc::clone(user), expired: true }
            }
            (_, SessionChange::SignedOut | SessionChange::Expired) => Self::SignedOut,
        };
        if next == *self { self } else { Rc::new(next) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn user(id: &str) -> User {
        serde_json::from_value(json!({
            "id": id, "email": "ann@example.org", "name": "Ann", "email_verified": false, "image": null,
            "time_zone": "UTC", "created_at": "2026-11-23T09:00:00.000Z"
        }))
        .unwrap()
    }

    fn after(changes: impl IntoIterator<Item = SessionChange>) -> SessionState {
        let start = Rc::new(SessionState::default());
        (*changes.into_iter().fold(start, Reducible::reduce)).clone()
    }

    #[test]
    fn an_expired_session_keeps_the_person_and_the_page() {
        let session = after([SessionChange::SignedIn(user("a").into()), SessionChange::Expired]);
        assert!(matches!(session, SessionState::SignedIn { expired: true, .. }));
    }

    #[test]
    fn signing_in_again_as_the_same_person_goes_on() {
        let session = after([
            SessionChange::SignedIn(user("a").into()),
            SessionChange::Expired,
            SessionChange::SignedIn(user("a").into()),
        ]);
        assert!(matches!(session, SessionState::SignedIn { expired: false, .. }));
    }

    #[test]
    fn signing_in_again_as_somebody_else_is_another_session() {
        let session = after([
            SessionChange::SignedIn(user("a").into()),
            SessionChange::Expired,
            SessionChange::SignedIn(user("b").into()),
        ]);
        assert!(matches!(session, SessionState::SignedIn { user, .. } if user.id.as_str() == "b"));
    }

    #[test]
    fn a_server_out_of_reach_signs_nobody_out() {
        let session = after([SessionChange::SignedIn(user("a").into()), SessionChange::Unreachable]);
        assert!(matches!(session, SessionState::SignedIn { expired: false, .. }));
        assert_eq!(after([SessionChange::Unreachable]), SessionState::Unreachable);
    }
}
