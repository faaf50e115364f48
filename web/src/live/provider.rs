//! Ties the engine to the page: starts it, stops it, and hands out what it publishes, one context per concern.

use super::{
    engine::Engine,
    published::{ConnectionView, Posted, Published},
};
use crate::state::{
    model::{StreamView, TaskView, ThreadListView, ThreadView},
    snapshot::Snapshot,
};
use std::{rc::Rc, sync::Arc};
use tandem_protocol::model::User;
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub struct LiveProviderProps {
    /// The engine; another one is another sign-in.
    pub engine: Engine,
    pub children: Html,
}

/// Who is signed in, as a context.
#[derive(Clone, PartialEq)]
pub struct CurrentUser(pub Arc<User>);

/// Owns the connection while it is mounted. A change of one snapshot draws its consumers again and nothing else.
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
    html! {
        <ContextProvider<Engine> context={engine}>
            <ContextProvider<CurrentUser> context={CurrentUser(user)}>
                <ContextProvider<Rc<ConnectionView>> context={connection}>
                    <ContextProvider<Snapshot<ThreadListView>> context={threads}>
                        <ContextProvider<Snapshot<ThreadView>> context={thread}>
                            <ContextProvider<Snapshot<StreamView>> context={stream}>
                                <ContextProvider<Snapshot<TaskView>> context={tasks}>
                                    <ContextProvider<Snapshot<Vec<Posted>>> context={notices}>
                                        { props.children.clone() }
                                    </ContextProvider<Snapshot<Vec<Posted>>>>
                                </ContextProvider<Snapshot<TaskView>>>
                            </ContextProvider<Snapshot<StreamView>>>
                        </ContextProvider<Snapshot<ThreadView>>>
                    </ContextProvider<Snapshot<ThreadListView>>>
                </ContextProvider<Rc<ConnectionView>>>
            </ContextProvider<CurrentUser>>
        </ContextProvider<Engine>>
    }
}
