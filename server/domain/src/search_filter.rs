//! Filters in a search query: `list:home`, `label:"to buy"`, `is:done`, `in:holidays`, `before:2026-11-01`.
//!
//! What has the form of a filter but a value that is none stays a word of the query, so that a search for `note: milk` is
//! what it was.

use jiff::{civil::Date, tz::Offset};
use tandem_protocol::{Timestamp, enums::ObjectKind};

/// What hits have to be, beside having the words of the query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchFilter {
    /// Part of the title of the conversation, in lower case.
    pub within: Option<String>,
    pub kind: Option<ObjectKind>,
    /// The list of a task.
    pub list: Option<String>,
    /// A label of a task.
    pub label: Option<String>,
    /// Whether a task is done.
    pub done: Option<bool>,
    /// Written before this day.
    pub before: Option<Date>,
    /// Written on this day or later.
    pub after: Option<Date>,
}

impl SearchFilter {
    /// Whether it excludes nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it is about what only tasks have.
    pub fn is_about_tasks(&self) -> bool {
        self.list.is_some() || self.label.is_some() || self.done.is_some()
    }

    /// Whether it admits what was written at this time, by days in UTC. What has no time is admitted by no filter of time.
    pub fn is_in_time(&self, at: Option<Timestamp>) -> bool {
        if self.before.is_none() && self.after.is_none() {
            return true;
        }
        let Some(at) = at else { return false };
        let day = Offset::UTC.to_datetime(at.to_jiff()).date();
        self.before.is_none_or(|before| day < before) && self.after.is_none_or(|after| day >= after)
    }

    /// Takes a filter over. Returns false when it is none.
    fn set(&mut self, name: &str, value: &str) -> bool {
        match name {
            "in" => match value.to_lowercase().as_str() {
                "tasks" => self.kind = Some(ObjectKind::Task),
                "messages" => self.kind = Some(ObjectKind::Message),
                "conversations" => self.kind = Some(ObjectKind::Conversation),
                title => self.within = Some(title.to_owned()),
            },
            "list" => self.list = Some(value.to_owned()),
            "label" => self.label = Some(value.trim_start_matches('#').to_owned()),
            "is" => match value.to_lowercase().as_str() {
                "done" => self.done = Some(true),
                "open" => self.done = Some(false),
                _ => return false,
            },
            "before" => match day(value) {
                Some(day) => self.before = Some(day),
                None => return false,
            },
            "after" => match day(value) {
                Some(day) => self.after = Some(day),
                None => return false,
            },
            _ => return false,
        }
        true
    }
}

/// The first day of `2026`, `2026-11` or `2026-11-05`.
fn day(text: &str) -> Option<Date> {
    let mut parts = text.splitn(3, '-');
    let year = parts.next().filter(|year| year.len() == 4)?.parse().ok()?;
    let mut next = || parts.next().map_or(Ok(1), str::parse);
    Date::new(year, next().ok()?, next().ok()?).ok()
}

/// Separates the filters of a query from its words.
pub fn parse(query: &str) -> (String, SearchFilter) {
    let (mut words, mut filter) = (String::new(), SearchFilter::default());
    let mut rest = query.trim_start();
    while !rest.is_empty() {
        let (name, value, length) = token(rest);
        if !name.is_some_and(|name| !value.is_empty() && filter.set(&name.to_ascii_lowercase(), value)) {
            words.push_str(&rest[..length]);
            words.push(' ');
        }
        rest = rest[length..].trim_start();
    }
    (words.trim_end().to_owned(), filter)
}

/// The next token: its name before a colon, its value without quotes, and its length.
fn token(text: &str) -> (Option<&str>, &str, usize) {
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let Some(colon) = text[..end].find(':') else { return (None, &text[..end], end) };
    let (name, value) = (&text[..colon], &text[colon + 1..]);
    if let Some(quoted) = value.strip_prefix('"')
        && let Some(close) = quoted.find('"')
    {
        return (Some(name), &quoted[..close], colon + close + 3);
    }
    (Some(name), &text[colon + 1..end], end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    #[test]
    fn filters_are_taken_out_of_the_words() {
        let (words, filter) = parse("milk list:Home label:\"to buy\" is:done before:2026-11 oat");
        assert_eq!(words, "milk oat");
        let expected = SearchFilter {
            list: Some("Home".into()),
            label: Some("to buy".into()),
            done: Some(true),
            before: Some(date(2026, 11, 1)),
            ..SearchFilter::default()
        };
        assert_eq!(filter, expected);
        assert!(filter.is_about_tasks());
        let (_, filter) = parse("in:Holidays after:2026-01-31");
        assert_eq!((filter.within.as_deref(), filter.after), (Some("holidays"), Some(date(2026, 1, 31))));
        assert_eq!(parse("IN:messages x").1.kind, Some(ObjectKind::Message));
    }

    #[test]
    fn days_are_those_of_writing() {
        let at = |millis| Some(Timestamp::from_millis(millis));
        let (_, filter) = parse("before:1970-01-02 after:1970-01-01");
        assert!(filter.is_in_time(at(0)) && filter.is_in_time(at(86_399_999)));
        assert!(!filter.is_in_time(at(86_400_000)) && !filter.is_in_time(at(-1)) && !filter.is_in_time(None));
        assert!(SearchFilter::default().is_in_time(None));
    }

    #[test]
    fn what_is_no_filter_stays_a_word() {
        for text in ["note: milk", "is:it", "before:tomorrow", "https://a.b", "10:30", "list:"] {
            assert_eq!(parse(text), (text.to_owned(), SearchFilter::default()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_stumble(text in "[a-z:\" #é0-9-]{0,40}|(in|list|before):\"?[a-z0-9 -]{0,9}\"?") {
            let _ = parse(&text);
        }
    }
}
