//! The paths of the web client's pages. Every other path is answered with 404.
//!
//! Programs look for endpoints at well-known paths, such as `/authorize` or `/sse`, and take any success for one. So the
//! server knows the pages, and does not leave it to the client's router, whose paths these are.

use tandem_protocol::ConversationId;

/// Whether a path is that of a page.
pub(crate) fn is_page(path: &str) -> bool {
    match path.trim_end_matches('/') {
        "" | "/sign-in" | "/register" | "/reset" | "/settings" | "/settings/people" | "/tasks" => true,
        other => match (other.strip_prefix("/c/"), other.strip_prefix("/t/")) {
            (Some(id), _) => id.parse::<ConversationId>().is_ok(),
            (_, Some(number)) => is_task_number(number),
            _ => false,
        },
    }
}

fn is_task_number(text: &str) -> bool {
    !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<i64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::is_page;

    const ROUTES: &str = include_str!("../../../web/src/state/route.rs");

    #[test]
    fn the_pages_are_those_of_the_client() {
        let written: Vec<&str> =
            ROUTES.split("write_str(\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert!(written.len() > 5, "{written:?}");
        for path in written {
            assert!(is_page(path), "{path}");
            assert!(is_page(&format!("{path}/")), "{path}/");
        }
        for path in ["/c/01939c2e-7b1a-7c3e-9f00-2b6d1c0a4e55", "/c/01939c2e-7b1a-7c3e-9f00-2b6d1c0a4e55/", "/t/12"] {
            assert!(is_page(path), "{path}");
        }
    }

    #[test]
    fn other_paths_are_none() {
        for path in [
            "/authorize",
            "/token",
            "/unknown/path",
            "/a.b/c",
            "/sse",
            "/ws",
            "/metrics",
            "/c",
            "/c/1",
            "/t",
            "/t/",
            "/t/x",
            "/t/-1",
            "/t/+1",
            "/t/01",
            "/t/99999999999999999999",
            "/tasks/1",
            "/settings/x",
            "/SETTINGS",
        ] {
            assert!(!is_page(path), "{path}");
        }
    }
}
