//! The scrolling list of messages.
//!
//! The reader's position must not move while messages arrive, grow or are unmounted. So after each render and each
//! change of size the list either scrolls to the end ([`follow`]) or restores the position of the first visible message
//! ([`anchor`]).
//!
//! **Invariant:** scrolling causes no render, except when the button `Jump to latest` appears or disappears.

mod anchor;
mod follow;

use crate::text::chat as text;
use crate::text::words;
use crate::{
    components::{callbacks::press, icon::Icon},
    platform::window::reveal,
};
use anchor::Anchor;
use follow::{Follow, Metrics};
use std::{cell::RefCell, rc::Rc};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, ResizeObserver};
use yew::prelude::*;

/// The distance in pixels from either end of the mounted messages at which more are requested.
const PREFETCH_PX: f64 = 600.0;

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct LogProps {
    /// The id of the conversation. A new one is shown from its end.
    pub thread: AttrValue,
    /// Counts the messages that the person has sent. Each one scrolls to the end.
    pub own_sends: u32,
    /// The number of messages, mounted or not. Those that arrive while the reader is elsewhere are counted on the
    /// button.
    pub newest: usize,
    #[prop_or_default]
    pub has_older: bool,
    /// Whether newer messages are not mounted: the end of the list is then not the end of the conversation.
    #[prop_or_default]
    pub has_newer: bool,
    /// Called when older messages are needed, once until the next render.
    #[prop_or_default]
    pub on_older: Callback<()>,
    /// Called when newer messages are needed, once until the next render.
    #[prop_or_default]
    pub on_newer: Callback<()>,
    /// Called when the reader jumps to the end: mount the newest messages.
    #[prop_or_default]
    pub on_latest: Callback<()>,
    /// The id of a message to scroll to, as soon as it is mounted.
    #[prop_or_default]
    pub target: Option<AttrValue>,
    /// Called when that message is in view.
    #[prop_or_default]
    pub on_found: Callback<()>,
    /// Called when following starts or ends.
    #[prop_or_default]
    pub on_following: Callback<bool>,
    /// Day headings and messages with keys, oldest first; at most 60 messages.
    pub children: Html,
}

/// What is kept between scroll events. Not in the state of the component, because scrolling must not render it.
struct Scroller {
    follow: Follow,
    anchor: Option<Anchor>,
    /// The number of messages when following ended.
    seen: usize,
    /// Whether more messages were requested since the last render.
    requested: bool,
    own_sends: u32,
}

/// The element with the role `log`, and the button `Jump to latest` while the end is not followed.
#[component]
pub(crate) fn Log(props: &LogProps) -> Html {
    let viewport = use_node_ref();
    let column = use_node_ref();
    let away = use_state_eq(|| false);
    let scroller = use_mut_ref(|| Scroller {
        follow: Follow::default(),
        anchor: None,
        seen: props.newest,
        requested: false,
        own_sends: props.own_sends,
    });
    // The callbacks of the observer and of scroll events live longer than one render; they read the current properties
    // here.
    let latest = use_mut_ref(|| props.clone());
    *latest.borrow_mut() = props.clone();

    let settle = {
        let (viewport, column, scroller, latest, away) =
            (viewport.clone(), column.clone(), Rc::clone(&scroller), Rc::clone(&latest), away.setter());
        Rc::new(move || {
            let (Some(view), Some(column)) = (viewport.cast::<Element>(), column.cast::<Element>()) else { return };
            let props = latest.borrow().clone();
            restore_scroll(&view, &column, &scroller);
            if let Some(target) = props.target.as_ref().and_then(|id| message(&column, id)) {
                show(&target, &view, &column, &scroller);
                props.on_found.emit(());
            }
            after_move(&view, &scroller, &props, &away);
        })
    };

    use_each_open(&props.thread, &scroller, props.newest);
    use_each_commit(props, &scroller, &settle);
    use_each_growth(&viewport, &column, &settle);

    let onscroll = {
        let (viewport, column, scroller, latest, away) =
            (viewport.clone(), column.clone(), Rc::clone(&scroller), Rc::clone(&latest), away.setter());
        Callback::from(move |_: Event| {
            let (Some(view), Some(column)) = (viewport.cast::<Element>(), column.cast::<Element>()) else { return };
            let props = latest.borrow();
            let mut state = scroller.borrow_mut();
            // `seen` is set at the moment when following ends, so that the button counts from there.
            let before = state.follow.following();
            state.follow.scrolled(Metrics::of(&view), !props.has_newer);
            if before && !state.follow.following() {
                state.seen = props.newest;
            }
            state.anchor = Anchor::find(&view, &column);
            // The callbacks below may borrow the state again.
            drop(state);
            after_move(&view, &scroller, &props, &away);
        })
    };
    let jump = {
        let (scroller, settle, on_latest) = (Rc::clone(&scroller), Rc::clone(&settle), props.on_latest.clone());
        Callback::from(move |()| {
            scroller.borrow_mut().follow.start();
            on_latest.emit(());
            settle();
        })
    };
    let unseen = props.newest.saturating_sub(scroller.borrow().seen);
    html! {
        <div class="log-wrap">
            <div ref={viewport} class="log" role="log" aria-label={text::CONVERSATION} aria-live="off" tabindex="0" {onscroll}>
                <div ref={column} class="column">
                    <h2 class="sr">{ text::MESSAGES }</h2>
                    { props.children.clone() }
                </div>
            </div>
            if *away { { jump_pill(unseen, &jump) } }
        </div>
    }
}

