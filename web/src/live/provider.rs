//! Connects the engine to the component tree: starts and stops it, and provides what it publishes, one context per
//! concern.

use super::{
    engine::Engine,
    published::{ConnectionView, Published},
};
use crate::state::{
    model::{StreamView, TaskView, ThreadListView, ThreadView},
    notice::PostedNotice,
    ptr_eq::PtrEq,
};
use std::{rc::Rc, sync::Arc};
use tandem_protocol::model::User;
use yew::prelude::*;

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
