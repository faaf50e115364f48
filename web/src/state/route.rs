//! The paths of the pages. There are eight, so a router would not pay off.

use std::fmt;
use tandem_protocol::ConversationId;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// The workspace with an existing conversation.
    Home,
    /// The workspace with a conversation.
    Conversation(ConversationId),
    /// The workspace with the tasks in front, where there is room for one view only.
    Tasks,
    /// The workspace with the details of a task, by its number.
    Task(i64),
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
            "/tasks" => Self::Tasks,
            other => match (other.strip_prefix("/c/"), other.strip_prefix("/t/")) {
                (Some(id), _) => id.parse().map_or(Self::Unknown, Self::Conversation),
                (_, Some(number)) => task_number(number).map_or(Self::Unknown, Self::Task),
                _ => Self::Unknown,
            },
        }
    }
}

/// Digits only: a sign would be a second address of the same task.
fn task_number(text: &str) -> Option<i64> {
    let is_number = !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Home | Self::Unknown => f.write_str("/"),
            Self::Conversation(id) => write!(f, "/c/{id}"),
            Self::Tasks => f.write_str("/tasks"),
            Self::Task(number) => write!(f, "/t/{number}"),
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
        let places = [Route::Home, Route::Conversation(id), Route::Tasks, Route::Task(12)];
        for route in places.into_iter().chain([Route::SignIn, Route::Register, Route::Settings]) {
            assert_eq!(Route::at(&route.to_string()), route);
        }
    }

    #[test]
    fn what_is_no_page_is_unknown() {
        for path in [
            "/C/01939c2e-7b1a-7c3e-9f00-2b6d1c0a4e55",
            "/c/",
            "/c/1",
            "/c",
            "/t/",
            "/t/x",
            "/t/-1",
            "/t/+1",
            "/t/01",
            "/tasks/1",
            "/settings/x",
        ] {
            assert_eq!(Route::at(path), Route::Unknown, "{path}");
        }
    }
}
