//! The choice of light or dark colours.

use crate::text::settings as text;
use crate::{components::icon::Icon, platform::theme::Theme};
use yew::prelude::*;

fn label(theme: Theme) -> (Icon, &'static str) {
    match theme {
        Theme::System => (Icon::Screen, text::SYSTEM),
        Theme::Light => (Icon::Sun, text::LIGHT),
        Theme::Dark => (Icon::Moon, text::DARK),
    }
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct ThemeChoiceProps {
    pub theme: Theme,
    pub on_choose: Callback<Theme>,
}

/// Group `Theme` with the radios `System`, `Light` and `Dark`.
#[component]
pub(crate) fn ThemeChoice(props: &ThemeChoiceProps) -> Html {
    html! {
        <fieldset aria-label={text::THEME}><div class="seg">
            { for Theme::ALL.into_iter().map(|theme| {
                let (icon, name) = label(theme);
                let onchange = props.on_choose.reform(move |_: Event| theme);
                html! {
                    <label>
                        { icon.html() }{ name }
                        <input type="radio" name="theme" value={theme.as_str()} checked={props.theme == theme} {onchange} />
                    </label>
                }
            }) }
        </div></fieldset>
    }
}
