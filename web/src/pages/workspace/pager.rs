//! Which messages of the open conversation are mounted: a window of at most 60, so that ten thousand messages render as
//! fast as ten. Pure.

use std::{ops::Range, rc::Rc};
use yew::Reducible;

/// The largest number of mounted messages.
const MAX_MOUNTED: usize = 60;
/// The number of mounted messages when a conversation is opened: more than a screen shows. The rest waits until the reader goes
/// there, because a phone needs two seconds for fifty long replies.
const FIRST_MOUNTED: usize = 8;
/// The number of messages by which the window grows or moves. Large enough to keep scrolling while the next move is prepared.
const STEP: usize = 10;

/// The window, counted from the newest message, so that loading older messages does not move it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pager {
    /// The number of messages after the window.
    after: usize,
    /// The number of messages in the window, if there are as many.
    size: usize,
    /// The number of messages at the last change.
    count: usize,
    /// Whether all messages are mounted, for printing.
    all: bool,
}

impl Default for Pager {
    fn default() -> Self {
        Self { after: 0, size: FIRST_MOUNTED, count: 0, all: false }
    }
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
        end.saturating_sub(self.size)..end
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
        let larger = |by: usize| (self.size + by).min(MAX_MOUNTED);
        let most_after = count.saturating_sub(MAX_MOUNTED);
        let (after, size) = match step {
            PageMove::All(_) => (self.after, self.size),
            // Grows at its old end first, and moves when it is full.
            PageMove::Older => {
                let moved = STEP - (larger(STEP) - self.size);
                ((self.after + moved).min(most_after.max(self.after)), larger(STEP))
            }
            PageMove::Newer => (self.after.saturating_sub(STEP), self.size),
            // The reader is elsewhere, so the window stays on the same messages.
            PageMove::Grown(new) if self.after > 0 => (self.after + new, self.size),
            PageMove::Grown(new) => (0, larger(new)),
            PageMove::Around(index) => (count.saturating_sub(index + MAX_MOUNTED / 2).min(most_after), MAX_MOUNTED),
            PageMove::Latest => (0, FIRST_MOUNTED),
        };
        let next = Self { after, size, count, all: self.all };
        if next == *self { self } else { Rc::new(next) }
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
        assert!(!Pager::default().has_before(8));
    }

    #[test]
    fn a_long_one_shows_its_end_and_grows_until_it_moves() {
        assert_eq!(Pager::default().range(200), 192..200);
        let older = |steps| after((0..steps).map(|_| (PageMove::Older, 200)));
        assert_eq!(older(1).range(200), 182..200);
        assert_eq!(older(5).range(200), 142..200);
        assert!(!older(5).has_after());
        // Eight and six times ten are sixty-eight: eight of them are left behind.
        assert_eq!(older(6).range(200), 132..192);
        assert_eq!(older(7).range(200), 122..182);
        assert!(older(7).has_after());
    }

    #[test]
    fn the_window_moves_back_to_the_end_by_steps() {
        let moves = [PageMove::Older; 7].into_iter().chain([PageMove::Newer; 2]);
        assert_eq!(after(moves.map(|step| (step, 200))).range(200), 140..200);
    }

    #[test]
    fn the_window_stops_at_the_oldest() {
        assert_eq!(after((0..50).map(|_| (PageMove::Older, 100))).range(100), 0..60);
        assert_eq!(after((0..50).map(|_| (PageMove::Older, 30))).range(30), 0..30);
    }

    #[test]
    fn what_comes_at_the_end_moves_only_who_is_there() {
        assert_eq!(after([(PageMove::Grown(2), 102)]).range(102), 92..102);
        let full = [(PageMove::Older, 100); 6];
        assert_eq!(
            after(full.into_iter().chain([(PageMove::Newer, 100), (PageMove::Grown(2), 102)])).range(102),
            42..102
        );
        let away = after(full.into_iter().chain([(PageMove::Grown(2), 102)]));
        assert_eq!(away.range(102), 32..92);
    }

    #[test]
    fn older_pages_that_load_leave_the_window_where_it_is_read() {
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
        let moves = [PageMove::Older, PageMove::All(true), PageMove::All(false)];
        assert_eq!(after(moves.map(|step| (step, 200))).range(200), 182..200);
    }

    #[test]
    fn jumping_leads_to_the_end() {
        let moves = [PageMove::Older; 9].into_iter().chain([PageMove::Latest]);
        assert_eq!(after(moves.map(|step| (step, 200))).range(200), 192..200);
    }
}
