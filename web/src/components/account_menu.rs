//! The account menu, which the button with the person's initial opens.

use crate::components::{
    brand::avatar,
    icon::Icon,
    menu::{Menu, MenuItem},
};
use crate::text::workspace as text;
use yew::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AccountAction {
    Settings,
    SwitchTheme,
    Shortcuts,
    /// Signs out on this device only.
    SignOut,
}

/// The button `Account` and its menu. `dark`: whether the page is dark, which decides what the theme item says.
pub(crate) fn account_menu(name: &AttrValue, email: &AttrValue, dark: bool, on: &Callback<AccountAction>) -> Html {
    let (theme, theme_icon) =
        if dark { (text::SWITCH_TO_LIGHT, Icon::Sun) } else { (text::SWITCH_TO_DARK, Icon::Moon) };
    let item =
        |icon: Icon, text: &'static str, action: AccountAction| MenuItem::new(icon, text, on.reform(move |()| action));
    let items = vec![
        item(Icon::Settings, text::SETTINGS, AccountAction::Settings),
        item(theme_icon, theme, AccountAction::SwitchTheme),
        item(Icon::Info, text::KEYBOARD_SHORTCUTS, AccountAction::Shortcuts),
        item(Icon::Out, text::SIGN_OUT, AccountAction::SignOut),
    ];
    let head = html! { <li class="menu-who"><b>{ name.clone() }</b>{ email.clone() }</li> };
    html! { <Menu label={text::ACCOUNT} button={avatar(name)} {head} {items} /> }
}
