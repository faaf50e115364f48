//! The logo, the page that has nothing else, and the avatar of the person.

use crate::text::workspace as text;
use crate::{components::icon::Icon, platform::case::upper};
use yew::prelude::*;

/// The logo with the product's name, at the top of the sidebar.
pub(crate) fn brand() -> Html {
    html! { <div class="brand hide-narrow">{ Icon::Mark.html() }<span>{ text::TANDEM }</span></div> }
}

/// The page until it is known which to show. The document has the same until the program runs, so that nothing changes then.
pub(crate) fn splash() -> Html {
    html! {
        <main class="splash" aria-busy="true">{ Icon::Mark.html() }<p>{ text::CHAT_AND_TASKS_ON_YOUR_OWN }</p></main>
    }
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
    use super::{initial, text};

    #[test]
    fn the_document_says_what_the_program_will() {
        let splash = include_str!("../../index.html").split_once("class=\"splash\"").unwrap().1;
        assert!(splash.contains(&format!("<p>{}</p></main>", text::CHAT_AND_TASKS_ON_YOUR_OWN)), "{splash}");
    }

    #[test]
    fn the_face_of_a_person_is_their_first_letter() {
        assert_eq!(initial("ann@example.org"), "A");
        assert_eq!(initial(" (Élodie)"), "É");
        assert_eq!(initial(""), "?");
    }
}
