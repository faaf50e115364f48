//! Misspelt verbs of commands: "delte the milk", "remidn me to call Ann"; and the letters of weekdays, "gym mwf".
//!
//! A verb is corrected only where a command begins, and only by one letter: a wrong one, a missing one, one too many, or two
//! that changed places. Words that are verbs of their own stay ("charge the phone").

use strsim::osa_distance;

use crate::dates::lexicon::weekday;
use crate::grammar::{is_command, is_task_verb};
use crate::text::{Kind, Text, Token, listed};

/// Verbs that are corrected to, none of them shorter than five letters.
const VERBS: &str = "create delete remind remove cancel erase clear complete finish reopen rename change update reschedule postpone \
     snooze prioritize";
/// Words that are near a verb and mean something else.
const OTHERS: &str = "cancer remote remade crease ceased snoozy chance chances remand delegate resume finnish updates cleat clean cleat erased unpaid";
/// Words after which a command may begin.
const BEFORE: &str = "and then , . ; ! ? please pls can could would you will just also to i want";

/// Corrects the verbs of commands in a message.
pub(super) fn corrected(text: Text) -> Text {
    let mut text = in_full(without_hesitation(text));
    part_dates(&mut text);
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
        // "would you mind cancelling …".
        if at > 0
            && text.tokens[at - 1].is("mind")
            && let Some(verb) = of_gerund(&token.word)
        {
            text.tokens[at].word = verb;
            continue;
        }
        if let Some(noun) = noun(&token.word) {
            noun.clone_into(&mut text.tokens[at].word);
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

/// Weekdays by their letters, as timetables have them, and in full.
const LETTERS: &[(&str, &str)] = &[
    ("mwf", "Monday, Wednesday and Friday"),
    ("m/w/f", "Monday, Wednesday and Friday"),
    ("tth", "Tuesday and Thursday"),
    ("tuth", "Tuesday and Thursday"),
    ("t/th", "Tuesday and Thursday"),
    ("tu/th", "Tuesday and Thursday"),
];

/// Without "um" and "uh", which people dictate anywhere.
fn without_hesitation(text: Text) -> Text {
    let hesitates = |token: &Token| {
        token.kind == Kind::Word && !token.glued && token.is_any(&["um", "uh", "uhm", "erm", "umm", "uhh"])
    };
    if !text.tokens.iter().skip(1).any(hesitates) {
        return text;
    }
    let mut said = String::new();
    for (at, token) in text.tokens.iter().enumerate().filter(|(at, token)| *at == 0 || !hesitates(token)) {
        if !token.glued {
            said.push(' ');
        }
        said.push_str(text.slice(at, at + 1));
    }
    Text::new(&said)
}

/// "gym mwf 7am", "mwf at 7": the days in full. Before another word the letters are a name.
fn in_full(text: Text) -> Text {
    let after = |at: usize| {
        text.tokens.get(at).is_none_or(|next| {
            next.kind == Kind::Number || listed("at from until till for , . and starting ! noon in", &next.word)
        })
    };
    let letters = |at: usize| {
        let (end, days) = LETTERS.iter().find_map(|(letters, days)| {
            let end = at + 2 * letters.matches('/').count() + 1;
            (end <= text.len() && text.slice(at, end).eq_ignore_ascii_case(letters)).then_some((end, days))
        })?;
        (after(end) && (at == 0 || !text.tokens[at].glued)).then_some((at, end, days))
    };
    let Some((at, end, days)) = (0..text.len()).find_map(letters) else { return text };
    let led = at > 0 && text.tokens[at - 1].is_any(&["on", "every", "each"]);
    let before = text.slice(0, at - usize::from(led));
    Text::new(&format!("{before} every {days} {}", text.slice(end, text.len())))
}

/// Puts the space back that is missing before a day: "the reminder forsaturday".
fn part_dates(text: &mut Text) {
    const BEFORE: [&str; 4] = ["for", "on", "by", "until"];
    let length = |word: &str| {
        let day = |rest: &str| matches!(rest, "tomorrow" | "today") || weekday(rest).is_some_and(|(_, short)| !short);
        BEFORE.iter().find(|before| word.strip_prefix(**before).is_some_and(day)).map(|before| before.len())
    };
    let mut at = 0;
    while at < text.tokens.len() {
        if let Some(length) = length(&text.tokens[at].word) {
            let mut day = text.tokens[at].clone();
            let first = &mut text.tokens[at];
            day.word = first.word.split_off(length);
            (day.start, first.end) = (first.start + length, first.start + length);
            text.tokens.insert(at + 1, day);
        }
        at += 1;
    }
}

/// The verb of "cancelling".
fn of_gerund(word: &str) -> Option<String> {
    let stem = word.strip_suffix("ing").filter(|stem| stem.len() > 2 && stem.is_ascii())?;
    let doubled = stem.as_bytes()[stem.len() - 1] == stem.as_bytes()[stem.len() - 2];
    let single = &stem[..stem.len() - usize::from(doubled)];
    [stem.to_owned(), format!("{stem}e"), single.to_owned()].into_iter().find(|verb| is_command(verb))
}

/// "remindr", "remiders": the noun that is said most.
fn noun(word: &str) -> Option<&'static str> {
    let near = |noun: &str| {
        let other = matches!(word, "reminded" | "remained" | "rejoinder" | "remainder" | "remainders");
        word.starts_with("rem") && word.is_ascii() && word != noun && !other && osa_distance(noun, word) == 1
    };
    ["reminders", "reminder"]
        .into_iter()
        .find(|noun| word.len() > 6 && word.len() < 11 && word != "reminder" && word != "reminders" && near(noun))
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
    use super::{corrected, verb};
    use crate::text::Text;

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
    fn a_missing_space_and_a_gerund_are_put_right() {
        let words = |text: &str| {
            let text = corrected(Text::new(text));
            text.tokens.into_iter().map(|token| token.word).collect::<Vec<_>>().join(" ")
        };
        for (text, want) in [
            ("the remindr forsaturday", "the reminder for saturday"),
            ("would you mind removing the milk", "would you mind remove the milk"),
            ("would you mind cancelling it", "would you mind cancel it"),
            ("forty reminders", "forty reminders"),
            ("I was reminded of it", "i was reminded of it"),
        ] {
            assert_eq!(words(text), want);
        }
    }

    #[test]
    fn other_words_stay() {
        for word in ["charge", "cancer", "created", "deletes", "milk", "clean", "remote", "mind", "close"] {
            assert_eq!(verb(word), None, "{word}");
        }
    }
}
