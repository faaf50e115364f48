//! Connects the composer to the state.

use super::{reply_status::use_request, ui::UiChange, use_ui};
use crate::text::chat as text;
use crate::{
    components::{
        composer::{Composer, ComposerAction},
        icon::Icon,
    },
    hooks::{go, use_connection, use_engine, use_task_index, use_thread, use_touch},
    state::{
        drafts::DraftKey,
        model::{History, ThreadView},
        route::Route,
        thread::SendStatus,
    },
};
use tandem_protocol::{ConversationId, MessageId, enums::Role};
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub(super) struct ComposerPaneProps {
    pub(super) open: Option<ConversationId>,
    /// Called with whether there is text: the running reply then has the button `Stop`.
    pub(super) on_written: Callback<bool>,
}

/// The text is with the drafts, and only this component draws it, so that a key press renders nothing else.
#[component]
pub(super) fn ComposerPane(props: &ComposerPaneProps) -> Html {
    let (engine, ui, thread, tasks, touch) = (use_engine(), use_ui(), use_thread(), use_task_index(), use_touch());
    // In a conversation that is gone, the person writes the first message of a new one.
    let open = props.open.filter(|open| thread.id != Some(*open) || thread.history != History::Missing);
    // Drawn again when another tab has changed or sent the draft.
    let _drafts = use_connection().drafts_version;
    let key = DraftKey::composer(open);
    let text = engine.draft(key);
    let update = use_force_update();
    {
        let on_written = props.on_written.clone();
        use_effect_with(!text.trim().is_empty(), move |written| on_written.emit(*written));
    }
    // A queued reply can be stopped, too. For one render after a navigation the view still belongs to the previous
    // conversation.
    let running = thread.running.or(thread.waiting).filter(|_| thread.id == open);
    let on = {
        let thread = thread.clone();
        Callback::from(move |action| match action {
            ComposerAction::Draft(written) => {
                engine.write_draft(key, written);
                update.force_update();
            }
            ComposerAction::Send(said) => {
                let conversation = engine.send_text(open, &said);
                // The draft is deleted only after the message is in the outbox. Before, it is the only copy.
                engine.write_draft(key, String::new());
                update.force_update();
                ui.change(UiChange::Sent);
                if open.is_none() {
                    go(Route::Conversation(conversation));
                }
            }
            ComposerAction::SendParts(parts) => {
                let conversation = parts.iter().fold(open, |to, part| Some(engine.send_text(to, part)));
                engine.write_draft(key, String::new());
                update.force_update();
                ui.change(UiChange::Sent);
                if let Some(conversation) = conversation.filter(|_| open.is_none()) {
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
    let asks = use_request(open).is_some();
    html! {
        <div class="dock"><div class="column">
            if asks {
                <p class="note">{ Icon::Hand.html() }{ text::WAITING_FOR_YOUR_ANSWER_ABOVE }</p>
            }
            <Composer {text} running={running.is_some()} {asks} {touch} {tasks} {on} />
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
