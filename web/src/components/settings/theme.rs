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

/// Group `Theme` with the radios `System`, `Light` and `Dark`.
pub(crate) fn theme_choice(chosen: Theme, on_choose: &Callback<Theme>) -> Html {
    html! {
        <fieldset aria-label={text::THEME}><div class="seg">
            { for Theme::ALL.into_iter().map(|theme| {
                let (icon, name) = label(theme);
                let onchange = on_choose.reform(move |_: Event| theme);
                html! {
                    <label>
                        { icon.html() }{ name }
                        <input type="radio" name="theme" value={theme.as_str()} checked={chosen == theme} {onchange} />
                    </label>
                }
            }) }
        </div></fieldset>
    }
}
