//! Components that change as time passes. Each has a timer of its own, so that nothing around it is redrawn.

use crate::components::{clock::Clock, format, icon::rings};
use crate::platform::events::{after, every};
use crate::text::chat as text;
use tandem_protocol::Timestamp;
use yew::prelude::*;

/// The delay before waiting is shown; otherwise quick replies would make it flicker.
const SHOW_AFTER_MS: u32 = 150;
/// The time after which the provider is called slow.
const SLOW_AFTER_MS: i64 = 8_000;

/// Returns false until `millis` have passed since the first render.
#[hook]
pub(crate) fn use_after(millis: u32) -> bool {
    let passed = use_state_eq(|| false);
    let setter = passed.setter();
    use_effect_with(millis, move |&millis| {
        let timeout = after(millis, move || setter.set(true));
        move || drop(timeout)
    });
    *passed
}

/// Renders the component every second while `running`.
#[hook]
pub(crate) fn use_each_second(running: bool) {
    let update = use_force_update();
    use_effect_with(running, move |&running| {
        let interval = running.then(|| every(1_000, move || update.force_update()));
        move || drop(interval)
    });
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct ProgressProps {
    pub clock: Clock,
    pub since: Timestamp,
    /// Whether text has arrived.
    pub writing: bool,
}

/// What the assistant is doing, and for how long: nothing for 150 ms, then `Thinking`, after 8 s that the provider is
/// slow.
#[component]
pub(crate) fn Progress(props: &ProgressProps) -> Html {
    let visible = use_after(SHOW_AFTER_MS);
    use_each_second(true);
    // The clock of the server may be ahead of this one.
    let elapsed = props.clock.now().millis_since(props.since).max(0);
    let words = progress_text(props.writing, elapsed);
    html! {
        <span class={classes!("thinking", (!visible && !props.writing).then_some("not-yet"))}>
            { rings() }{ words }
            if elapsed >= 1_000 {
                <span class="num">{ format::seconds(elapsed) }</span>
            }
        </span>
    }
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct ElapsedProps {
    pub clock: Clock,
}

/// How long something has been running, from the second second on.
#[component]
pub(crate) fn Elapsed(props: &ElapsedProps) -> Html {
    let clock = props.clock.clone();
    // A tool call has no start time in the protocol, so the first render counts.
    let since = use_memo((), move |()| clock.now());
    use_each_second(true);
    let elapsed = props.clock.now().millis_since(*since);
    if elapsed < 1_000 {
        return Html::default();
    }
    html! { <span>{ format::seconds(elapsed) }</span> }
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct WhileRecentProps {
    pub clock: Clock,
    /// When it happened; `None` for the first render.
    pub since: Option<Timestamp>,
    /// For how many seconds it is recent.
    pub seconds: u32,
    /// Whether to show the remaining seconds.
    #[prop_or_default]
    pub countdown: bool,
    pub children: Html,
}

/// Shows its children until some seconds after an event.
#[component]
pub(crate) fn WhileRecent(props: &WhileRecentProps) -> Html {
    let first = {
        let clock = props.clock.clone();
        use_memo((), move |()| clock.now())
    };
    let since = props.since.unwrap_or(*first);
    let left = seconds_left(since, props.clock.now(), props.seconds);
    use_each_second(left.is_some());
    let Some(left) = left else { return Html::default() };
    html! {
        <>
            { props.children.clone() }
            if props.countdown {
                <span aria-hidden="true">{ text::seconds_left(left) }</span>
            }
        </>
    }
}

fn progress_text(writing: bool, elapsed_ms: i64) -> &'static str {
    match (writing, elapsed_ms) {
        (true, _) => text::WRITING,
        (false, ..SLOW_AFTER_MS) => text::THINKING,
        (false, _) => text::PROVIDER_IS_SLOW,
    }
}

/// The remaining seconds of `limit`; `None` when they are over.
fn seconds_left(since: Timestamp, now: Timestamp, limit: u32) -> Option<i64> {
    let left = i64::from(limit) - now.millis_since(since).max(0) / 1_000;
    (left > 0).then_some(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_is_called_slow_after_eight_seconds_unless_text_comes() {
        assert_eq!(progress_text(false, 7_999), "Thinking");
        assert_eq!(progress_text(false, 8_000), "Still working, the provider is slow");
        assert_eq!(progress_text(true, 60_000), "Writing");
    }

    #[test]
    fn what_is_recent_ends_by_itself() {
        let at = Timestamp::from_millis(1_000_000);
        assert_eq!(seconds_left(at, at, 30), Some(30));
        assert_eq!(seconds_left(at, at.plus_millis(29_500), 30), Some(1));
        assert_eq!(seconds_left(at, at.plus_millis(30_000), 30), None);
        assert_eq!(seconds_left(at, at.plus_millis(-5_000), 30), Some(30), "a server's clock may run ahead");
    }
}
