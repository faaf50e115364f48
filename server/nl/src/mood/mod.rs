//! Whether a clause asks for something at all: its mood, recognised before its intent.
//!
//! "Call Ann", "I called Ann", "I didn't call Ann", "did I call Ann", "I should call Ann" and "Bob called Ann" have the same
//! verb and the same object, and only the first two say that something is to change. So no rule of an intent looks at
//! these words; this stage does, and returns what the clause may lead to ([`Mood::permits`]).
//!
//! **Invariant:** only the imperative, requests in its place, and completed acts permit a change. A sentence that fits
//! none of the other moods is taken for an imperative, because most messages are fragments ("milk tomorrow"); whether it
//! is one is then decided by its intent.

mod subject;
mod words;

use crate::grammar::{is_command, is_task_verb};
use crate::text::{Kind, Token, listed};
use crate::{Action, work};

/// What a clause may lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    /// "delete milk", "can you delete milk".
    Command,
    /// "I need a reminder to …": a need that is a request for a new task, and for nothing else.
    Request,
    /// "I called Ann", "the milk is done": tasks may be completed, reminders dismissed, and nothing else.
    Done,
    /// Nothing is to change.
    Unreal(Unreal),
}

/// Why a sentence about tasks changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unreal {
    /// "did I call Ann?", "can I delete milk?"
    Question,
    /// "delete milk?": an imperative that is not sure of itself.
    Unsure,
    /// "I didn't call Ann", "don't delete milk", "not yet".
    Negated,
    /// "I will", "I should", "I forgot to", "maybe".
    Intended,
    /// "if it rains, …", "when I get home …".
    Conditional,
    /// "Bob called Ann", "my boss wants me to …", and other statements.
    Stated,
}

impl Mood {
    /// Whether an action may follow from a clause of this mood.
    pub(crate) fn permits(self, action: &Action) -> bool {
        match self {
            Self::Command => true,
            Self::Request => !action.changes() || matches!(action, Action::Add(_)),
            Self::Done => !action.changes() || matches!(action, Action::Complete { .. } | Action::Dismiss { .. }),
            Self::Unreal(_) => !action.changes(),
        }
    }
}

/// Steps of looking at a word.
const WORD_COST: u32 = 2;

/// The mood of the tokens of a clause, with everything that stands around its command.
pub(crate) fn mood(tokens: &[Token]) -> Mood {
    work::spend(u32::try_from(tokens.len()).unwrap_or(u32::MAX).saturating_mul(WORD_COST));
    let asks = tokens.iter().rev().take_while(|token| token.is_mark()).any(|token| token.is("?"));
    let all: Vec<&str> = tokens.iter().filter(|t| t.kind != Kind::Mark || t.is(",")).map(|t| t.word.as_str()).collect();
    let words = without_fillers(&all);
    let found = of_words(words, asks);
    // "I'm out of milk, so remind me to buy some": the statement is the reason of a request.
    match found {
        Mood::Unreal(Unreal::Stated | Unreal::Intended | Unreal::Conditional) | Mood::Done if requests_later(words) => {
            Mood::Request
        }
        found => found,
    }
}

fn of_words(words: &[&str], asks: bool) -> Mood {
    // "don't let me forget to …" is a request, although it has every mark of a negation.
    if words::must_not_forget(words) {
        return Mood::Request;
    }
    if words::doubts(words) {
        return Mood::Unreal(Unreal::Intended);
    }
    if words::conditional(words) {
        return Mood::Unreal(Unreal::Conditional);
    }
    if let Some(rest) = words::requested(words) {
        return if words::negated(rest) { Mood::Unreal(Unreal::Negated) } else { Mood::Command };
    }
    if let Some(rest) = words::proposed(words) {
        let adds = words::adds(rest) || rest.contains(&"reminder");
        return if adds { Mood::Request } else { Mood::Unreal(Unreal::Intended) };
    }
    if words::question(words) {
        return Mood::Unreal(Unreal::Question);
    }
    if words::negated(words) {
        return Mood::Unreal(Unreal::Negated);
    }
    if let Some(mood) = subject::first_person(words).or_else(|| subject::third_person(words)) {
        return if asks && mood != Mood::Request { Mood::Unreal(Unreal::Question) } else { mood };
    }
    match words.first() {
        _ if !asks || words::adds(words) => Mood::Command,
        Some(verb) if is_command(verb) || is_task_verb(verb) => Mood::Unreal(Unreal::Unsure),
        _ => Mood::Unreal(Unreal::Question),
    }
}

