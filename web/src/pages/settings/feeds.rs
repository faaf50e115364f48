//! Calendar feeds in their list.

use crate::components::settings::SecretRow;
use crate::text::settings as text;
use tandem_protocol::{enums::FeedKind, rest::Feed};

pub(super) fn row(feed: &Feed) -> SecretRow {
    let lists = feed.lists.as_ref().map_or_else(|| text::ALL_LISTS.to_owned(), |lists| lists.join(", "));
    SecretRow {
        id: feed.id.to_string(),
        name: feed.name.clone(),
        tag: if feed.kind == FeedKind::Events { text::EVENTS } else { text::TASKS },
        note: if feed.include_done { text::with_done(lists) } else { lists },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{id, now};
    use tandem_protocol::id::FeedId;

    #[test]
    fn a_feed_shows_what_is_in_it() {
        let mut feed = Feed {
            id: FeedId(id(1)),
            name: "Ours".into(),
            lists: None,
            kind: FeedKind::Events,
            include_done: false,
            created_at: now(),
        };
        let shown = |feed: &Feed| (row(feed).tag, row(feed).note);
        assert_eq!(shown(&feed), ("Events", "All lists".to_owned()));
        feed.lists = Some(vec!["Home".into(), "Work".into()]);
        (feed.kind, feed.include_done) = (FeedKind::Tasks, true);
        assert_eq!(shown(&feed), ("Tasks", "Home, Work, with what is done".to_owned()));
    }
}
