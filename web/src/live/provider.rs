//! Connects the engine to the component tree: starts and stops it, and provides what it publishes, one context per
//! concern.

use super::{engine::Engine, published::Published};
use std::sync::Arc;
use tandem_protocol::model::User;
use yew::{prelude::*, provide};

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct LiveProviderProps {
    /// Another engine belongs to another user.
    pub engine: Engine,
    pub children: Html,
}

/// The signed-in user, as a context.
#[derive(Clone, PartialEq)]
pub(crate) struct CurrentUser(pub Arc<User>);

/// Runs the engine while it is mounted. A change of one snapshot renders only the components that use it.
#[component]
pub(crate) fn LiveProvider(props: &LiveProviderProps) -> Html {
    let engine = props.engine.clone();
    let published = {
        let engine = engine.clone();
        use_reducer_eq(move || engine.initial())
    };
    {
        let dispatcher = published.dispatcher();
        use_effect_with(engine.clone(), move |engine| {
            engine.start(dispatcher);
            let engine = engine.clone();
            move || engine.stop()
        });
    }
    // One context per snapshot: a single one would render all of its consumers at each change.
    let Published { user, connection, threads, thread, stream, tasks, notices } = (*published).clone();
    let children = provide(notices, props.children.clone());
    let children = provide(thread, provide(stream, provide(tasks, children)));
    provide(engine, provide(CurrentUser(user), provide(connection, provide(threads, children))))
}
