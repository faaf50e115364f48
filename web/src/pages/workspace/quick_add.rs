//! Connects the quick add to the state. It is a component of its own, so that a key draws the field and not the list.

use super::quick_line::{Reading, preview_of, task_of};
use crate::platform::events::later;
use crate::{
    components::tasks::{Place, QuickAdd, TaskAction},
    hooks::{use_clock, use_engine},
    platform::{
        history,
        window::{composed, focus_first, language},
    },
    state::drafts::DraftKey,
};
use tandem_nl::DayOrder;
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub(super) struct QuickAddLineProps {
    /// What is shown of the tasks. A new one belongs there, unless its line says something else.
    pub(super) place: Place,
}

#[component]
pub(super) fn QuickAddLine(props: &QuickAddLineProps) -> Html {
    let (engine, clock) = (use_engine(), use_clock());
    // The text is with the drafts, so that it is kept like every other text; this component only draws it.
    let line = engine.draft(DraftKey::QuickAdd);
    let update = use_force_update();
    {
        let (engine, update) = (engine.clone(), update.clone());
        use_effect_with((), move |()| {
            let Some(shared) = history::take_shared() else { return };
            // After what is there: nobody's words are replaced.
            let line = format!("{} {shared}", engine.draft(DraftKey::QuickAdd));
            engine.write_draft(DraftKey::QuickAdd, line.trim().to_owned());
            update.force_update();
            // After the conversation, which takes the focus where both are on the page.
            later(|| focus_first(".quick input"));
        });
    }
    let kept = use_state_eq(Vec::<String>::new);
    let order = *use_memo((), |()| DayOrder::of_locale(&language()));
    let reading = Reading { now: clock.local_now(), order, all_day: clock.all_day(), kept: (*kept).clone() };
    let preview = use_memo((line.clone(), reading.clone()), |(line, reading)| preview_of(&composed(line), reading));
    let place = props.place.clone();
    let on = Callback::from(move |action| match action {
        TaskAction::Keep(words) => kept.set([reading.kept.clone(), words].concat()),
        TaskAction::Type(text) => {
            // What was left in a line is not left in the next one.
            if text.is_empty() {
                kept.set(Vec::new());
            }
            engine.write_draft(DraftKey::QuickAdd, text);
            update.force_update();
        }
        TaskAction::Add(text) => {
            let mut task = task_of(&composed(&text), &Reading { now: clock.local_now(), ..reading.clone() });
            match &place {
                Place::List(list) if task.list.is_none() => task.list = Some(list.clone()),
                Place::Label(label) if !task.labels.iter().flatten().any(|known| known == label) => {
                    task.labels.get_or_insert_default().push(label.clone());
                }
                _ => {}
            }
            engine.add_task(task);
            kept.set(Vec::new());
            // The draft is removed only after the task is in the outbox. Before, it is the only copy.
            engine.write_draft(DraftKey::QuickAdd, String::new());
            update.force_update();
        }
        _ => {}
    });
    html! { <QuickAdd text={line} preview={(*preview).clone()} {on} /> }
}
