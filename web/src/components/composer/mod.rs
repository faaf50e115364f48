//! The form in which the person writes a message.
//!
//! It is a controlled component: the parent holds the text. A key press redraws the form one frame later, so handlers
//! read the text from the field and not from the properties.

mod split;
mod suggest;

use crate::text::chat as text;
use crate::{
    components::{
        button::{IconButton, truth},
        icon::Icon,
        keys::{Key, key_of},
        shared::TaskIndex,
    },
    platform::window::focus_element,
};
use std::{cell::RefCell, rc::Rc};
use suggest::{Query, Suggestion, query_at, suggestions};
use tandem_protocol::limits::MAX_MESSAGE_CHARS;
use web_sys::{Element, HtmlElement, HtmlTextAreaElement};
use yew::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ComposerAction {
    /// The text changed; the parent stores it as the draft.
    Draft(String),
    /// Send this text. The parent empties the form.
    Send(String),
    /// Send a text that is too long for one message as several, in this order.
    SendParts(Vec<String>),
    Stop,
    /// Edit the newest message of the person.
    EditLast,
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct ComposerProps {
    pub text: AttrValue,
    /// Whether a reply is running. The button then stops it, or queues the text.
    #[prop_or_default]
    pub running: bool,
    /// Whether the running reply waits for an answer, which a text is.
    #[prop_or_default]
    pub asks: bool,
    /// Whether the device has a touch screen keyboard: Enter then inserts a line break.
    #[prop_or_default]
    pub touch: bool,
    #[prop_or_default]
    pub tasks: TaskIndex,
    /// Lets the parent set the focus.
    #[prop_or_default]
    pub field: NodeRef,
    pub on: Callback<ComposerAction>,
}

/// What the button of the form does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SubmitMode {
    Send,
    Stop,
    Queue,
}

impl SubmitMode {
    fn of(text: &str, running: bool, asks: bool) -> Self {
        match (running, text.trim().is_empty()) {
            (true, true) => Self::Stop,
            (true, false) if !asks => Self::Queue,
            _ => Self::Send,
        }
    }

    fn look(self) -> (Icon, &'static str, &'static str) {
        match self {
            Self::Send => (Icon::ArrowUp, text::SEND, text::ENTER_TO_SEND),
            Self::Stop => (Icon::Stop, text::STOP, text::ESC_TO_STOP),
            Self::Queue => (Icon::Queue, text::QUEUE, text::ENTER_TO_QUEUE),
        }
    }
}

