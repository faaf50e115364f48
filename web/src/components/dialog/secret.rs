//! The dialog that creates something with a secret, and shows the secret once.

use super::Dialog;
use crate::components::{
    callbacks::{press, setter},
    form::{Field, FormStatus, error_notice},
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

/// What the dialog shows. It is no component: the one around it remembers the name.
pub(crate) struct SecretDialog<'a> {
    pub words: SecretWords,
    pub name: &'a UseStateHandle<String>,
    /// The secret of the new one, shown in place of the form.
    pub secret: Option<&'a AttrValue>,
    pub status: &'a FormStatus,
    /// Whether a field besides the name is missing.
    pub incomplete: bool,
    /// Called with the name.
    pub on_create: Callback<String>,
    pub on_copy: &'a Callback<String>,
    pub on_close: &'a Callback<()>,
    /// The fields after the name.
    pub fields: Html,
}

pub(crate) fn secret_dialog(dialog: SecretDialog<'_>) -> Html {
    let SecretDialog { words, name, secret, status, incomplete, on_create, on_copy, on_close, fields } = dialog;
    let error = status.error.clone();
    let onsubmit = {
        let name = name.clone();
        on_create.reform(move |event: SubmitEvent| {
            event.prevent_default();
            name.trim().to_owned()
        })
    };
    let disabled = status.busy || incomplete || name.trim().is_empty();
    let close = press(on_close);
    let label = if secret.is_some() { words.created } else { words.new };
    html! {
        <Dialog {label} class="dialog dialog-wide" on_close={on_close.clone()}>
            if let Some(secret) = secret {
                <p>{ text::SHOWN_ONCE }</p>
                <CodeBlock language="" title={words.secret} text={secret.clone()} on_copy={on_copy.clone()} />
                <div class="acts"><button type="button" class="btn btn-primary" onclick={close}>{ text::DONE }</button></div>
            } else {
                <p>{ words.purpose }</p>
                <form {onsubmit}>
                    { error_notice(error.as_ref()) }
                    <Field id="secret-name" label={words.name} value={(**name).clone()} {error} field="name"
                        on_change={setter(name)} />
                    { fields }
                    <div class="acts">
                        <button type="button" class="btn" onclick={close}>{ text::CANCEL }</button>
                        <button type="submit" class="btn btn-primary" {disabled}>{ words.create }</button>
                    </div>
                </form>
            }
        </Dialog>
    }
}
