//! Misspelt verbs of commands: "delte the milk", "remidn me to call Ann".
//!
//! A verb is corrected only where a command begins, and only by one letter: a wrong one, a missing one, one too many, or two
//! that changed places. Words that are verbs of their own stay ("charge the phone").

use strsim::osa_distance;

use crate::grammar::{is_command, is_task_verb};
use crate::text::{Kind, Text, listed};

/// Verbs that are corrected to, none of them shorter than five letters.
const VERBS: &str = "create delete remind remove cancel erase clear complete finish reopen rename change update reschedule postpone \
     snooze prioritize";
/// Words that are near a verb and mean something else.
const OTHERS: &str = "cancer remote remade crease ceased snoozy chance chances remand delegate resume finnish updates cleat clean cleat erased unpaid";
/// Words after which a command may begin.
const BEFORE: &str = "and then , . ; ! ? please pls can could would you will just also to i want";

/// Corrects the verbs of commands in a message.
pub(super) fn corrected(mut text: Text) -> Text {
    for at in 0..text.tokens.len() {
        let begins = at == 0 || listed(BEFORE, &text.tokens[at - 1].word);
        let token = &text.tokens[at];
        // "remind me too call Ann".
        let to = at > 1 && text.tokens[at - 1].is("me") && text.tokens[at - 2].is("remind");
        let verb_follows = text.tokens.get(at + 1).is_some_and(|next| is_task_verb(&next.word));
        if (to && token.is_any(&["too", "2"]) && verb_follows) || (at == 0 && token.is("ad") && text.len() > 1) {
            let right = if to { "to" } else { "add" };
            right.clone_into(&mut text.tokens[at].word);
            continue;
        }
        if begins
            && token.kind == Kind::Word
            && let Some(verb) = verb(&token.word)
        {
            verb.clone_into(&mut text.tokens[at].word);
        }
    }
    text
}

/// The verb that a word is a misspelling of.
fn verb(word: &str) -> Option<&'static str> {
    let known = is_command(word) || is_task_verb(word) || listed(OTHERS, word) || listed(VERBS, word);
    if known || word.len() < 4 || !word.is_ascii() {
        return None;
    }
    let mut near = VERBS.split_ascii_whitespace().filter(|verb| {
        let inflected = word.strip_prefix(verb).is_some_and(|end| matches!(end, "s" | "d" | "r" | "ed" | "er"));
        verb.as_bytes().first() == word.as_bytes().first()
            && !inflected
            && verb.len().abs_diff(word.len()) <= 1
            && osa_distance(verb, word) == 1
    });
    let verb = near.next()?;
    near.next().is_none().then_some(verb)
}

#[cfg(test)]
mod tests {
    use super::verb;

    #[test]
    fn one_letter_is_forgiven() {
        for (word, want) in [
            ("delte", "delete"),
            ("remidn", "remind"),
            ("complte", "complete"),
            ("cancle", "cancel"),
            ("remvoe", "remove"),
        ] {
            assert_eq!(verb(word), Some(want), "{word}");
        }
    }

    #[test]
    fn other_words_stay() {
        for word in ["charge", "cancer", "created", "deletes", "milk", "clean", "remote", "mind", "close"] {
            assert_eq!(verb(word), None, "{word}");
        }
    }
}
