//! Connects the composer to the state.

use super::{ui::UiChange, use_ui};
use crate::{
    components::composer::{Composer, ComposerAction},
    hooks::{go, use_engine, use_task_index, use_thread, use_touch},
    state::{model::ThreadView, route::Route, thread::SendStatus},
};
use tandem_protocol::{ConversationId, MessageId, enums::Role};
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub(super) struct ComposerPaneProps {
    pub(super) open: Option<ConversationId>,
    /// Called with whether there is text: the running reply then has the button `Stop`.
    pub(super) on_written: Callback<bool>,
}

/// The text is state of this component, so that a key press renders nothing else.
#[component]
pub(super) fn ComposerPane(props: &ComposerPaneProps) -> Html {
    let (engine, ui, thread, tasks, touch) = (use_engine(), use_ui(), use_thread(), use_task_index(), use_touch());
    let open = props.open;
    let text = {
        let engine = engine.clone();
        use_state_eq(move || engine.draft(open))
    };
    {
        let (engine, text) = (engine.clone(), text.clone());
        use_effect_with(open, move |open| text.set(engine.draft(*open)));
    }
    {
        let on_written = props.on_written.clone();
        use_effect_with(!text.trim().is_empty(), move |written| on_written.emit(*written));
    }
    // A queued reply can be stopped, too. For one render after a navigation the view still belongs to the previous
    // conversation.
    let running = thread.running.or(thread.waiting).filter(|_| thread.id == open);
    let on = {
        let (text, thread) = (text.clone(), thread.clone());
        Callback::from(move |action| match action {
            ComposerAction::Draft(written) => {
                engine.write_draft(open, written.clone());
                text.set(written);
            }
            ComposerAction::Send(said) => {
                let conversation = engine.send_text(open, &said);
                // The draft is deleted only after the message is in the outbox. Before, it is the only copy.
                engine.write_draft(open, String::new());
                text.set(String::new());
                ui.change(UiChange::Sent);
                if open.is_none() {
                    go(Route::Conversation(conversation));
                }
            }
            ComposerAction::Stop => {
                if let Some(reply) = running {
                    engine.stop_reply(reply);
                }
            }
            ComposerAction::EditLast => ui.change(UiChange::Edit(last_own_message(&thread))),
        })
    };
    html! {
        <div class="dock"><div class="column">
            <Composer text={(*text).clone()} running={running.is_some()} {touch} {tasks} {on} />
        </div></div>
    }
}

/// The newest message of the person that the server has stored.
fn last_own_message(thread: &ThreadView) -> Option<MessageId> {
    let said = thread.items.iter().rev().filter(|item| item.message.role == Role::User);
    said.filter(|item| matches!(item.status, SendStatus::Stored | SendStatus::Queued { .. }))
        .map(|item| item.message.id)
        .next()
}
