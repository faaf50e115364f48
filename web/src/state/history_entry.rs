//! What the page stores with each entry of the browser's history, beside the path. Pure.
//!
//! Two views can have one path: the list of conversations covers the conversation on a narrow page. And what lies over the
//! page, such as a dialog, has an entry of its own, so that the button Back of a phone closes it and does not leave the
//! page. The place before is stored because the browser does not reveal it.

use std::fmt;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct HistoryEntry {
    /// Whether the list of conversations is shown, on a narrow page.
    pub threads: bool,
    /// The number of things that lie over the page.
    pub layers: usize,
    /// The [`place`](Self::place) of the entry before; empty for the first one of this page.
    pub from: String,
}

impl HistoryEntry {
    /// Reads the stored form. Anything else is an entry of an older client, without a place before.
    pub(crate) fn parse(text: &str) -> Self {
        let mut parts = text.splitn(3, '|');
        let threads = parts.next() == Some("threads");
        let layers = parts.next().and_then(|number| number.parse().ok()).unwrap_or(0);
        Self { threads, layers, from: parts.next().unwrap_or_default().to_owned() }
    }

    /// What is shown: a path, with a mark for the list of conversations. No path begins with that mark.
    pub(crate) fn place(&self, path: &str) -> String {
        place(path, self.threads)
    }

    /// The entry of a place that is opened from this one.
    pub(crate) fn next(&self, path: &str, threads: bool) -> Self {
        Self { threads, layers: 0, from: self.place(path) }
    }

    /// The entry of something that is laid over this one.
    pub(crate) fn covered(&self) -> Self {
        Self { layers: self.layers + 1, ..self.clone() }
    }
}

/// The value of [`HistoryEntry::place`] for a path and the list of conversations over it.
pub(crate) fn place(path: &str, threads: bool) -> String {
    if threads { format!("threads {path}") } else { path.to_owned() }
}

impl fmt::Display for HistoryEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}|{}|{}", if self.threads { "threads" } else { "" }, self.layers, self.from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_read_as_it_was_stored() {
        let first = HistoryEntry::default();
        let threads = first.next("/", true);
        for entry in [first, threads.next("/c/1", false), threads.covered(), threads] {
            assert_eq!(HistoryEntry::parse(&entry.to_string()), entry);
        }
        assert_eq!(HistoryEntry::parse("of another program"), HistoryEntry::default());
    }

    #[test]
    fn the_place_before_is_a_view_and_its_path() {
        let threads = HistoryEntry::default().next("/", true);
        assert_eq!(threads.next("/c/1", false).from, place("/c/1", true));
        assert_eq!(HistoryEntry::default().next("/tasks", false).from, "/tasks");
    }
}
