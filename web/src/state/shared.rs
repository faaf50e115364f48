//! What another program shares with this one: the query with which the manifest's `share_target` and shortcuts open the tasks.

/// The line for the quick add that a query asks for: the shared parts that say something new, in their order. Empty for the
/// shortcut "New task", `None` for any other query. `decode` reads a part of a query.
pub(crate) fn line_of(query: &str, decode: impl Fn(&str) -> String) -> Option<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut is_known = false;
    for (name, value) in query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, ""))) {
        is_known |= matches!(name, "add" | "title" | "text" | "url");
        if matches!(name, "title" | "text" | "url") {
            let text = decode(&value.replace('+', " ")).split_whitespace().collect::<Vec<_>>().join(" ");
            // Most programs repeat the address, or the title, in the text.
            if !text.is_empty() && !parts.iter().any(|part| part.contains(&text)) {
                parts.retain(|part| !text.contains(part.as_str()));
                parts.push(text);
            }
        }
    }
    is_known.then(|| parts.join(" "))
}

#[cfg(test)]
mod tests {
    use super::line_of;

    fn line(query: &str) -> Option<String> {
        line_of(query, |part| part.replace("%20", " ").replace("%2F", "/").replace("%3A", ":"))
    }

    #[test]
    fn what_is_shared_is_one_line_without_repetitions() {
        assert_eq!(
            line("title=Soup&text=A+good%20one&url=https%3A%2F%2Fa.org").as_deref(),
            Some("Soup A good one https://a.org")
        );
        assert_eq!(
            line("title=Soup&text=Soup+https%3A%2F%2Fa.org&url=https%3A%2F%2Fa.org").as_deref(),
            Some("Soup https://a.org")
        );
        assert_eq!(line("title=&text=&url=").as_deref(), Some(""));
    }

    #[test]
    fn a_shortcut_asks_for_an_empty_line_and_other_queries_for_none() {
        assert_eq!(line("add").as_deref(), Some(""));
        assert_eq!(line(""), None);
        assert_eq!(line("utm_source=mail"), None);
    }
}
