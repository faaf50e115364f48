//! The paths of the pages. There are six, so a router would not pay off.

use std::fmt;
use tandem_protocol::ConversationId;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// The workspace with an existing conversation.
    Home,
    /// The workspace with a conversation.
    Conversation(ConversationId),
    SignIn,
    Register,
    Settings,
    Unknown,
}

impl Route {
    pub(crate) fn at(path: &str) -> Self {
        match path.trim_end_matches('/') {
            "" => Self::Home,
            "/sign-in" => Self::SignIn,
            "/register" => Self::Register,
            "/settings" => Self::Settings,
            other => match other.strip_prefix("/c/").map(str::parse) {
                Some(Ok(id)) => Self::Conversation(id),
                _ => Self::Unknown,
            },
        }
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Home | Self::Unknown => f.write_str("/"),
            Self::Conversation(id) => write!(f, "/c/{id}"),
            Self::SignIn => f.write_str("/sign-in"),
            Self::Register => f.write_str("/register"),
            Self::Settings => f.write_str("/settings"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Route;

    #[test]
    fn each_page_has_one_path() {
        let id = "01939c2e-7b1a-7c3e-9f00-2b6d1c0a4e55".parse().unwrap();
        for route in [Route::Home, Route::Conversation(id), Route::SignIn, Route::Register, Route::Settings] {
            assert_eq!(Route::at(&route.to_string()), route);
        }
    }

    #[test]
    fn what_is_no_page_is_unknown() {
        for path in ["/c/", "/c/1", "/c", "/tasks", "/settings/x", "/C/01939c2e-7b1a-7c3e-9f00-2b6d1c0a4e55"] {
            assert_eq!(Route::at(path), Route::Unknown, "{path}");
        }
    }
}
