//! Form fields, errors of forms, and the forms for signing in and registering.

use crate::components::{
    button::IconButton,
    callbacks::{setter, toggle},
    callout,
    icon::Icon,
};
use crate::platform::events::later;
use crate::platform::window::focus_first;
use crate::text::account as text;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// Why a form was refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FormError {
    /// What is wrong, as a heading: `Email and password do not match`.
    pub title: AttrValue,
    pub text: AttrValue,
    /// The names of the wrong fields (`email`, `password`, `name`, …), each with a message.
    pub fields: Vec<(AttrValue, AttrValue)>,
}

impl FormError {
    fn of(&self, field: &str) -> Option<&AttrValue> {
        self.fields.iter().find(|(name, _)| name.as_str() == field).map(|(_, text)| text)
    }
}

/// Characters of the shortest password that the server accepts.
const MIN_PASSWORD_CHARS: usize = 8;
/// The error of a form of which some fields (name, whether it is wrong, message) cannot be sent; all of those are marked.
fn wrong(fields: &[(&'static str, bool, &'static str)]) -> Option<FormError> {
    let fields: Vec<_> = fields.iter().filter(|field| field.1).map(|field| (field.0.into(), field.2.into())).collect();
    let (title, text) = (text::SOMETHING_IS_NOT_RIGHT_YET.into(), text::CHECK_THE_MARKED_FIELDS.into());
    (!fields.is_empty()).then_some(FormError { title, text, fields })
}

/// Shows what a form has found wrong, if it has. Returns whether it has.
fn refuse(shown: &UseStateHandle<Option<FormError>>, wrong: Option<FormError>) -> bool {
    let is_wrong = wrong.is_some();
    shown.set(wrong);
    if is_wrong {
        focus_marked();
    }
    is_wrong
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// Whether the server would refuse a new password for its length.
fn is_short(password: &str) -> bool {
    password.chars().count() < MIN_PASSWORD_CHARS
}

/// The state of a form between sending it and the response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FormStatus {
    /// Whether the request is under way: the form cannot be sent again until it ends.
    pub busy: bool,
    pub error: Option<FormError>,
}

impl FormStatus {
    pub(crate) fn busy() -> Self {
        Self { busy: true, error: None }
    }

    /// The status after the response; without an error the form succeeded. With one the focus goes to what is marked.
    pub(crate) fn ended(error: Option<FormError>) -> Self {
        if error.is_some() {
            focus_marked();
        }
        Self { busy: false, error }
    }
}

