//! Key presses as the components interpret them.
//!
//! **Invariant:** keys that belong to an input method are [`Key::Other`]. Enter, for example, accepts its candidate and
//! must not send the message.

use yew::prelude::*;

/// A key press without modifiers, other than Shift with Enter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Enter,
    /// Enter with Shift, which inserts a line break.
    BreakLine,
    Escape,
    Up,
    Down,
    Tab,
    /// Any other key, and every key of an input method.
    Other,
}

/// Interprets a key press.
pub(crate) fn key_of(event: &KeyboardEvent) -> Key {
    // Safari ends the composition before it sends the last `keydown`; its code 229 still marks it.
    let composing = event.is_composing() || event.key_code() == 229;
    let held = event.ctrl_key() || event.meta_key() || event.alt_key();
    meaning(&event.key(), composing, event.shift_key(), held)
}

/// `held`: whether Ctrl, Alt or Meta is pressed.
fn meaning(key: &str, composing: bool, shift: bool, held: bool) -> Key {
    if composing || held {
        return Key::Other;
    }
    match key {
        "Enter" if shift => Key::BreakLine,
        "Enter" => Key::Enter,
        "Escape" => Key::Escape,
        "ArrowUp" if !shift => Key::Up,
        "ArrowDown" if !shift => Key::Down,
        "Tab" if !shift => Key::Tab,
        _ => Key::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_method_keeps_its_keys() {
        assert_eq!(meaning("Enter", true, false, false), Key::Other);
        assert_eq!(meaning("Escape", true, false, false), Key::Other);
    }

    #[test]
    fn shift_makes_enter_a_line_break_and_ctrl_another_key() {
        assert_eq!(meaning("Enter", false, false, false), Key::Enter);
        assert_eq!(meaning("Enter", false, true, false), Key::BreakLine);
        assert_eq!(meaning("Enter", false, false, true), Key::Other);
    }

    #[test]
    fn selecting_with_shift_is_not_an_arrow() {
        assert_eq!(meaning("ArrowUp", false, false, false), Key::Up);
        assert_eq!(meaning("ArrowUp", false, true, false), Key::Other);
    }
}
