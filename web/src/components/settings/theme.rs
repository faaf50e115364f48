//! Light, dark, or as the system has it.

use crate::components::icon::{Icon, SvgIcon};
use yew::prelude::*;

/// Which colours the client uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the system has it.
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    /// Every choice, in the order shown.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// The value of `data-theme` on the page's root and of a stored setting.
    pub fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The choice of this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.word() == word)
    }

    fn look(self) -> (Icon, &'static str) {
        match self {
            Self::System => (Icon::Screen, "System"),
            Self::Light => (Icon::Sun, "Light"),
            Self::Dark => (Icon::Moon, "Dark"),
        }
    }
}

#[derive(Clone, PartialEq, Properties)]
pub struct ThemeChoiceProps {
    /// What is chosen now.
    pub theme: Theme,
    pub on_choose: Callback<Theme>,
}

/// Group `Theme` with the radios `System`, `Light` and `Dark`.
#[component]
pub fn ThemeChoice(props: &ThemeChoiceProps) -> Html {
    html! {
        <fieldset aria-label="Theme"><div class="seg">
            { for Theme::ALL.into_iter().map(|theme| {
                let (icon, name) = theme.look();
                let onchange = props.on_choose.reform(move |_: Event| theme);
                html! {
                    <label>
                        <SvgIcon {icon} />{ name }
                        <input type="radio" name="theme" value={theme.word()} checked={props.theme == theme} {onchange} />
                    </label>
                }
            }) }
        </div></fieldset>
    }
}
