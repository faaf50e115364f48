//! Fields of forms, and what is said when they are refused; the forms of signing in and registering.

use crate::components::{
    button::IconButton,
    callbacks::{setter, toggle},
    callout::Callout,
    icon::{Icon, SvgIcon},
};
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// Why a form was refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FormError {
    /// What is wrong: `Email and password do not match`.
    pub title: AttrValue,
    pub text: AttrValue,
    /// The wrong fields by name (`email`, `password`, `name`, …), each with what is wrong with it.
    pub fields: Vec<(AttrValue, AttrValue)>,
}

impl FormError {
    /// What is wrong with this field.
    fn of(&self, field: &str) -> Option<&AttrValue> {
        self.fields.iter().find(|(name, _)| name.as_str() == field).map(|(_, text)| text)
    }
}

/// What a form that waits for the server shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FormStatus {
    /// Whether the request is under way: the form cannot be sent again until it ends.
    pub busy: bool,
    /// Why the last request was refused.
    pub error: Option<FormError>,
}

impl FormStatus {
    /// The status from sending the form to the answer of the server.
    pub(crate) fn busy() -> Self {
        Self { busy: true, error: None }
    }

    /// The status after the server refused the form, or after success when there is no error.
    pub(crate) fn ended(error: Option<FormError>) -> Self {
        Self { busy: false, error }
    }
}

/// What somebody signs in with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Credentials {
    /// What was typed, without white space around it.
    pub email: String,
    pub password: String,
}

/// What somebody registers with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Registration {
    /// As typed, trimmed; may be empty.
    pub name: String,
    /// What was typed, without white space around it.
    pub email: String,
    pub password: String,
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct ErrorNoticeProps {
    /// Why the form was refused, if it was.
    pub error: Option<FormError>,
}

