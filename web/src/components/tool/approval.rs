//! The part of a tool card that asks for an approval: what the call would do, and the two buttons.

use super::facts::TaskSummary;
use crate::components::{callbacks::press, format};
use crate::text::tools as text;
use jiff::civil::Date;
use tandem_protocol::enums::Decision;
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub(super) struct ApprovalProps {
    /// The verb of the card, such as `Delete`.
    pub verb: AttrValue,
    /// All tasks that the call would change.
    pub tasks: Vec<TaskSummary>,
    pub today: Date,
    /// Whether the call deletes something: the button is red then.
    pub destroys: bool,
    pub on: Callback<Decision>,
}

#[component]
pub(super) fn Approval(props: &ApprovalProps) -> Html {
    let answer = |decision: Decision| press(&props.on.reform(move |()| decision));
    html! {
        <>
            <ul class="rows" aria-label={text::tasks_to(props.verb.to_ascii_lowercase())}>
                { for props.tasks.iter().map(|task| html! {
                    <li>
                        <span class="num">{ task.number.map(|number| format!("#{number}")).unwrap_or_default() }</span>
                        <b>{ task.title.clone() }</b>
                        <span class="num">{ due(task, props.today) }</span>
                    </li>
                }) }
            </ul>
            <div class="ask-acts">
                <p>{ text::NOTHING_HAPPENS_UNTIL_YOU_ANSWER }</p>
                <button type="button" class="btn btn-s" onclick={answer(Decision::Deny)}>{ text::DENY }</button>
                <button type="button" onclick={answer(Decision::Approve)}
                    class={classes!("btn", "btn-s", if props.destroys { "btn-danger" } else { "btn-primary" })}>
                    { text::APPROVE }
                </button>
            </div>
        </>
    }
}

fn due(task: &TaskSummary, today: Date) -> String {
    task.due.as_ref().map_or_else(|| text::NO_DATE.to_owned(), |due| format::due(due, today))
}
