//! The dialog that creates a calendar feed and shows its address once.

use super::{SecretDialog, SecretWords, secret_dialog};
use crate::components::{callbacks::toggle, form::FormStatus};
use crate::text::settings as text;
use tandem_protocol::{enums::FeedKind, rest::NewFeed};
use web_sys::HtmlSelectElement;
use yew::prelude::*;

const WORDS: SecretWords = SecretWords {
    new: text::NEW_FEED,
    purpose: text::WHOEVER_HAS_THE_ADDRESS,
    name: text::NAME_OF_THE_FEED,
    create: text::CREATE_FEED,
    created: text::YOUR_NEW_FEED,
    secret: text::ADDRESS,
};

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct NewFeedDialogProps {
    /// The names of existing lists.
    pub lists: Vec<String>,
    /// The address of the new feed, shown in place of the form.
    pub secret: Option<AttrValue>,
    pub status: FormStatus,
    pub on_create: Callback<NewFeed>,
    pub on_copy: Callback<String>,
    pub on_close: Callback<()>,
}

#[component]
pub(crate) fn NewFeedDialog(props: &NewFeedDialogProps) -> Html {
    let name = use_state(String::new);
    let chosen = use_state(Vec::<String>::new);
    let tasks = use_state(|| false);
    let done = use_state(|| false);
    let on_kind = {
        let tasks = tasks.clone();
        Callback::from(move |event: Event| {
            tasks.set(event.target_unchecked_into::<HtmlSelectElement>().selected_index() == 1);
        })
    };
    let on_create = {
        let (tasks, include_done) = (*tasks, *done);
        let lists = (!chosen.is_empty()).then(|| (*chosen).clone());
        props.on_create.reform(move |name| {
            let kind = Some(if tasks { FeedKind::Tasks } else { FeedKind::Events });
            NewFeed { id: None, name, lists: lists.clone(), kind, include_done }
        })
    };
    let list = |name: &String| {
        let (state, name) = (chosen.clone(), name.clone());
        let checked = state.contains(&name);
        let label = name.clone();
        let onchange = Callback::from(move |_: Event| {
            let mut next: Vec<String> = state.iter().filter(|known| **known != name).cloned().collect();
            if !checked {
                next.push(name.clone());
            }
            state.set(next);
        });
        html! { <label class="tick-line"><input type="checkbox" {checked} {onchange} />{ label }</label> }
    };
    let fields = html! {
        <>
            <div class="field">
                <label for="feed-kind">{ text::SHOWN_AS }</label>
                <select class="input" id="feed-kind" onchange={on_kind}>
                    <option selected={!*tasks}>{ text::AS_EVENTS }</option>
                    <option selected={*tasks}>{ text::AS_TASKS }</option>
                </select>
            </div>
            if !props.lists.is_empty() {
                <fieldset class="field"><legend>{ text::ONLY_THESE_LISTS }</legend>{ for props.lists.iter().map(list) }</fieldset>
            }
            <label class="tick-line">
                <input type="checkbox" checked={*done} onchange={toggle(&done).reform(|_: Event| ())} />
                { text::ALSO_WHAT_IS_DONE }
            </label>
        </>
    };
    secret_dialog(SecretDialog {
        words: WORDS,
        name: &name,
        secret: props.secret.as_ref(),
        status: &props.status,
        incomplete: false,
        on_create,
        on_copy: &props.on_copy,
        on_close: &props.on_close,
        fields,
    })
}
