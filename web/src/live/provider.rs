//! Ties the engine to the page: starts it, stops it, and hands out what it publishes, one context per concern.

use super::{
    engine::Engine,
    published::{ConnectionView, PostedNotice, Published},
};
use crate::state::{
    model::{StreamView, TaskView, ThreadListView, ThreadView},
    ptr_eq::PtrEq,
};
use std::{rc::Rc, sync::Arc};
use tandem_protocol::model::User;
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct LiveProviderProps {
    /// The engine; another one is another sign-in.
    pub engine: Engine,
    pub children: Html,
}

/// Who is signed in, as a context.
#[derive(Clone, PartialEq)]
pub(crate) struct CurrentUser(pub Arc<User>);

/// Owns the connection while it is mounted. A change of one snapshot draws its consumers again and nothing else.
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
    let Published { user, connection, threads, thread, stream, tasks, notices } = (*published).clone();
    html! {
        <ContextProvider<Engine> context={engine}>
            <ContextProvider<CurrentUser> context={CurrentUser(user)}>
                <ContextProvider<Rc<ConnectionView>> context={connection}>
                    <ContextProvider<PtrEq<ThreadListView>> context={threads}>
                        <ContextProvider<PtrEq<ThreadView>> context={thread}>
                            <ContextProvider<PtrEq<StreamView>> context={stream}>
                                <ContextProvider<PtrEq<TaskView>> context={tasks}>
                                    <ContextProvider<PtrEq<Vec<PostedNotice>>> context={notices}>
                                        { props.children.clone() }
                                    </ContextProvider<PtrEq<Vec<PostedNotice>>>>
                                </ContextProvider<PtrEq<TaskView>>>
                            </ContextProvider<PtrEq<StreamView>>>
                        </ContextProvider<PtrEq<ThreadView>>>
                    </ContextProvider<PtrEq<ThreadListView>>>
                </ContextProvider<Rc<ConnectionView>>>
            </ContextProvider<CurrentUser>>
        </ContextProvider<Engine>>
    }
}