/// Moves the focus to the first field that a refused form marks, when it is drawn.
pub(crate) fn focus_marked() {
    later(|| focus_first("[aria-invalid=true]"));
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Credentials {
    /// Trimmed of white space.
    pub email: String,
    pub password: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Registration {
    /// Trimmed of white space; may be empty.
    pub name: String,
    /// Trimmed of white space.
    pub email: String,
    pub password: String,
    /// A set-up code or an invitation, where the form asks for one. Trimmed of white space.
    pub code: String,
}

/// The error of a form, with the role `alert`.
pub(crate) fn error_notice(error: Option<&FormError>) -> Html {
    error.map_or_else(Html::default, |error| callout::alert(Icon::Alert, error.title.clone(), error.text.clone()))
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct FieldProps {
    /// Unique on the page.
    pub id: AttrValue,
    pub label: AttrValue,
    pub value: AttrValue,
    /// The name of the field in errors of the server.
    pub field: AttrValue,
    /// The `type` attribute of the input.
    #[prop_or(AttrValue::Static("text"))]
    pub kind: AttrValue,
    #[prop_or(AttrValue::Static("off"))]
    pub autocomplete: AttrValue,
    #[prop_or_default]
    pub hint: Option<AttrValue>,
    #[prop_or_default]
    pub error: Option<FormError>,
    pub on_change: Callback<String>,
    /// Whether it gets the focus when it is shown.
    #[prop_or_default]
    pub autofocus: bool,
    /// Shown inside the right edge of the field.
    #[prop_or_default]
    pub children: Html,
}

/// An input with its label, a hint, and its error.
#[component]
pub(crate) fn Field(props: &FieldProps) -> Html {
    // A field may be wrong without a message of its own: then it is only marked.
    let wrong = props.error.as_ref().and_then(|error| error.of(&props.field)).cloned();
    let oninput = props.on_change.reform(|event: InputEvent| event.target_unchecked_into::<HtmlInputElement>().value());
    // The error replaces the hint, so the description refers to whichever is shown.
    let described = match (&wrong, &props.hint) {
        (Some(_), _) => Some(format!("{}-error", props.id)),
        (None, Some(_)) => Some(format!("{}-hint", props.id)),
        (None, None) => None,
    };
    let input = html! {
        <input class="input" id={props.id.clone()} type={props.kind.clone()} value={props.value.clone()}
            autocomplete={props.autocomplete.clone()} aria-invalid={wrong.as_ref().map(|_| "true")}
            aria-describedby={described} autofocus={props.autofocus} {oninput} />
    };
    html! {
        <div class="field">
            <label for={props.id.clone()}>{ props.label.clone() }</label>
            if props.children == Html::default() { { input } } else {
                <div class="with-eye">{ input }{ props.children.clone() }</div>
            }
            if let Some(wrong) = wrong {
                if !wrong.is_empty() { <p class="err" id={format!("{}-error", props.id)}>{ wrong }</p> }
            } else if let Some(hint) = &props.hint {
                <p class="hint-t" id={format!("{}-hint", props.id)}>{ hint.clone() }</p>
            }
        </div>
    }
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct PasswordFieldProps {
    /// Unique on the page.
    pub id: AttrValue,
    #[prop_or(AttrValue::Static(text::PASSWORD))]
    pub label: AttrValue,
    pub value: AttrValue,
    /// The name of the field in errors of the server.
    #[prop_or(AttrValue::Static("password"))]
    pub field: AttrValue,
    /// Whether a new password is chosen, for password managers and the hint.
    #[prop_or_default]
    pub new: bool,
    /// Whether it gets the focus when it is shown.
    #[prop_or_default]
    pub autofocus: bool,
    #[prop_or_default]
    pub error: Option<FormError>,
    pub on_change: Callback<String>,
}

/// A password field with a button that shows the password.
#[component]
pub(crate) fn PasswordField(props: &PasswordFieldProps) -> Html {
    let shown = use_state(|| false);
    html! {
        <Field id={props.id.clone()} label={props.label.clone()} value={props.value.clone()} field={props.field.clone()}
            kind={if *shown { "text" } else { "password" }}
            autocomplete={if props.new { "new-password" } else { "current-password" }}
            hint={props.new.then_some(AttrValue::Static(text::PASSWORD_HINT))}
            autofocus={props.autofocus} error={props.error.clone()} on_change={props.on_change.clone()}>
            { IconButton::new(Icon::Eye, if *shown { text::HIDE_PASSWORD } else { text::SHOW_PASSWORD }, toggle(&shown)).html() }
        </Field>
    }
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct SignInFieldsProps {
    pub label: AttrValue,
    /// The prefix of the ids of its fields.
    pub id: AttrValue,
    #[prop_or_default]
    pub email: AttrValue,
    #[prop_or_default]
    pub status: FormStatus,
    pub on_submit: Callback<Credentials>,
}

/// The form with `Email`, `Password` and the button `Sign in`.
#[component]
pub(crate) fn SignInFields(props: &SignInFieldsProps) -> Html {
    let email = use_state(|| props.email.to_string());
    let password = use_state(String::new);
    // What this form itself has found, before the server is asked.
    let checked = use_state_eq(|| None::<FormError>);
    let onsubmit = {
        let (on, email, password) = (props.on_submit.clone(), email.clone(), password.clone());
        let own_error = checked.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let wrong = wrong(&[
                ("email", is_blank(&email), text::ENTER_YOUR_EMAIL_ADDRESS),
                ("password", is_blank(&password), text::ENTER_YOUR_PASSWORD),
            ]);
            if !refuse(&own_error, wrong) {
                on.emit(Credentials { email: email.trim().to_owned(), password: (*password).clone() });
            }
        })
    };
    let error = (*checked).clone().or_else(|| props.status.error.clone());
    html! {
        <form aria-label={props.label.clone()} {onsubmit} novalidate=true>
            { error_notice(error.as_ref()) }
            <Field id={format!("{}-email", props.id)} label={text::EMAIL} kind="email" field="email" autocomplete="username"
                value={(*email).clone()} error={error.clone()} on_change={setter(&email)} />
            <PasswordField id={format!("{}-password", props.id)} value={(*password).clone()} {error}
                autofocus={!props.email.is_empty()} on_change={setter(&password)} />
            { submit(text::SIGN_IN, props.status.busy) }
        </form>
    }
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct RegisterFieldsProps {
    /// Label and hint of a field for a code that the server requires; empty for none.
    #[prop_or_default]
    pub code: (AttrValue, AttrValue),
    #[prop_or_default]
    pub status: FormStatus,
    pub on_submit: Callback<Registration>,
}

/// The form with `Name`, `Email`, `Password` and the button `Create account`.
#[component]
pub(crate) fn RegisterFields(props: &RegisterFieldsProps) -> Html {
    let name = use_state(String::new);
    let email = use_state(String::new);
    let password = use_state(String::new);
    let code = use_state(String::new);
    let checked = use_state_eq(|| None::<FormError>);
    let wants_code = !props.code.0.is_empty();
    let onsubmit = {
        let (on, name, email, password) = (props.on_submit.clone(), name.clone(), email.clone(), password.clone());
        let (own_error, code) = (checked.clone(), code.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let wrong = wrong(&[
                ("code", wants_code && is_blank(&code), text::PASTE_IT_HERE),
                ("email", !email.contains('@'), text::ENTER_YOUR_EMAIL_ADDRESS),
                ("password", is_short(&password), text::AT_LEAST_8_CHARACTERS),
            ]);
            if !refuse(&own_error, wrong) {
                on.emit(Registration {
                    name: name.trim().to_owned(),
                    email: email.trim().to_owned(),
                    password: (*password).clone(),
                    code: code.trim().to_owned(),
                });
            }
        })
    };
    let error = (*checked).clone().or_else(|| props.status.error.clone());
    html! {
        <form aria-label={text::CREATE_AN_ACCOUNT} {onsubmit} novalidate=true>
            { error_notice(error.as_ref()) }
            if wants_code {
                <Field id="register-code" label={props.code.0.clone()} field="code" value={(*code).clone()}
                    hint={props.code.1.clone()} error={error.clone()} on_change={setter(&code)} />
            }
            <Field id="register-name" label={text::NAME} field="name" autocomplete="name" value={(*name).clone()}
                error={error.clone()} on_change={setter(&name)} />
            <Field id="register-email" label={text::EMAIL} kind="email" field="email" autocomplete="username"
                value={(*email).clone()} error={error.clone()} on_change={setter(&email)} />
            <PasswordField id="register-password" new=true value={(*password).clone()} {error}
                on_change={setter(&password)} />
            { submit(text::CREATE_ACCOUNT, props.status.busy) }
        </form>
    }
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct NewPasswordFieldsProps {
    #[prop_or_default]
    pub status: FormStatus,
    pub on_submit: Callback<String>,
}

/// The form with `New password` and the button `Set password`.
#[component]
pub(crate) fn NewPasswordFields(props: &NewPasswordFieldsProps) -> Html {
    let password = use_state(String::new);
    let checked = use_state_eq(|| None::<FormError>);
    let onsubmit = {
        let (on, password, own_error) = (props.on_submit.clone(), password.clone(), checked.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let wrong = wrong(&[("password", is_short(&password), text::AT_LEAST_8_CHARACTERS)]);
            if !refuse(&own_error, wrong) {
                on.emit((*password).clone());
            }
        })
    };
    let error = (*checked).clone().or_else(|| props.status.error.clone());
    html! {
        <form aria-label={text::NEW_PASSWORD} {onsubmit} novalidate=true>
            { error_notice(error.as_ref()) }
            <PasswordField id="reset-password" label={text::NEW_PASSWORD} new=true value={(*password).clone()} {error}
                on_change={setter(&password)} />
            { submit(text::SET_PASSWORD, props.status.busy) }
        </form>
    }
}

/// The submit button. It stays in place while the request is under way, so that nothing moves.
fn submit(text: &'static str, busy: bool) -> Html {
    html! {
        <button type="submit" class="btn btn-primary btn-wide" disabled={busy}>
            if busy { <span class="spin" /> }
            { text }
        </button>
    }
}

/// The layout of pages without a workspace. The alternative is a link to another page.
pub(crate) fn auth_page(title: &'static str, text: &'static str, alternative: Html, content: Html) -> Html {
    html! {
        <main class="auth">
            <section class="auth-box" aria-labelledby="auth-title">
                { Icon::Mark.classed("i-mark") }
                <h1 id="auth-title">{ title }</h1>
                <p>{ text }</p>
                { content }
                <p class="alt">{ alternative }</p>
            </section>
            <p class="auth-foot">{ text::TANDEM_ON_YOUR_OWN_SERVER }</p>
        </main>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_field_is_marked_before_the_server_is_asked() {
        let error =
            wrong(&[("email", is_blank(" "), "No address"), ("password", is_short("abc"), "Too short")]).unwrap();
        assert_eq!(error.fields.len(), 2);
        let error =
            wrong(&[("email", is_blank("a@b.c"), "No address"), ("password", is_short(""), "Too short")]).unwrap();
        assert_eq!(error.fields, [("password".into(), "Too short".into())]);
        assert_eq!(wrong(&[("password", is_short("12345678"), "Too short")]), None);
    }
}
