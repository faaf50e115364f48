//! The logo, and the avatar of the person.

use crate::text::workspace as text;
use crate::{components::icon::Icon, platform::case::upper};
use yew::prelude::*;

/// The logo with the product's name, at the top of the sidebar.
pub(crate) fn brand() -> Html {
    html! { <div class="brand hide-narrow">{ Icon::Mark.html() }<span>{ text::TANDEM }</span></div> }
}

/// The initial of the person in a circle. Hidden from screen readers, because the control around it has a name.
pub(crate) fn avatar(name: &str) -> Html {
    html! { <span class="avatar" aria-hidden="true">{ initial(name) }</span> }
}

/// The first letter or digit of a name in upper case, or `?`.
fn initial(name: &str) -> String {
    name.chars().find(|c| c.is_alphanumeric()).map_or_else(|| "?".to_owned(), |c| upper(c.encode_utf8(&mut [0; 4])))
}

#[cfg(test)]
mod tests {
    use super::initial;

    #[test]
    fn the_face_of_a_person_is_their_first_letter() {
        assert_eq!(initial("ann@example.org"), "A");
        assert_eq!(initial(" (Élodie)"), "É");
        assert_eq!(initial(""), "?");
    }
}
