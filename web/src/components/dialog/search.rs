//! The search dialog over conversations, messages and tasks.

use super::Dialog;
use crate::text::workspace as text;
use crate::{
    components::{
        button::truth,
        clock::Clock,
        format,
        icon::Icon,
        keys::{Key, key_of},
    },
    platform::window::document,
};
use tandem_protocol::{
    enums::ObjectKind,
    rest::{SearchHit, SnippetPiece},
};
use web_sys::{HtmlInputElement, ScrollIntoViewOptions, ScrollLogicalPosition};
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct SearchDialogProps {
    pub query: AttrValue,
    /// The hits, best first. They stay while a new query is running.
    pub hits: Vec<SearchHit>,
    /// Whether a query is running.
    #[prop_or_default]
    pub busy: bool,
    /// Why the last query failed; empty if it did not.
    #[prop_or_default]
    pub problem: AttrValue,
    /// Called at each change of the text. The parent delays the query.
    pub on_query: Callback<String>,
    pub on_open: Callback<SearchHit>,
    /// Commands for these words, shown after the hits.
    #[prop_or_default]
    pub commands: Vec<(Icon, AttrValue)>,
    /// Called with the index of a command.
    #[prop_or_default]
    pub on_command: Callback<usize>,
    pub clock: Clock,
    pub on_close: Callback<()>,
}

/// The searchbox `Search` and its hits, selected with the arrow keys and Enter.
#[component]
pub(crate) fn SearchDialog(props: &SearchDialogProps) -> Html {
    let chosen = use_state_eq(|| 0_usize);
    use_effect_with(*chosen, |chosen| {
        if let Some(hit) = document().get_element_by_id(&format!("hit-{chosen}")) {
            let options = ScrollIntoViewOptions::new();
            options.set_block(ScrollLogicalPosition::Nearest);
            hit.scroll_into_view_with_scroll_into_view_options(&options);
        }
    });
    let oninput = {
        let (on, chosen) = (props.on_query.clone(), chosen.clone());
        Callback::from(move |event: InputEvent| {
            // New hits start with a new selection.
            chosen.set(0);
            on.emit(event.target_unchecked_into::<HtmlInputElement>().value());
        })
    };
    let onkeydown = {
        let (props, chosen) = (props.clone(), chosen.clone());
        Callback::from(move |event: KeyboardEvent| {
            let count = props.hits.len() + props.commands.len();
            match key_of(&event) {
                Key::Down if count > 0 => chosen.set((*chosen + 1) % count),
                Key::Up if count > 0 => chosen.set((*chosen + count - 1) % count),
                Key::Enter => {
                    if let Some(hit) = props.hits.get(*chosen) {
                        props.on_open.emit(hit.clone());
                    } else if *chosen < count {
                        props.on_command.emit(*chosen - props.hits.len());
                    }
                }
                _ => return,
            }
            event.prevent_default();
        })
    };
    // The focus stays in the field; a screen reader announces the selected hit by `aria-activedescendant`.
    let has_problem = !props.problem.is_empty();
    let any = !(props.hits.is_empty() && props.commands.is_empty());
    let nothing = !props.busy && !has_problem && props.hits.is_empty() && !props.query.trim().is_empty();
    html! {
        <Dialog label={text::SEARCH_EVERYTHING} heading=false class="palette" on_close={props.on_close.clone()}>
            <div class="palette-in">
                { Icon::Search.html() }
                <input type="search" aria-label={text::SEARCH} value={props.query.clone()} autocomplete="off"
                    placeholder={text::CONVERSATIONS_MESSAGES_TASKS} aria-controls="hits"
                    aria-activedescendant={any.then(|| format!("hit-{}", *chosen))}
                    {oninput} {onkeydown} />
                if props.busy { <span class="spin" /> }
                <kbd class="key">{ text::ESC }</kbd>
            </div>
            <ul id="hits" role="listbox" aria-label={text::RESULTS} tabindex="0">
                { for props.hits.iter().enumerate().map(|(index, hit)| view(props, hit, index, index == *chosen)) }
                { for props.commands.iter().enumerate().map(|(index, command)| {
                    let place = props.hits.len() + index;
                    command_view(props, command, index, place, place == *chosen)
                }) }
            </ul>
            if props.query.is_empty() {
                <p class="blank">{ text::SEARCH_FILTERS }</p>
            }
            if has_problem {
                <p class="blank" role="status"><b>{ text::SEARCH_DID_NOT_WORK }</b>{ props.problem.clone() }</p>
            }
            if nothing { <p class="blank" role="status"><b>{ text::NOTHING_FOUND }</b>{ text::OTHER_WORDS_MAY_HELP }</p> }
        </Dialog>
    }
}

fn view(props: &SearchDialogProps, hit: &SearchHit, index: usize, chosen: bool) -> Html {
    let onclick = {
        let (on, hit) = (props.on_open.clone(), hit.clone());
        Callback::from(move |_: MouseEvent| on.emit(hit.clone()))
    };
    let (icon, kind) = match hit.kind {
        ObjectKind::Task => (Icon::Tasks, text::TASK),
        ObjectKind::Conversation => (Icon::Chat, text::CONVERSATION),
        ObjectKind::Message => (Icon::Chat, text::MESSAGE),
    };
    // A snippet that repeats the title adds nothing.
    let plain: String = hit.snippet.iter().map(|piece| piece.text.as_str()).collect();
    let repeats = plain.trim() == hit.title.trim();
    html! {
        <li id={format!("hit-{index}")} role="option" aria-selected={truth(chosen)}
            class={classes!("hit", chosen.then_some("hit-on"))} {onclick}>
            { icon.html() }
            <span>
                if repeats { { pieces(&hit.snippet) } } else { { hit.title.clone() } }
                <small>{ kind }if !repeats && !plain.is_empty() { { " · " }{ pieces(&hit.snippet) } }</small>
            </span>
            if let Some(at) = hit.at {
                <time class="num" title={format::full(props.clock.local(at))}>
                    { format::short_moment(props.clock.local(at), props.clock.today()) }
                </time>
            }
            if chosen { <kbd aria-hidden="true">{ text::ENTER }</kbd> }
        </li>
    }
}

fn command_view(
    props: &SearchDialogProps,
    (icon, text): &(Icon, AttrValue),
    index: usize,
    place: usize,
    chosen: bool,
) -> Html {
    let onclick = props.on_command.reform(move |_: MouseEvent| index);
    html! {
        <li id={format!("hit-{place}")} role="option" aria-selected={truth(chosen)}
            class={classes!("hit", chosen.then_some("hit-on"))} {onclick}>
            { (*icon).html() }<span>{ text.clone() }<small>{ text::COMMAND }</small></span>
            if chosen { <kbd aria-hidden="true">{ text::ENTER }</kbd> }
        </li>
    }
}

fn pieces(snippet: &[SnippetPiece]) -> Html {
    snippet
        .iter()
        .map(|piece| {
            let text = piece.text.clone();
            if piece.is_match {
                html! { <mark>{ text }</mark> }
            } else {
                Html::from(text)
            }
        })
        .collect()
}