/// The form with the textbox `Message` and the button `Send`, `Stop` or `Queue`. It is never disabled.
#[component]
pub(crate) fn Composer(props: &ComposerProps) -> Html {
    let query = use_state_eq(|| None::<Query>);
    let chosen = use_state_eq(|| 0_usize);
    // Setting the text of the field moves the caret to its end, so its position is set after the text was drawn.
    let caret = use_mut_ref(|| None::<u32>);
    let offered: Vec<Suggestion> = query.as_ref().map_or_else(Vec::new, |query| suggestions(query, &props.tasks));
    let mode = SubmitMode::of(&props.text, props.running, props.asks);
    let too_long = over_limit(&props.text);
    use_caret(&props.field, &props.text, &caret);

    let submit_action = {
        let props = props.clone();
        Callback::from(move |()| {
            let text = current_text(&props);
            let text = text.trim();
            match SubmitMode::of(text, props.running, props.asks) {
                SubmitMode::Stop => props.on.emit(ComposerAction::Stop),
                SubmitMode::Send | SubmitMode::Queue if !text.is_empty() && over_limit(text).is_none() => {
                    props.on.emit(ComposerAction::Send(text.to_owned()));
                }
                // Empty or too long: the hint shows the reason.
                SubmitMode::Send | SubmitMode::Queue => {}
            }
        })
    };
    let accept = {
        let (on, text, query, caret) = (props.on.clone(), props.text.clone(), query.clone(), caret.clone());
        Callback::from(move |suggestion: Suggestion| {
            if let Some(current) = query.as_ref() {
                let (taken, end) = current.replace(&text, &suggestion.insert);
                *caret.borrow_mut() = Some(end);
                query.set(None);
                on.emit(ComposerAction::Draft(taken));
            }
        })
    };
    let oninput = {
        let (on, query, chosen) = (props.on.clone(), query.clone(), chosen.clone());
        Callback::from(move |event: InputEvent| {
            // Another word has other suggestions, so the selection starts again from the first.
            let field: HtmlTextAreaElement = event.target_unchecked_into();
            let text = field.value();
            query.set(query_at(&text, field.selection_end().ok().flatten()));
            chosen.set(0);
            on.emit(ComposerAction::Draft(text));
        })
    };
    let onkeydown = {
        let (props, submit_action, accept, query, chosen, offered) =
            (props.clone(), submit_action.clone(), accept.clone(), query.clone(), chosen.clone(), offered.clone());
        Callback::from(move |event: KeyboardEvent| {
            let key = key_of(&event);
            let handled = if let Some(suggestion) = offered.get(*chosen) {
                choose(key, suggestion, &accept, &query, &chosen, offered.len())
            } else {
                write(key, &props, &submit_action)
            };
            // A handled key must neither change the text nor reach the shortcuts of the page.
            if handled {
                event.prevent_default();
                event.stop_propagation();
            }
        })
    };
    let begin = |mark: &'static str| {
        let (on, text, field, query) = (props.on.clone(), props.text.clone(), props.field.clone(), query.clone());
        let caret = caret.clone();
        Callback::from(move |()| {
            let text = format!("{text}{}{mark}", if text.is_empty() || text.ends_with(' ') { "" } else { " " });
            // The browser counts positions in UTF-16 units.
            let end = u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX);
            *caret.borrow_mut() = Some(end);
            query.set(query_at(&text, Some(end)));
            on.emit(ComposerAction::Draft(text));
            if let Some(field) = field.cast::<Element>() {
                focus_element(&field);
            }
        })
    };
    let send_parts = {
        let props = props.clone();
        Callback::from(move |_: MouseEvent| {
            props.on.emit(ComposerAction::SendParts(split::parts(&current_text(&props))));
        })
    };
    let (icon, name, hint) = mode.look();
    let submit = {
        let submit_action = submit_action.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            submit_action.emit(());
        })
    };
    html! {
        <form class="composer" aria-label={text::NEW_MESSAGE} onsubmit={submit}>
            if !offered.is_empty() { { suggestion_list(&offered, *chosen, &accept) } }
            <textarea ref={props.field.clone()} id="message" aria-label={text::MESSAGE} dir="auto" rows="1" value={props.text.clone()}
                placeholder={text::WHAT_TO_WRITE} enterkeyhint={if props.touch { "enter" } else { "send" }}
                aria-autocomplete="list" aria-controls={query.as_ref().map(|_| "offer")}
                aria-activedescendant={query.as_ref().map(|_| format!("offer-{}", *chosen))} {oninput} {onkeydown} />
            <div class="composer-b">
                { IconButton::new(Icon::Slash, text::COMMANDS, begin("/")).html() }
                { IconButton::new(Icon::At, text::MENTION_A_TASK, begin("@")).html() }
                <span class={classes!("hint", too_long.is_some().then_some("hint-bad"))}>
                    { too_long.clone().unwrap_or_else(|| if props.touch { String::new() } else { hint.to_owned() }) }
                </span>
                if too_long.is_some() {
                    <button type="button" class="btn" onclick={send_parts}>
                        { text::send_as_messages(split::parts(&props.text).len()) }
                    </button>
                }
                <button type="submit" class="btn btn-primary send">{ icon.html() }{ name }</button>
            </div>
        </form>
    }
}

/// Handles a key while suggestions are shown. Returns whether the key had a meaning.
fn choose(
    key: Key,
    suggestion: &Suggestion,
    accept: &Callback<Suggestion>,
    query: &UseStateHandle<Option<Query>>,
    chosen: &UseStateHandle<usize>,
    count: usize,
) -> bool {
    match key {
        Key::Enter | Key::Tab => accept.emit(suggestion.clone()),
        Key::Escape => query.set(None),
        Key::Down => chosen.set((**chosen + 1) % count),
        Key::Up => chosen.set((**chosen + count - 1) % count),
        Key::BreakLine | Key::Other => return false,
    }
    true
}