/// What is wrong with a form, role `alert`.
#[component]
pub(crate) fn ErrorNotice(props: &ErrorNoticeProps) -> Html {
    props.error.as_ref().map_or_else(Html::default, |error| {
        html! {
            <Callout icon={Icon::Alert} alert=true title={error.title.clone()} text={error.text.clone()} />
        }
    })
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct FieldProps {
    /// The id of the field, unique on the page.
    pub id: AttrValue,
    /// The accessible name, shown above it.
    pub label: AttrValue,
    /// The text in it.
    pub value: AttrValue,
    /// The name under which the server refuses it.
    pub field: AttrValue,
    /// `type` of the input.
    #[prop_or(AttrValue::Static("text"))]
    pub kind: AttrValue,
    /// What the browser may fill in.
    #[prop_or(AttrValue::Static("off"))]
    pub autocomplete: AttrValue,
    /// What helps to fill it in.
    #[prop_or_default]
    pub hint: Option<AttrValue>,
    /// Why the form was refused.
    #[prop_or_default]
    pub error: Option<FormError>,
    /// Told the text at each change.
    pub on_change: Callback<String>,
    /// What stands inside the field's right edge.
    #[prop_or_default]
    pub children: Children,
}

/// A field with its label, a hint, and what is wrong with it.
#[component]
pub(crate) fn Field(props: &FieldProps) -> Html {
    let wrong = props.error.as_ref().and_then(|error| error.of(&props.field)).cloned();
    let oninput = props.on_change.reform(|event: InputEvent| event.target_unchecked_into::<HtmlInputElement>().value());
    let described = match (&wrong, &props.hint) {
        (Some(_), _) => Some(format!("{}-error", props.id)),
        (None, Some(_)) => Some(format!("{}-hint", props.id)),
        (None, None) => None,
    };
    let input = html! {
        <input class="input" id={props.id.clone()} type={props.kind.clone()} value={props.value.clone()}
            autocomplete={props.autocomplete.clone()} aria-invalid={wrong.as_ref().map(|_| "true")}
            aria-describedby={described} {oninput} />
    };
    html! {
        <div class="field">
            <label for={props.id.clone()}>{ props.label.clone() }</label>
            if props.children.is_empty() { { input } } else {
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
    /// The id of the field, unique on the page.
    pub id: AttrValue,
    #[prop_or(AttrValue::Static("Password"))]
    pub label: AttrValue,
    /// The text in it.
    pub value: AttrValue,
    /// The name under which the server refuses it.
    #[prop_or(AttrValue::Static("password"))]
    pub field: AttrValue,
    /// Whether a new one is chosen.
    #[prop_or_default]
    pub new: bool,
    /// Why the form was refused.
    #[prop_or_default]
    pub error: Option<FormError>,
    /// Told the text at each change.
    pub on_change: Callback<String>,
}

/// A password, which a press on the eye shows.
#[component]
pub(crate) fn PasswordField(props: &PasswordFieldProps) -> Html {
    let shown = use_state(|| false);
    html! {
        <Field id={props.id.clone()} label={props.label.clone()} value={props.value.clone()} field={props.field.clone()}
            kind={if *shown { "text" } else { "password" }}
            autocomplete={if props.new { "new-password" } else { "current-password" }}
            hint={props.new.then_some(AttrValue::Static("At least 8 characters. A sentence is easy to keep."))}
            error={props.error.clone()} on_change={props.on_change.clone()}>
            <IconButton icon={Icon::Eye} label={if *shown { "Hide password" } else { "Show password" }} onclick={toggle(&shown)} />
        </Field>
    }
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct SignInFieldsProps {
    /// The accessible name of the form.
    pub label: AttrValue,
    /// What the ids of its fields begin with.
    pub id: AttrValue,
    /// The address to begin with.
    #[prop_or_default]
    pub email: AttrValue,
    #[prop_or_default]
    pub status: FormStatus,
    /// Told what was filled in.
    pub on_submit: Callback<Credentials>,
}

/// The form with `Email`, `Password` and the button `Sign in`.
#[component]
pub(crate) fn SignInFields(props: &SignInFieldsProps) -> Html {
    let email = use_state(|| props.email.to_string());
    let password = use_state(String::new);
    let onsubmit = {
        let (on, email, password) = (props.on_submit.clone(), email.clone(), password.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            on.emit(Credentials { email: email.trim().to_owned(), password: (*password).clone() });
        })
    };
    html! {
        <form aria-label={props.label.clone()} {onsubmit} novalidate=true>
            <ErrorNotice error={props.status.error.clone()} />
            <Field id={format!("{}-email", props.id)} label="Email" kind="email" field="email" autocomplete="username"
                value={(*email).clone()} error={props.status.error.clone()} on_change={setter(&email)} />
            <PasswordField id={format!("{}-password", props.id)} value={(*password).clone()} error={props.status.error.clone()}
                on_change={setter(&password)} />
            <Submit text="Sign in" busy={props.status.busy} />
        </form>
    }
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct RegisterFieldsProps {
    #[prop_or_default]
    pub status: FormStatus,
    /// Told what was filled in.
    pub on_submit: Callback<Registration>,
}

/// The form with `Name`, `Email`, `Password` and the button `Create account`.
#[component]
pub(crate) fn RegisterFields(props: &RegisterFieldsProps) -> Html {
    let name = use_state(String::new);
    let email = use_state(String::new);
    let password = use_state(String::new);
    let onsubmit = {
        let (on, name, email, password) = (props.on_submit.clone(), name.clone(), email.clone(), password.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            on.emit(Registration {
                name: name.trim().to_owned(),
                email: email.trim().to_owned(),
                password: (*password).clone(),
            });
        })
    };
    html! {
        <form aria-label="Create an account" {onsubmit} novalidate=true>
            <ErrorNotice error={props.status.error.clone()} />
            <Field id="register-name" label="Name" field="name" autocomplete="name" value={(*name).clone()}
                error={props.status.error.clone()} on_change={setter(&name)} />
            <Field id="register-email" label="Email" kind="email" field="email" autocomplete="username"
                value={(*email).clone()} error={props.status.error.clone()} on_change={setter(&email)} />
            <PasswordField id="register-password" new=true value={(*password).clone()} error={props.status.error.clone()}
                on_change={setter(&password)} />
            <Submit text="Create account" busy={props.status.busy} />
        </form>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct SubmitProps {
    text: AttrValue,
    busy: bool,
}

/// The one filled button of a form. It stays in place and in reach while the server answers.
#[component]
fn Submit(props: &SubmitProps) -> Html {
    html! {
        <button type="submit" class="btn btn-primary btn-wide" disabled={props.busy}>
            if props.busy { <span class="spin" /> }
            { props.text.clone() }
        </button>
    }
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct AuthPageProps {
    /// The heading: `Sign in`, `Create an account`.
    pub title: AttrValue,
    /// The line below it.
    pub text: AttrValue,
    #[prop_or_default]
    pub children: Children,
    /// The way to the other form.
    pub alternative: Html,
}

/// The page around a form for those who are not signed in.
#[component]
pub(crate) fn AuthPage(props: &AuthPageProps) -> Html {
    html! {
        <main class="auth">
            <section class="auth-box" aria-labelledby="auth-title">
                <SvgIcon icon={Icon::Mark} class="i-mark" />
                <h1 id="auth-title">{ props.title.clone() }</h1>
                <p>{ props.text.clone() }</p>
                { props.children.clone() }
                <p class="alt">{ props.alternative.clone() }</p>
            </section>
            <p class="auth-foot">{ "Tandem, on your own server" }</p>
        </main>
    }
}
