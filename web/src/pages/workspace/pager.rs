//! Which messages of the open conversation are mounted: a window of at most 60, so that ten thousand messages render as
//! fast as ten. Pure.

use std::{ops::Range, rc::Rc};
use yew::Reducible;

/// The largest number of mounted messages.
const MAX_MOUNTED: usize = 60;
/// The number of messages by which the window moves. Large enough to keep scrolling while the next move is prepared.
const STEP: usize = 20;

/// The window, counted from the newest message, so that loading older messages does not move it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Pager {
    /// The number of messages after the window.
    after: usize,
    /// The number of messages at the last change.
    count: usize,
    /// Whether all messages are mounted, for printing.
    all: bool,
}

/// A move of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PageMove {
    Older,
    Newer,
    Latest,
    /// Around the message with this index.
    Around(usize),
    /// This many messages were added at the end.
    Grown(usize),
    /// All messages, or the window again.
    All(bool),
}

impl Pager {
    /// The window as indices into `count` messages.
    pub(super) fn range(self, count: usize) -> Range<usize> {
        if self.all {
            return 0..count;
        }
        let end = count.saturating_sub(self.after);
        end.saturating_sub(MAX_MOUNTED)..end
    }

    pub(super) fn has_before(self, count: usize) -> bool {
        self.range(count).start > 0
    }

    pub(super) fn has_after(self) -> bool {
        self.after > 0
    }
}

impl Reducible for Pager {
    type Action = (PageMove, usize);

    fn reduce(self: Rc<Self>, (step, count): (PageMove, usize)) -> Rc<Self> {
        if let PageMove::All(all) = step {
            return Rc::new(Self { all, ..*self });
        }
        let after = match step {
            PageMove::All(_) => self.after,
            PageMove::Older => (self.after + STEP).min(count.saturating_sub(MAX_MOUNTED)),
            PageMove::Newer => self.after.saturating_sub(STEP),
            // The reader is elsewhere, so the window stays on the same messages.
            PageMove::Grown(new) if self.after > 0 => self.after + new,
            PageMove::Around(index) => {
                count.saturating_sub(index + MAX_MOUNTED / 2).min(count.saturating_sub(MAX_MOUNTED))
            }
            PageMove::Latest | PageMove::Grown(_) => 0,
        };
        if after == self.after && count == self.count { self } else { Rc::new(Self { after, count, all: self.all }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(moves: impl IntoIterator<Item = (PageMove, usize)>) -> Pager {
        *moves.into_iter().fold(Rc::new(Pager::default()), Reducible::reduce)
    }

    #[test]
    fn a_short_conversation_is_all_there() {
        assert_eq!(Pager::default().range(7), 0..7);
        assert!(!Pager::default().has_before(60));
    }

    #[test]
    fn a_long_one_shows_its_end_and_moves_by_steps() {
        assert_eq!(Pager::default().range(200), 140..200);
        let pager = after([(PageMove::Older, 200)]);
        assert_eq!(pager.range(200), 120..180);
        assert!(pager.has_after());
        assert_eq!(after([(PageMove::Older, 200), (PageMove::Newer, 200)]).range(200), 140..200);
    }

    #[test]
    fn the_stretch_stops_at_the_oldest() {
        assert_eq!(after((0..50).map(|_| (PageMove::Older, 100))).range(100), 0..60);
    }

    #[test]
    fn what_comes_at_the_end_moves_only_who_is_there() {
        assert_eq!(after([(PageMove::Grown(2), 102)]).range(102), 42..102);
        let away = after([(PageMove::Older, 100), (PageMove::Grown(2), 102)]);
        assert_eq!(away.range(102), 20..80);
    }

    #[test]
    fn older_pages_that_load_leave_the_stretch_where_it_is_read() {
        let pager = after([(PageMove::Older, 100)]);
        let (before, later) = (pager.range(100), pager.range(150));
        assert_eq!((before.start + 50, before.end + 50), (later.start, later.end));
    }

    #[test]
    fn a_message_that_is_sought_is_in_the_middle_or_as_near_as_possible() {
        assert_eq!(after([(PageMove::Around(100), 200)]).range(200), 70..130);
        assert_eq!(after([(PageMove::Around(3), 200)]).range(200), 0..60);
        assert_eq!(after([(PageMove::Around(199), 200)]).range(200), 140..200);
        assert_eq!(after([(PageMove::Around(2), 10)]).range(10), 0..10);
    }

    #[test]
    fn all_are_there_for_printing_and_the_window_after_it() {
        let printing = after([(PageMove::Older, 200), (PageMove::All(true), 200)]);
        assert_eq!(printing.range(200), 0..200);
        assert_eq!(
            after([(PageMove::Older, 200), (PageMove::All(true), 200), (PageMove::All(false), 200)]).range(200),
            120..180
        );
    }

    #[test]
    fn jumping_leads_to_the_end() {
        assert_eq!(
            after([(PageMove::Older, 200), (PageMove::Older, 200), (PageMove::Latest, 200)]).range(200),
            140..200
        );
    }
}
