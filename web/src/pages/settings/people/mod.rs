//! The page for owners of the server: its accounts, who is invited, and the record of what was done with them.
//!
//! **Invariant:** it shows nothing of what people write, because the server sends nothing of it.

mod accounts;
mod facts;
mod invitations;
mod list;
mod record;

use crate::text::{people as text, workspace};
use crate::{
    components::{
        callbacks::press,
        dialog::Dialog,
        form::{Field, FormError, FormStatus, error_notice},
        header::page_head,
        icon::Icon,
        markdown::CodeBlock,
    },
    hooks::{use_engine, use_title, use_user},
    live::Engine,
    pages::NotFoundPage,
    state::route::Route,
};
use tandem_protocol::enums::UserRole;
use yew::prelude::*;

/// The page at `/settings/people`.
#[component]
pub(crate) fn PeoplePage() -> Html {
    let is_owner = use_user().role == UserRole::Owner;
    // The effects of the page within come first: its title would be replaced.
    use_title(if is_owner { text::PEOPLE } else { workspace::PAGE_NOT_FOUND });
    if !is_owner {
        return html! { <NotFoundPage /> };
    }
    let back = html! { <a class="back" href={Route::Settings.to_string()}>{ Icon::Left.html() }{ text::SETTINGS }</a> };
    html! {
        <div class="page">
            { page_head(back, Html::default()) }
            <main class="settings">
                <h1>{ text::PEOPLE }</h1>
                <invitations::Invitations />
                <accounts::Accounts />
                <record::Record />
            </main>
        </div>
    }
}

/// A link that is shown once, to be passed on.
fn link_dialog(engine: &Engine, label: AttrValue, url: AttrValue, on_close: &Callback<()>) -> Html {
    let engine = engine.clone();
    let on_copy = Callback::from(move |text| engine.copy(text));
    html! {
        <Dialog {label} class="dialog dialog-wide" on_close={on_close.clone()}>
            <p>{ text::PASS_THIS_LINK_ON_COPY }</p>
            <CodeBlock language="" title={text::LINK} text={url} {on_copy} />
            <div class="acts">
                <button type="button" class="btn btn-primary" onclick={press(on_close)}>{ text::DONE }</button>
            </div>
        </Dialog>
    }
}

/// What was typed, and the way to refuse it. While it is not refused, the form waits.
struct Asked {
    typed: Vec<String>,
    status: UseStateHandle<FormStatus>,
}

impl Asked {
    fn refuse(&self, why: FormError) {
        self.status.set(FormStatus::ended(Some(why)));
    }
}

/// A whole number that was typed into a field.
fn whole(field: &'static str, typed: &str, least: u32, most: u32) -> Result<u32, FormError> {
    let number = typed.trim().parse().ok().filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| FormError {
        title: text::NOT_A_NUMBER_THAT_WORKS.into(),
        text: AttrValue::default(),
        fields: vec![(field.into(), text::whole_number(least, most).into())],
    })
}

#[derive(Clone, PartialEq, Properties)]
struct AskDialogProps {
    label: AttrValue,
    text: AttrValue,
    /// What is asked for: a label, the name of the field in errors, and what stands in it at first.
    #[prop_or_default]
    fields: Vec<(&'static str, &'static str, String)>,
    /// The text of the button that goes on.
    go: AttrValue,
    on_go: Callback<Asked>,
    on_close: Callback<()>,
    /// What came of it: a link that is shown once, in the same dialog. Closing one and opening another at once would close
    /// both, because each is a step in the history.
    #[prop_or_default]
    link: AttrValue,
}

/// Asks for a few words or numbers, or for a confirmation.
#[component]
fn AskDialog(props: &AskDialogProps) -> Html {
    let engine = use_engine();
    let texts = use_state(|| props.fields.iter().map(|(_, _, text)| text.clone()).collect::<Vec<_>>());
    let status = use_state_eq(FormStatus::default);
    let onsubmit = {
        let (on, texts, status) = (props.on_go.clone(), texts.clone(), status.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if !status.busy {
                status.set(FormStatus::busy());
                on.emit(Asked { typed: (*texts).clone(), status: status.clone() });
            }
        })
    };
    let fields = props.fields.iter().enumerate().map(|(index, (label, name, _))| {
        let changing = texts.clone();
        let on_change = Callback::from(move |text| {
            let mut next = (*changing).clone();
            next[index] = text;
            changing.set(next);
        });
        let (id, value) = (format!("ask-{index}"), texts[index].clone());
        html! { <Field {id} label={*label} field={*name} {value} error={status.error.clone()} {on_change} /> }
    });
    if !props.link.is_empty() {
        return link_dialog(&engine, text::THE_INVITATION.into(), props.link.clone(), &props.on_close);
    }
    let class = if props.fields.is_empty() { "btn btn-danger" } else { "btn btn-primary" };
    html! {
        <Dialog label={props.label.clone()} on_close={props.on_close.clone()}>
            <p>{ props.text.clone() }</p>
            <form {onsubmit} novalidate=true>
                { error_notice(status.error.as_ref()) }
                { for fields }
                <div class="acts">
                    <button type="button" class="btn" onclick={press(&props.on_close)}>{ text::CANCEL }</button>
                    <button type="submit" {class}>{ props.go.clone() }</button>
                </div>
            </form>
        </Dialog>
    }
}
