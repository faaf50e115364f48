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

/// What the list shows. It is no component: the two lists have nothing to remember.
pub(crate) struct SecretList {
    /// The name of the list.
    pub label: &'static str,
    pub icon: Icon,
    pub rows: Vec<SecretRow>,
    /// What the button of a row says.
    pub remove: &'static str,
    pub on_remove: Callback<SecretRow>,
    /// What the button that creates one says.
    pub new: &'static str,
    pub on_new: Callback<()>,
}

pub(crate) fn secret_list(list: &SecretList) -> Html {
    html! {
        <>
            if !list.rows.is_empty() {
                <ul class="panel rowlist" aria-label={list.label}>{ for list.rows.iter().map(|row| line(list, row)) }</ul>
            }
            <p class="acts">
                <button type="button" class="btn" onclick={press(&list.on_new)}>{ Icon::Plus.html() }{ list.new }</button>
            </p>
        </>
    }
}

fn line(list: &SecretList, row: &SecretRow) -> Html {
    let removed = row.clone();
    html! {
        <li key={row.id.clone()}>
            { list.icon.large() }
            <div class="t">
                <b>{ row.name.clone() }</b><i class="tag tag-plain">{ row.tag }</i>
                <span class="num">{ row.note.clone() }</span>
            </div>
            <button type="button" class="btn btn-s" onclick={press(&list.on_remove.reform(move |()| removed.clone()))}>
                { list.remove }
            </button>
        </li>
    }
}
