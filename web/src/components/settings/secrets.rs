//! A list of what other programs use with a secret (personal tokens, calendar feeds), and the button that creates one.

use crate::components::{callbacks::press, icon::Icon};
use yew::prelude::*;

/// One of them, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SecretRow {
    pub id: String,
    pub name: String,
    /// What kind it is.
    pub tag: &'static str,
    pub note: String,
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct SecretListProps {
    /// The name of the list.
    pub label: AttrValue,
    pub icon: Icon,
    pub rows: Vec<SecretRow>,
    /// What the button of a row says.
    pub remove: AttrValue,
    pub on_remove: Callback<SecretRow>,
    /// What the button that creates one says.
    pub new: AttrValue,
    pub on_new: Callback<()>,
}

#[component]
pub(crate) fn SecretList(props: &SecretListProps) -> Html {
    html! {
        <>
            if !props.rows.is_empty() {
                <ul class="panel rowlist" aria-label={props.label.clone()}>{ for props.rows.iter().map(|row| line(props, row)) }</ul>
            }
            <p class="acts">
                <button type="button" class="btn" onclick={press(&props.on_new)}>{ Icon::Plus.html() }{ props.new.clone() }</button>
            </p>
        </>
    }
}

fn line(props: &SecretListProps, row: &SecretRow) -> Html {
    let removed = row.clone();
    html! {
        <li key={row.id.clone()}>
            { props.icon.large() }
            <div class="t">
                <b>{ row.name.clone() }</b><i class="tag tag-plain">{ row.tag }</i>
                <span class="num">{ row.note.clone() }</span>
            </div>
            <button type="button" class="btn btn-s" onclick={press(&props.on_remove.reform(move |()| removed.clone()))}>
                { props.remove.clone() }
            </button>
        </li>
    }
}
