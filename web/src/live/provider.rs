//! Ties the engine to the page: starts it, stops it, and hands out what it publishes, one context per concern.

use super::{engine::Engine, published::Published};
use std::sync::Arc;
use tandem_protocol::model::User;
use yew::{prelude::*, provide};

/// Properties of [`LiveProvider`].
#[derive(Clone, PartialEq, Properties)]
pub struct LiveProviderProps {
    /// The engine; another one is another sign-in.
    pub engine: Engine,
    /// The page.
    pub children: Html,
}

/// Who is signed in, as a context.
#[derive(Clone, PartialEq)]
pub struct CurrentUser(pub Arc<User>);

/// Owns the connection while it is mounted. A change of one slice draws its consumers again and nothing else.
#[component]
pub fn LiveProvider(props: &LiveProviderProps) -> Html {
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
    let Published { user, connection, threads, thread, stream, tasks, notices } = (*published).clone();
    let mut page = provide(notices, props.children.clone());
    page = provide(tasks, page);
    page = provide(stream, page);
    page = provide(thread, page);
    page = provide(threads, page);
    page = provide(connection, page);
    page = provide(CurrentUser(user), page);
    provide(engine, page)
}
