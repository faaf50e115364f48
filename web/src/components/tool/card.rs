//! Tool cards: one row per call, or one group for a step with several calls.

use super::{
    ToolAction,
    approval::Approval,
    facts::{self, FieldChange},
    set::ApprovalSet,
    wording::{Wording, acts, destroys, group_name, wording},
};
use crate::components::{
    button::{IconButton, TextButton},
    callbacks::toggle,
    clock::Clock,
    format,
    icon::Icon,
    shared::{Shared, TaskIndex},
    ticker::{Elapsed, WhileRecent},
};
use crate::platform::device;
use crate::text::tools as text;
use tandem_protocol::{
    enums::ToolState,
    id::MessageId,
    model::{Message, Part, ToolCall},
};
use yew::prelude::*;

const UNDO_SECONDS: u32 = 30;
/// The number of calls from which a step is drawn as one group.
const GROUP_FROM: usize = 3;
/// A group of more calls is closed at first: its rows would push everything else off the page.
const OPEN_UP_TO: usize = 6;

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct ToolCardsProps {
    pub message: Shared<Message>,
    /// The range of the calls among the parts of the message.
    pub start: usize,
    pub end: usize,
    pub tasks: TaskIndex,
    pub clock: Clock,
    pub on: Callback<ToolAction>,
}

#[component]
pub(crate) fn ToolCards(props: &ToolCardsProps) -> Html {
    let open = use_state_eq(|| None::<bool>);
    let calls: Vec<&ToolCall> =
        props.message.parts[props.start..props.end].iter().filter_map(Part::as_tool_call).collect();
    let (waiting, calls): (Vec<&ToolCall>, Vec<&ToolCall>) =
        calls.into_iter().partition(|call| call.state == ToolState::AwaitingApproval);
    // One answer is enough for calls that ask together.
    let (set, calls) = if waiting.len() > 1 { (waiting, calls) } else { (Vec::new(), [calls, waiting].concat()) };
    let set = (!set.is_empty()).then(|| {
        html! {
            <ApprovalSet message_id={props.message.id} calls={set.into_iter().cloned().collect::<Vec<_>>()}
                tasks={props.tasks.clone()} clock={props.clock.clone()} on={props.on.clone()} />
        }
    });
    let cards = |countdown: bool| {
        calls
            .iter()
            .map(|call| {
                html! {
                    <ToolCard key={call.call_id.clone()} message_id={props.message.id} call={(*call).clone()}
                        since={props.message.completed_at} {countdown} tasks={props.tasks.clone()}
                        clock={props.clock.clone()} on={props.on.clone()} />
                }
            })
            .collect::<Html>()
    };
    // Calls that failed must be visible, so they are not grouped.
    if !is_group(&calls) {
        return html! { <div class="tools">{ cards(true) }{ set }</div> };
    }
    let (verb, count) = group_name(&calls);
    let id = format!("step-{}-{}", props.message.id, props.start);
    let is_open = open.unwrap_or(calls.len() <= OPEN_UP_TO);
    let onclick = {
        let open = open.clone();
        Callback::from(move |()| open.set(Some(!is_open)))
    };
    let busy = calls.iter().any(|call| call.state == ToolState::Running);
    html! {
        <div class="tools">
            <div class="tool tool-group" role="group" aria-label={format!("{verb} {count}")}>
                <div class="tool-row">
                    { state_icon(if busy { ToolState::Running } else { ToolState::Done }) }
                    <span class="tool-t">{ verb }{ " " }<b>{ count.clone() }</b>{ common_list(&calls) }</span>
                    <span class="tool-side">
                        { IconButton::new(Icon::Down, text::show_tasks(&count), onclick).small().class("chev").expanded(is_open).controls(id.clone()).html() }
                    </span>
                </div>
                <div class="tool-sub" {id} hidden={!is_open}>{ cards(false) }</div>
            </div>
            { set }
        </div>
    }
}

/// Whether a step is drawn as one group: enough calls, all of them changes that did not fail.
fn is_group(calls: &[&ToolCall]) -> bool {
    calls.len() >= GROUP_FROM
        && calls
            .iter()
            .all(|call| acts(call) && matches!(call.state, ToolState::Done | ToolState::Running | ToolState::Denied))
}