/// The text of the field, which may be newer than the properties.
fn current_text(props: &ComposerProps) -> String {
    props.field.cast::<HtmlTextAreaElement>().map_or_else(|| props.text.to_string(), |field| field.value())
}

/// Handles a key while no suggestions are shown. Returns whether the key had a meaning.
fn write(key: Key, props: &ComposerProps, submit_action: &Callback<()>) -> bool {
    match key {
        // The button of an empty field is Stop, which Enter must not press by accident.
        Key::Enter if !props.touch && !current_text(props).trim().is_empty() => submit_action.emit(()),
        Key::Enter if !props.touch => {}
        Key::Escape if props.running => props.on.emit(ComposerAction::Stop),
        Key::Up if props.text.is_empty() => props.on.emit(ComposerAction::EditLast),
        _ => return false,
    }
    true
}

/// The suggestions, above the field.
fn suggestion_list(offered: &[Suggestion], chosen: usize, on_accept: &Callback<Suggestion>) -> Html {
    html! {
        <ul id="offer" class="offer" role="listbox" aria-label={text::SUGGESTIONS}>
            { for offered.iter().enumerate().map(|(index, suggestion)| {
                let chosen = index == chosen;
                // On `mousedown` and not on `click`: the field keeps the focus.
                let onmousedown = {
                    let (on, suggestion) = (on_accept.clone(), suggestion.clone());
                    Callback::from(move |event: MouseEvent| {
                        event.prevent_default();
                        on.emit(suggestion.clone());
                    })
                };
                html! {
                    <li id={format!("offer-{index}")} role="option" aria-selected={truth(chosen)}
                        class={classes!("menu-item", chosen.then_some("menu-item-on"))} {onmousedown}>
                        { suggestion.icon.html() }<span>{ suggestion.name.clone() }</span>
                        <small>{ suggestion.note.clone() }</small>
                    </li>
                }
            }) }
        </ul>
    }
}

/// The text of the hint when the message is too long.
fn over_limit(text: &str) -> Option<String> {
    let count = text.chars().count();
    (count > MAX_MESSAGE_CHARS).then(|| text::characters_of(count, MAX_MESSAGE_CHARS))
}

/// Moves the caret behind an accepted suggestion, and grows the field in browsers without `field-sizing`.
#[hook]
fn use_caret(field: &NodeRef, text: &AttrValue, caret: &Rc<RefCell<Option<u32>>>) {
    let (field, caret) = (field.clone(), caret.clone());
    use_effect_with(text.clone(), move |_| {
        let Some(area) = field.cast::<HtmlTextAreaElement>() else { return };
        if let Some(at) = caret.borrow_mut().take() {
            // On failure the caret stays at the end.
            let _ = area.set_selection_range(at, at);
        }
        grow(&area);
    });
}

/// Sets the height to that of the text. The style sheet limits it to between one and eight lines.
fn grow(area: &HtmlTextAreaElement) {
    let style = HtmlElement::style(area);
    if style.get_property_value("field-sizing").is_ok_and(|value| value == "content") {
        return;
    }
    // The content security policy allows styles that are set through the object model.
    let _ = style.set_property("height", "auto");
    let _ = style.set_property("height", &format!("{}px", area.scroll_height()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_button_is_labelled_with_its_action() {
        assert_eq!(SubmitMode::of("", false, false), SubmitMode::Send);
        assert_eq!(SubmitMode::of("words", false, false), SubmitMode::Send);
        assert_eq!(SubmitMode::of(" \n", true, true), SubmitMode::Stop);
        assert_eq!(SubmitMode::of("words", true, false), SubmitMode::Queue);
        assert_eq!(SubmitMode::of("yes", true, true), SubmitMode::Send);
    }

    #[test]
    fn only_a_text_over_the_limit_is_too_long() {
        assert_eq!(over_limit(&"é".repeat(MAX_MESSAGE_CHARS)), None);
        assert!(over_limit(&"é".repeat(MAX_MESSAGE_CHARS + 1)).is_some());
    }
}
