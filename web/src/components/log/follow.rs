//! Whether the log follows the end of the conversation. Pure, so that the rules are tested without a browser.

/// The distance in pixels from the end within which the reader counts as being there.
const END_TOLERANCE_PX: f64 = 24.0;

/// The scroll position of a viewport in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Metrics {
    /// Height of the content above the viewport.
    pub(super) top: f64,
    /// Height of the whole content, visible or not.
    pub(super) height: f64,
    /// Height of the part that is visible.
    pub(super) visible: f64,
}

impl Metrics {
    pub(super) fn of(view: &web_sys::Element) -> Self {
        Self {
            top: view.scroll_top().into(),
            height: view.scroll_height().into(),
            visible: view.client_height().into(),
        }
    }

    /// Height of the content below the viewport.
    pub(super) fn to_end(self) -> f64 {
        self.height - self.top - self.visible
    }
}

/// The follow state.
///
/// Only an upward scroll of the reader at a constant height ends following. Growth of the content moves the end away,
/// and a smaller window moves the content; neither is an action of the reader, but both fire scroll events.
#[derive(Debug)]
pub(super) struct Follow {
    following: bool,
    reported: bool,
    last: Metrics,
}

impl Default for Follow {
    fn default() -> Self {
        Self { following: true, reported: true, last: Metrics::default() }
    }
}

impl Follow {
    pub(super) fn following(&self) -> bool {
        self.following
    }

    /// Starts to follow: a conversation was opened, or the reader sent something or jumped to the end.
    pub(super) fn start(&mut self) {
        self.following = true;
    }

    /// Ends following: the reader is led to another place.
    pub(super) fn stop(&mut self) {
        self.following = false;
    }

    /// Records a scroll position that the program has set.
    pub(super) fn settled(&mut self, now: Metrics) {
        self.last = now;
    }

    /// Handles a scroll event. `is_end`: whether the last mounted message is the newest one.
    pub(super) fn scrolled(&mut self, now: Metrics, is_end: bool) {
        let (height, visible) = (now.height - self.last.height, now.visible - self.last.visible);
        // Browsers report fractions of pixels.
        let steady = height.abs() < 1.0 && visible.abs() < 1.0;
        // Reaching the end starts to follow again, unless newer messages are not mounted. It never ends following: after an
        // own message the newest messages are mounted one frame later.
        if now.to_end() <= END_TOLERANCE_PX {
            self.following |= is_end;
        } else if steady && now.top < self.last.top {
            self.following = false;
        }
        self.last = now;
    }

    /// The follow state, if it has changed since the last call.
    pub(super) fn take_change(&mut self) -> Option<bool> {
        let changed = self.reported != self.following;
        self.reported = self.following;
        changed.then_some(self.following)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(top: f64, height: f64) -> Metrics {
        Metrics { top, height, visible: 500.0 }
    }

    fn at_end() -> Follow {
        let mut follow = Follow::default();
        follow.settled(at(1500.0, 2000.0));
        follow
    }

    #[test]
    fn the_readers_upward_move_ends_following() {
        let mut follow = at_end();
        follow.scrolled(at(1400.0, 2000.0), true);
        assert!(!follow.following());
        assert_eq!(follow.take_change(), Some(false));
        assert_eq!(follow.take_change(), None);
    }

    #[test]
    fn growth_never_ends_following() {
        let mut follow = at_end();
        follow.scrolled(at(1500.0, 2600.0), true);
        assert!(follow.following());
        // The content above became smaller and the browser moved up with it.
        follow.scrolled(at(1300.0, 2400.0), true);
        assert!(follow.following());
    }

    #[test]
    fn a_move_within_24_pixels_is_still_the_end() {
        let mut follow = at_end();
        follow.scrolled(at(1476.0, 2000.0), true);
        assert!(follow.following());
        follow.scrolled(at(1475.0, 2000.0), true);
        assert!(!follow.following());
    }

    #[test]
    fn scrolling_down_to_the_end_follows_again_unless_it_is_not_the_end() {
        let mut follow = at_end();
        follow.scrolled(at(1000.0, 2000.0), true);
        follow.scrolled(at(1490.0, 2000.0), false);
        assert!(!follow.following());
        follow.scrolled(at(1490.0, 2000.0), true);
        assert!(follow.following());
    }

    #[test]
    fn following_waits_at_the_end_of_what_is_mounted() {
        let mut follow = at_end();
        follow.start();
        follow.scrolled(at(1500.0, 2000.0), false);
        assert!(follow.following());
    }

    #[test]
    fn a_smaller_window_does_not_end_following() {
        let mut follow = at_end();
        follow.scrolled(Metrics { top: 1450.0, height: 2000.0, visible: 300.0 }, true);
        assert!(follow.following());
    }
}