fn jump_pill(unseen: usize, onclick: &Callback<()>) -> Html {
    let new = words::new_messages(unseen);
    let (label, text) = match unseen {
        0 => (text::JUMP_TO_LATEST.to_owned(), text::JUMP_TO_LATEST.to_owned()),
        _ => (text::new_messages_jump_to_latest(&new), new),
    };
    html! {
        <button type="button" class="jump" aria-label={label} onclick={press(onclick)}>
            { Icon::ArrowDown.html() }{ text }
        </button>
    }
}

/// Scrolls to the end when another conversation is opened.
#[hook]
fn use_each_open(thread: &AttrValue, scroller: &Rc<RefCell<Scroller>>, newest: usize) {
    let scroller = Rc::clone(scroller);
    use_memo(thread.clone(), move |_| {
        let mut state = scroller.borrow_mut();
        state.follow.start();
        state.anchor = None;
        state.seen = newest;
    });
}

/// Restores the scroll position after each render; a message that the person sent scrolls to the end.
#[hook]
fn use_each_commit(props: &LogProps, scroller: &Rc<RefCell<Scroller>>, settle: &Rc<impl Fn() + 'static>) {
    let (scroller, settle, own_sends) = (Rc::clone(scroller), Rc::clone(settle), props.own_sends);
    // The end of the conversation may not be mounted.
    let on_latest = props.has_newer.then(|| props.on_latest.clone());
    use_effect(move || {
        let mut state = scroller.borrow_mut();
        let sent = std::mem::replace(&mut state.own_sends, own_sends) != own_sends;
        if sent {
            state.follow.start();
        }
        state.requested = false;
        drop(state);
        if let Some(on_latest) = on_latest.filter(|_| sent) {
            on_latest.emit(());
        }
        settle();
    });
}

/// Restores the scroll position when a message grows without a render of this component, such as during streaming. The
/// observer runs before the frame is painted, so the reader does not see a jump.
#[hook]
fn use_each_growth(viewport: &NodeRef, column: &NodeRef, settle: &Rc<impl Fn() + 'static>) {
    let (viewport, column, settle) = (viewport.clone(), column.clone(), Rc::clone(settle));
    use_effect_with((), move |()| {
        let changed = Closure::<dyn FnMut()>::new(move || settle());
        // All browsers that can run this program have the observer. Without it the position is still restored after
        // each render.
        let observer = ResizeObserver::new(changed.as_ref().unchecked_ref()).ok();
        if let Some(observer) = &observer {
            for element in [viewport.cast::<Element>(), column.cast::<Element>()].into_iter().flatten() {
                observer.observe(&element);
            }
        }
        move || {
            if let Some(observer) = observer {
                observer.disconnect();
            }
            drop(changed);
        }
    });
}

/// Scrolls to the end while following, else to where the first visible message was.
fn restore_scroll(view: &Element, column: &Element, scroller: &RefCell<Scroller>) {
    let mut state = scroller.borrow_mut();
    let now = Metrics::of(view);
    if state.follow.following() {
        // Setting the position fires a scroll event, so it is set only if it changes.
        if now.to_end() > 0.0 {
            view.set_scroll_top(view.scroll_height());
        }
    } else if let Some(shift) = state.anchor.as_ref().and_then(|anchor| anchor.shift(view)) {
        view.set_scroll_top(view.scroll_top() + shift);
    }
    state.follow.settled(Metrics::of(view));
    state.anchor = Anchor::find(view, column);
}

fn message(column: &Element, id: &str) -> Option<Element> {
    column.query_selector(&format!("[data-message='{id}']")).ok().flatten()
}

/// Leads the reader to a message.
fn show(target: &Element, view: &Element, column: &Element, scroller: &RefCell<Scroller>) {
    reveal(target);
    let mut state = scroller.borrow_mut();
    state.follow.stop();
    state.follow.settled(Metrics::of(view));
    state.anchor = Anchor::find(view, column);
}

/// Shows or hides the button, and requests more messages near either end.
fn after_move(view: &Element, scroller: &RefCell<Scroller>, props: &LogProps, away: &UseStateSetter<bool>) {
    let now = Metrics::of(view);
    let mut state = scroller.borrow_mut();
    let following = state.follow.following();
    if following {
        state.seen = props.newest;
    }
    let older = props.has_older && now.top < PREFETCH_PX && !state.requested;
    let newer = props.has_newer && now.to_end() < PREFETCH_PX && !state.requested;
    // Each render resets this, so a failed request can be repeated.
    state.requested |= older || newer;
    let changed = state.follow.take_change();
    drop(state);
    away.set(!following);
    if let Some(following) = changed {
        props.on_following.emit(following);
    }
    if older {
        props.on_older.emit(());
    } else if newer {
        props.on_newer.emit(());
    }
}
