//! The dialog that creates something with a secret, and shows the secret once.

use super::Dialog;
use crate::components::{
    callbacks::{press, setter},
    form::{ErrorNotice, Field, FormStatus},
    markdown::CodeBlock,
};
use crate::text::settings as text;
use yew::prelude::*;

/// The words of such a dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SecretWords {
    /// The heading of the form.
    pub new: &'static str,
    /// What the thing is for, above the form.
    pub purpose: &'static str,
    /// The label of the field for the name.
    pub name: &'static str,
    pub create: &'static str,
    /// The heading above the secret.
    pub created: &'static str,
    /// What the secret is.
    pub secret: &'static str,
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct SecretDialogProps {
    pub words: SecretWords,
    /// The secret of the new one, shown in place of the form.
    pub secret: Option<AttrValue>,
    pub status: FormStatus,
    /// Whether a field besides the name is missing.
    #[prop_or_default]
    pub incomplete: bool,
    /// Called with the name.
    pub on_create: Callback<String>,
    pub on_copy: Callback<String>,
    pub on_close: Callback<()>,
    /// The fields after the name.
    pub children: Html,
}

#[component]
pub(crate) fn SecretDialog(props: &SecretDialogProps) -> Html {
    let name = use_state(String::new);
    let (words, error) = (props.words, props.status.error.clone());
    let onsubmit = {
        let (on, name) = (props.on_create.clone(), name.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            on.emit(name.trim().to_owned());
        })
    };
    let disabled = props.status.busy || props.incomplete || name.trim().is_empty();
    let close = press(&props.on_close);
    let label = if props.secret.is_some() { words.created } else { words.new };
    html! {
        <Dialog {label} class="dialog dialog-wide" on_close={props.on_close.clone()}>
            if let Some(secret) = &props.secret {
                <p>{ text::SHOWN_ONCE }</p>
                <CodeBlock language="" title={words.secret} text={secret.clone()} on_copy={props.on_copy.clone()} />
                <div class="acts"><button type="button" class="btn btn-primary" onclick={close}>{ text::DONE }</button></div>
            } else {
                <p>{ words.purpose }</p>
                <form {onsubmit}>
                    <ErrorNotice error={error.clone()} />
                    <Field id="secret-name" label={words.name} value={(*name).clone()} {error} field="name"
                        on_change={setter(&name)} />
                    { props.children.clone() }
                    <div class="acts">
                        <button type="button" class="btn" onclick={close}>{ text::CANCEL }</button>
                        <button type="submit" class="btn btn-primary" {disabled}>{ words.create }</button>
                    </div>
                </form>
            }
        </Dialog>
    }
}
