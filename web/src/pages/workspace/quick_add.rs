//! Connects the quick add to the state. It is a component of its own, so that a key draws the field and not the list.

use super::quick_line::{chips_of, task_of};
use crate::{
    components::tasks::{QuickAdd, TaskAction},
    hooks::{use_clock, use_engine},
    platform::window::composed,
    state::drafts::DraftKey,
};
use yew::prelude::*;

#[component]
pub(super) fn QuickAddLine() -> Html {
    let (engine, clock) = (use_engine(), use_clock());
    // The text is with the drafts, so that it is kept like every other text; this component only draws it.
    let line = engine.draft(DraftKey::QuickAdd);
    let update = use_force_update();
    let chips = use_memo((line.clone(), clock.clone()), |(line, clock)| chips_of(&composed(line), clock.local_now()));
    let on = Callback::from(move |action| match action {
        TaskAction::Type(text) => {
            engine.write_draft(DraftKey::QuickAdd, text);
            update.force_update();
        }
        TaskAction::Add(text) => {
            engine.add_task(task_of(&composed(&text), clock.local_now()));
            // The draft is removed only after the task is in the outbox. Before, it is the only copy.
            engine.write_draft(DraftKey::QuickAdd, String::new());
            update.force_update();
        }
        _ => {}
    });
    html! { <QuickAdd text={line} chips={(*chips).clone()} {on} /> }
}