/// Without greetings and small words before the sentence, which have no mood.
fn without_fillers<'a, 'b>(words: &'b [&'a str]) -> &'b [&'a str] {
    const FILLERS: &str = "hi hello hey ok okay so well um uh oh ah please pls kindly just also and then but actually bot \
        assistant tandem now first next finally again yes yeah yep no nope sorry thanks great good alright anyway , there";
    let starts = words.iter().position(|word| !listed(FILLERS, word)).unwrap_or(0);
    &words[starts..]
}

/// Whether a request for a reminder or an addition follows a statement: "…, so please remind me to …".
fn requests_later(words: &[&str]) -> bool {
    const REFUSED: &str = "will would won't wouldn't didn't didn doesn't don't did does do not never should shouldn't could \
        couldn't can't cannot might must to always often if who that 'll 'd";
    (1..words.len()).any(|at| {
        let before = words[at - 1];
        match words[at] {
            "remind" => {
                let request = before == "to" && at > 1 && matches!(words[at - 2], "you" | "reminder" | "alarm");
                words.get(at + 1).is_some_and(|next| matches!(*next, "me" | "us"))
                    && !words[..at].iter().any(|word| words::is_negation(word))
                    && (request || !listed(REFUSED, before))
                    && !listed("he she they you bob it", before)
            }
            "add" | "put" => matches!(before, "so" | "," | "please" | "and" | "you"),
            "set" | "create" | "make" => {
                matches!(before, "so" | "," | "please" | "and") && words[at..].contains(&"reminder")
            }
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{Mood, Unreal, mood};
    use crate::text::Text;

    fn all(want: Mood, sentences: &[&str]) {
        for sentence in sentences {
            assert_eq!(mood(&Text::new(sentence).tokens), want, "{sentence}");
        }
    }

    #[test]
    fn commands_and_polite_requests_ask_for_something() {
        all(
            Mood::Command,
            &[
                "delete milk",
                "could you delete milk?",
                "please mark milk as done",
                "milk tomorrow",
                "buy bread",
                "I want you to delete the milk",
                "remind me to call Ann?",
                "would you mind deleting milk",
            ],
        );
    }

    #[test]
    fn needs_are_requests_for_new_tasks_only() {
        all(
            Mood::Request,
            &[
                "I need a reminder to call Ann",
                "don't let me forget the milk",
                "I need to remember to pay bills",
                "I can't forget to call Ann",
                "I'm out of milk, so add it to my list",
                "I have no milk, remind me to buy some",
            ],
        );
    }

    #[test]
    fn completed_acts_are_told_from_others() {
        all(Mood::Done, &["I called Ann", "I've just paid the rent", "I'm done with the report", "we bought milk"]);
        all(
            Mood::Unreal(Unreal::Intended),
            &[
                "I will call Ann",
                "I'll call Ann",
                "I forgot to call Ann",
                "I should call Ann",
                "I might delete milk",
                "I'm going to call Ann",
                "let me finish the report",
                "maybe delete milk",
                "I wanted to call Ann",
                "I tried to call Ann",
            ],
        );
        all(Mood::Unreal(Unreal::Stated), &["Bob says the milk is gone", "she called Ann", "I have milk"]);
    }

    #[test]
    fn negations_questions_and_conditions_are_seen() {
        all(
            Mood::Unreal(Unreal::Negated),
            &[
                "I didn't call Ann",
                "don't delete milk",
                "can you not delete milk",
                "I have not paid",
                "never delete it",
                "I never called Ann",
                "I almost called Ann",
            ],
        );
        all(
            Mood::Unreal(Unreal::Question),
            &[
                "did I call Ann",
                "can I delete milk",
                "have I paid rent?",
                "should I delete milk",
                "the milk is done?",
                "is it done",
                "I called Ann?",
                "what happens if I delete milk",
            ],
        );
        all(Mood::Unreal(Unreal::Conditional), &["if it rains, delete the picnic", "when I get home delete milk"]);
        all(Mood::Unreal(Unreal::Unsure), &["delete milk?"]);
    }
}
