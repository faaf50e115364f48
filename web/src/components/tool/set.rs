//! One card for calls that ask for an approval together: the person answers all of them at once, or some.

use super::{
    ToolAction,
    facts::{self, TaskSummary},
    wording::{destroys, request_of},
};
use crate::components::{callbacks::press, clock::Clock, format, icon::Icon, shared::TaskIndex};
use crate::text::tools as text;
use tandem_protocol::{enums::Decision, id::MessageId, model::ToolCall};
use web_sys::HtmlInputElement;
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub(super) struct ApprovalSetProps {
    pub message_id: MessageId,
    /// At least two calls that wait.
    pub calls: Vec<ToolCall>,
    pub tasks: TaskIndex,
    pub clock: Clock,
    pub on: Callback<ToolAction>,
}

#[component]
pub(super) fn ApprovalSet(props: &ApprovalSetProps) -> Html {
    // The calls that the person has unticked.
    let left_out = use_state_eq(Vec::<String>::new);
    let answered = use_state_eq(|| false);
    let today = props.clock.today();
    let calls: Vec<&ToolCall> = props.calls.iter().collect();
    let name = request_of(&calls, &props.tasks, today);
    let is_chosen = |call: &ToolCall| !left_out.contains(&call.call_id);
    let chosen = calls.iter().filter(|call| is_chosen(call)).count();
    let some = chosen < calls.len();
    let answer = |approve: bool| {
        let (props, left_out, answered) = (props.clone(), left_out.clone(), answered.clone());
        press(&Callback::from(move |()| {
            answered.set(true);
            for call in &props.calls {
                let approved = approve && !left_out.contains(&call.call_id);
                let decision = if approved { Decision::Approve } else { Decision::Deny };
                let (message_id, call_id) = (props.message_id, call.call_id.clone());
                props.on.emit(ToolAction::Decide { message_id, call_id, decision });
            }
        }))
    };
    let on_all = {
        let (left_out, ids) =
            (left_out.clone(), props.calls.iter().map(|call| call.call_id.clone()).collect::<Vec<_>>());
        Callback::from(move |_: MouseEvent| left_out.set(if some { Vec::new() } else { ids.clone() }))
    };
    let danger = calls.iter().any(|call| destroys(call));
    html! {
        <div class="tool tool-ask" role="group" aria-label={name.clone()}>
            <div class="tool-row">
                { Icon::Hand.classed("wait") }
                <span class="tool-t"><b>{ name }</b></span>
                <span class="tool-side"><span class="wait">{ text::NEEDS_YOUR_APPROVAL }</span></span>
            </div>
            <ul class="rows rows-set">
                { for calls.iter().map(|call| row(call, is_chosen(call), props, &left_out)) }
            </ul>
            <div class="ask-acts">
                <p>
                    { text::chosen_of(chosen, calls.len()) }
                    <button type="button" class="text-btn" onclick={on_all}>
                        { if some { text::CHOOSE_ALL } else { text::CHOOSE_NONE } }
                    </button>
                </p>
                <button type="button" class="btn btn-s" disabled={*answered} onclick={answer(false)}>{ text::DENY }</button>
                <button type="button" disabled={*answered || chosen == 0} onclick={answer(true)}
                    class={if danger { "btn btn-s btn-danger" } else { "btn btn-s btn-primary" }}>
                    { if some { text::approve_some(chosen) } else { text::APPROVE.to_owned() } }
                </button>
            </div>
        </div>
    }
}

fn row(call: &ToolCall, chosen: bool, props: &ApprovalSetProps, left_out: &UseStateHandle<Vec<String>>) -> Html {
    let tasks = facts::tasks(call, &props.tasks);
    let today = props.clock.today();
    let number = tasks.first().and_then(|task| task.number).map(|number| format!("#{number}")).unwrap_or_default();
    let due = match &tasks[..] {
        [TaskSummary { due: Some(due), .. }] => format::due(due, today),
        _ => String::new(),
    };
    let title = match &tasks[..] {
        [] => request_of(&[call], &props.tasks, today),
        tasks => tasks.iter().map(|task| task.title.as_str()).collect::<Vec<_>>().join(", "),
    };
    let (id, left_out) = (call.call_id.clone(), left_out.clone());
    let onchange = Callback::from(move |event: Event| {
        let ticked = event.target_unchecked_into::<HtmlInputElement>().checked();
        let mut ids: Vec<String> = left_out.iter().filter(|other| **other != id).cloned().collect();
        if !ticked {
            ids.push(id.clone());
        }
        left_out.set(ids);
    });
    html! {
        <li key={call.call_id.clone()}>
            <label>
                <input type="checkbox" checked={chosen} {onchange} />
                <span class="num">{ number }</span><b dir="auto">{ title }</b><span class="num">{ due }</span>
            </label>
        </li>
    }
}
