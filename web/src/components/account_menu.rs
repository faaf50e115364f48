//! The account menu, which the button with the person's initial opens.

use crate::{
    components::{
        brand::Avatar,
        button::truth,
        callbacks::{press, toggle},
        icon::{Icon, SvgIcon},
        keys::{Key, key_of},
    },
    platform::window::focus_element,
};
use wasm_bindgen::JsCast;
use web_sys::{Element, Node};
use yew::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AccountAction {
    Settings,
    SwitchTheme,
    Shortcuts,
    /// Signs out on this device only.
    SignOut,
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct AccountMenuProps {
    /// The name of the person, or their address when they have none.
    pub name: AttrValue,
    pub email: AttrValue,
    /// Whether the page is dark, which decides what the theme item says.
    pub dark: bool,
    pub on: Callback<AccountAction>,
}

/// The button `Account` and its menu. Esc, a click elsewhere and moving the focus out close the menu; Esc returns the
/// focus to the button.
#[component]
pub(crate) fn AccountMenu(props: &AccountMenuProps) -> Html {
    let open = use_state(|| false);
    let button = use_node_ref();
    let onkeydown = {
        let (open, button) = (open.clone(), button.clone());
        Callback::from(move |event: KeyboardEvent| {
            // The menu has closed, so the focus would be lost without a new place.
            if *open && key_of(&event) == Key::Escape {
                event.stop_propagation();
                open.set(false);
                if let Some(button) = button.cast::<Element>() {
                    focus_element(&button);
                }
            }
        })
    };
    let onfocusout = {
        let open = open.clone();
        Callback::from(move |event: FocusEvent| {
            if !stays_inside(&event) {
                open.set(false);
            }
        })
    };
    let choose = |action: AccountAction| {
        let (on, open) = (props.on.clone(), open.clone());
        press(&Callback::from(move |()| {
            open.set(false);
            on.emit(action);
        }))
    };
    let (theme, theme_icon) = if props.dark { ("Switch to light", Icon::Sun) } else { ("Switch to dark", Icon::Moon) };
    let item = |icon: Icon, text: &'static str, action: AccountAction| {
        html! {
            <li><button type="button" class="menu-item" onclick={choose(action)}><SvgIcon {icon} />{ text }</button></li>
        }
    };
    html! {
        <div class="account" {onkeydown} {onfocusout}>
            <button ref={button} type="button" class="icon-btn" aria-label="Account" title="Account"
                aria-expanded={truth(*open)} aria-controls="account-menu" onclick={press(&toggle(&open))}>
                <Avatar name={props.name.clone()} />
            </button>
            if *open {
                <menu id="account-menu" class="menu" aria-label="Account">
                    <li class="menu-who"><b>{ props.name.clone() }</b>{ props.email.clone() }</li>
                    { item(Icon::Settings, "Settings", AccountAction::Settings) }
                    { item(theme_icon, theme, AccountAction::SwitchTheme) }
                    { item(Icon::Info, "Keyboard shortcuts", AccountAction::Shortcuts) }
                    { item(Icon::Out, "Sign out", AccountAction::SignOut) }
                </menu>
            }
        </div>
    }
}

/// Whether the focus moves to an element inside the listening one. Clicking something that cannot have the focus moves
/// it out.
fn stays_inside(event: &FocusEvent) -> bool {
    let inside = event.current_target().and_then(|target| target.dyn_into::<Node>().ok());
    let next = event.related_target().and_then(|target| target.dyn_into::<Node>().ok());
    match (inside, next) {
        (Some(inside), Some(next)) => inside.contains(Some(&next)),
        _ => false,
    }
}
