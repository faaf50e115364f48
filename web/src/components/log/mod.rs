//! The messages in their viewport: the only thing of the workspace that scrolls, and never under the reader's eyes.

mod anchor;
mod follow;

use crate::components::{
    callbacks::press,
    format,
    icon::{Icon, SvgIcon},
};
use anchor::Anchor;
use follow::{Follow, Metrics};
use std::{cell::RefCell, rc::Rc};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, ResizeObserver};
use yew::prelude::*;

/// How far from either end of what is mounted more messages are requested for, in pixels.
const PREFETCH_PX: f64 = 600.0;

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct LogProps {
    /// Which conversation; another one is opened at its end, followed.
    pub thread: AttrValue,
    /// How often the person has sent something here; a higher count follows again.
    pub own_sends: u32,
    /// How many messages the conversation has in all, mounted or not: those that come while the reader is elsewhere
    /// are counted on the pill.
    pub newest: usize,
    /// Whether there are older messages than those mounted.
    #[prop_or_default]
    pub has_older: bool,
    /// Whether there are newer ones: the end of what is mounted is then not the end.
    #[prop_or_default]
    pub has_newer: bool,
    /// Older messages are wanted. Said once until something changes.
    #[prop_or_default]
    pub on_older: Callback<()>,
    /// Newer messages are wanted. Said once until something changes.
    #[prop_or_default]
    pub on_newer: Callback<()>,
    /// The reader wants to be at the end: mount the newest messages.
    #[prop_or_default]
    pub on_latest: Callback<()>,
    /// Told whether the end is followed, when that changes: what is followed is read.
    #[prop_or_default]
    pub on_following: Callback<bool>,
    /// Days and messages, keyed; at most 60 messages, oldest first.
    pub children: Children,
}

/// What the viewport remembers between frames. Kept out of the component's state, because a scroll draws nothing.
struct Scroller {
    follow: Follow,
    anchor: Option<Anchor>,
    /// Messages there were when following ended.
    seen: usize,
    /// More was requested for, and nothing has changed since.
    requested: bool,
    own_sends: u32,
}

/// The log, role `log` named `Conversation`, with the pill `Jump to latest` while the end is not followed.
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
    // The observer outlives a render, so it reads the newest properties from here.
    let latest = use_mut_ref(|| props.clone());
    *latest.borrow_mut() = props.clone();

    let settle = {
        let (viewport, column, scroller, latest, away) =
            (viewport.clone(), column.clone(), Rc::clone(&scroller), Rc::clone(&latest), away.setter());
        Rc::new(move || {
            let (Some(view), Some(column)) = (viewport.cast::<Element>(), column.cast::<Element>()) else { return };
            restore_scroll(&view, &column, &scroller);
            after_move(&view, &scroller, &latest.borrow(), &away);
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
            let before = state.follow.following();
            state.follow.scrolled(Metrics::of(&view), !props.has_newer);
            if before && !state.follow.following() {
                state.seen = props.newest;
            }
            state.anchor = Anchor::find(&view, &column);
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
            <div ref={viewport} class="log" role="log" aria-label="Conversation" aria-live="off" tabindex="0" {onscroll}>
                <div ref={column} class="column">
                    <h2 class="sr">{ "Messages" }</h2>
                    { props.children.clone() }
                </div>
            </div>
            if *away { <JumpPill {unseen} onclick={jump} /> }
        </div>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct JumpPillProps {
    unseen: usize,
    onclick: Callback<()>,
}

#[component]
fn JumpPill(props: &JumpPillProps) -> Html {
    let new = format::count(props.unseen, "new message");
    let (label, text) = match props.unseen {
        0 => ("Jump to latest".to_owned(), "Jump to latest".to_owned()),
        _ => (format!("{new}, jump to latest"), new),
    };
    html! {
        <button type="button" class="jump" aria-label={label} onclick={press(&props.onclick)}>
            <SvgIcon icon={Icon::ArrowDown} />{ text }
        </button>
    }
}

/// Another conversation is opened at its end.
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

/// After each render: one's own message brings the reader to the end; else nothing moves.
#[hook]
fn use_each_commit(props: &LogProps, scroller: &Rc<RefCell<Scroller>>, settle: &Rc<impl Fn() + 'static>) {
    let (scroller, settle, own_sends) = (Rc::clone(scroller), Rc::clone(settle), props.own_sends);
    use_effect(move || {
        let mut state = scroller.borrow_mut();
        if state.own_sends != own_sends {
            state.own_sends = own_sends;
            state.follow.start();
        }
        state.requested = false;
        drop(state);
        settle();
    });
}

/// When a message grows without a render here (a stream, an opened card), in the same frame, before it is painted.
#[hook]
fn use_each_growth(viewport: &NodeRef, column: &NodeRef, settle: &Rc<impl Fn() + 'static>) {
    let (viewport, column, settle) = (viewport.clone(), column.clone(), Rc::clone(settle));
    use_effect_with((), move |()| {
        let changed = Closure::<dyn FnMut()>::new(move || settle());
        // Every browser that runs this client's WebAssembly has the observer; without it, each commit still settles.
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

/// Puts the viewport where it belongs: at the end while following, else so that what is read stays where it is.
fn restore_scroll(view: &Element, column: &Element, scroller: &RefCell<Scroller>) {
    let mut state = scroller.borrow_mut();
    let now = Metrics::of(view);
    if state.follow.following() {
        if now.to_end() > 0.0 {
            view.set_scroll_top(view.scroll_height());
        }
    } else if let Some(shift) = state.anchor.as_ref().and_then(|anchor| anchor.shift(view)) {
        view.set_scroll_top(view.scroll_top() + shift);
    }
    state.follow.settled(Metrics::of(view));
    state.anchor = Anchor::find(view, column);
}

/// Tells what the new position means: the pill, and whether more messages are wanted.
fn after_move(view: &Element, scroller: &RefCell<Scroller>, props: &LogProps, away: &UseStateSetter<bool>) {
    let now = Metrics::of(view);
    let mut state = scroller.borrow_mut();
    let following = state.follow.following();
    if following {
        state.seen = props.newest;
    }
    let older = props.has_older && now.top < PREFETCH_PX && !state.requested;
    let newer = props.has_newer && now.to_end() < PREFETCH_PX && !state.requested;
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