/// The text ` in the list Move` if all tasks of a step are in one list.
fn common_list(calls: &[&ToolCall]) -> Option<String> {
    let mut lists = calls.iter().map(|call| facts::answered_task(call).and_then(|task| task.list));
    let first = lists.next()??;
    lists.all(|list| list.as_ref() == Some(&first)).then(|| text::in_the_list(&first))
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct ToolCardProps {
    pub message_id: MessageId,
    pub call: ToolCall,
    /// When the reply ended. `Undo` is offered for 30 s from then, or from the first render.
    pub since: Option<tandem_protocol::Timestamp>,
    /// Whether to show the remaining seconds of `Undo`.
    pub countdown: bool,
    pub tasks: TaskIndex,
    pub clock: Clock,
    pub on: Callback<ToolAction>,
}

/// One tool call: a group whose name starts with its verb.
#[component]
pub(crate) fn ToolCard(props: &ToolCardProps) -> Html {
    let open = use_state(|| false);
    let call = &props.call;
    let today = props.clock.today();
    // Arguments name a task by id or number only, so the wording needs the current tasks.
    let words = wording(call, &props.tasks, today);
    let changes = if call.state == ToolState::Done { facts::changes(call, today) } else { Vec::new() };
    let name = words.name(call.state);
    let id = format!("tool-{}", call.call_id);
    let class = match call.state {
        ToolState::Undone => Some("tool-undone"),
        ToolState::AwaitingApproval => Some("tool-ask"),
        _ => None,
    };
    html! {
        <div class={classes!("tool", class)} role="group" aria-label={name.clone()}>
            <div class="tool-row">
                { state_icon(call.state) }
                <span class="tool-t">{ words.verb.clone() }{ " " }<b>{ words.object.clone() }</b>{ words.rest.clone() }</span>
                <span class="tool-side">
                    { side(props) }
                    if !changes.is_empty() {
                        { IconButton::new(Icon::Down, text::what_changed(&name), toggle(&open)).small().class("chev").expanded(*open).controls(id.clone()).html() }
                    }
                </span>
            </div>
            if call.state == ToolState::AwaitingApproval { { approval(props, &words) } }
            if !changes.is_empty() {
                <div class="tool-body" {id} hidden={!*open}><dl class="diff">{ for changes.iter().map(diff) }</dl></div>
            }
        </div>
    }
}

fn state_icon(state: ToolState) -> Html {
    match state {
        ToolState::Running => html! { <span class="spin" aria-hidden="true" /> },
        ToolState::AwaitingApproval => Icon::Hand.classed("wait"),
        ToolState::Done => Icon::Check.classed("ok"),
        ToolState::Failed => Icon::Bad.classed("bad"),
        ToolState::Denied => Icon::Cross.html(),
        ToolState::Undone => Icon::Undo.html(),
    }
}

/// The right end of the row: the state, or the button `Undo`.
fn side(props: &ToolCardProps) -> Html {
    let call = &props.call;
    match call.state {
        ToolState::Running => html! { <Elapsed clock={props.clock.clone()} /> },
        ToolState::AwaitingApproval => html! { <span class="wait">{ text::NEEDS_YOUR_APPROVAL }</span> },
        ToolState::Failed => {
            let why = facts::refusal(call).map_or_else(|| text::FAILED.to_owned(), text::failed_because);
            html! { <span class="bad">{ why }</span> }
        }
        ToolState::Denied => {
            html! { <span>{ decided(props, text::DENIED).unwrap_or_else(|| text::YOU_DENIED_THIS.to_owned()) }</span> }
        }
        ToolState::Undone => html! { <span>{ text::UNDONE }</span> },
        ToolState::Done if acts(call) && !destroys(call) && facts::is_gone(call, &props.tasks) => {
            html! { <span>{ text::DELETED_OR_DONE_SINCE }</span> }
        }
        ToolState::Done if facts::edited_since(call, &props.tasks) => html! { <span>{ text::EDITED_SINCE }</span> },
        ToolState::Done => {
            let Some(token) = call.undo_token.clone().filter(|_| acts(call)) else { return Html::default() };
            let onclick = props.on.reform(move |()| ToolAction::Undo(token.clone()));
            html! {
                <>
                if let Some(by) = decided(props, text::APPROVED) { <span>{ by }</span> }
                <WhileRecent clock={props.clock.clone()} since={props.since} seconds={UNDO_SECONDS}
                    countdown={props.countdown}>
                    { TextButton::new(text::UNDO, onclick).accent().html() }
                </WhileRecent>
                </>
            }
        }
    }
}

/// Where and when the person decided: `Approved on another device, 09:22`.
fn decided(props: &ToolCardProps, verb: &str) -> Option<String> {
    let decision = props.call.decided.as_ref()?;
    let at = format::clock_time(props.clock.local(decision.at).time());
    let place = match &decision.device_id {
        Some(id) if *id == device::id() => text::HERE,
        Some(_) => text::ON_ANOTHER_DEVICE,
        // In words, or over REST.
        None => return Some(text::decided_at(verb, &at)),
    };
    Some(format!("{verb} {place}, {at}"))
}

fn approval(props: &ToolCardProps, words: &Wording) -> Html {
    let (message_id, call_id) = (props.message_id, props.call.call_id.clone());
    let on = props.on.reform(move |decision| ToolAction::Decide { message_id, call_id: call_id.clone(), decision });
    html! {
        <Approval verb={words.verb.clone()} tasks={facts::tasks(&props.call, &props.tasks)} today={props.clock.today()}
            destroys={destroys(&props.call)} {on} />
    }
}

fn diff(change: &FieldChange) -> Html {
    html! {
        <>
            <dt>{ change.field }</dt>
            <dd>
                if let Some(old) = &change.old {
                    <del>{ old.clone() }</del>{ Icon::ArrowRight.small() }
                }
                <ins>{ change.new.clone().unwrap_or_else(|| text::NONE.to_owned()) }</ins>
            </dd>
        </>
    }
}
