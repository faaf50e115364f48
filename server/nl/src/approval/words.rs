//! The words of an answer that agree, refuse, restrict and join.

use super::{PendingChange, PendingKind};
use crate::grammar::Clause;
use crate::text::{Token, listed};

/// What the words before or after the changes say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    Yes,
    No,
    /// "yes, but not": an exception follows.
    YesBut,
}

/// The beginning of a statement.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lead {
    pub(super) said: Option<Said>,
    /// Whether "only" was said.
    pub(super) only: bool,
    /// Whether a refusal was "no" by itself, and not a verb such as "keep".
    pub(super) plain: bool,
    /// The place after it.
    pub(super) end: usize,
}

const YES: &str = "yes|yes please|go on then|ok go on|go on , then|ok then|okay then|alright then|all right then|fine then|sure why not|sure , why not|why not|\
    i said yes|yes i said|by all means|if you like|i guess|i suppose so|please|yes , please|yes yes|yes , yes|yeah|yep|yup|yea|ya|y|aye|sure|sure thing|ok|okay|k|alright|all right|absolutely|\
    definitely|of course|certainly|correct|right|that's right|affirmative|fine|that's fine|that is fine|fine by me|fine with me|\
    ok with me|sounds good|looks good|good|go|go ahead|please go ahead|go for it|go on|proceed|continue|carry on|do it|do that|do so|\
    please do|make it so|confirm|confirmed|i confirm|approve|approved|i approve|accept|accepted|i accept|agree|agreed|i agree|\
    allow|allowed|permit|i am sure|i'm sure|i am|do|yes i am|yes i'm sure|you may|go ahead with|proceed with|continue with|ok to|okay to";
const NO: &str = "no|nope|nah|nay|n|no thanks|no thank you|no way|never|never mind|nevermind|negative|don't|do not|dont|please don't|\
    don't do it|don't do that|do not do it|do not do that|don't do anything|do nothing|stop|stop it|stop that|cancel|cancel it|cancel that|abort|\
    deny|denied|i deny|refuse|refused|i refuse|reject|rejected|i reject|decline|declined|i decline|disapprove|forget it|forget that|drop it|\
    not yet|not now|not right now|hmm no|hm no|hmm , no|no way|no thanks|no thank you|later|maybe later|not today|nope|leave|keep|skip|spare|not|none|none of them|none of these|none of those|neither|neither of them|nothing|leave it|leave it alone|\
    leave them alone|leave them be|leave everything|leave everything as it is|leave them as they are|leave it as it is|of course not|absolutely not|certainly not|\
    i changed my mind|i've changed my mind|no need|i don't want that|i don't want it|i don't want to|please no|better not|rather not|i'd rather not";
/// Refusals that do not name what they refuse.
const PLAIN_NO: &str = "no nope nah nay";
/// Refusals that mean something else with an object: "cancel the milk" may delete it.
const NO_BY_ITSELF: &str = "cancel stop abort never";
const MARKS: &[&str] = &[",", ".", ";", "!", ":", "-"];

/// Reads the words before the changes.
pub(super) fn lead(clause: &Clause<'_>, changes: &[PendingChange<'_>]) -> Lead {
    let mut lead = Lead { said: None, only: false, plain: true, end: 0 };
    loop {
        let mut at = lead.end;
        while lead.said.is_some() && (mark(clause, at) || matches!(clause.word(at), "but" | "and")) {
            at += 1;
        }
        let rest = clause.part(at, clause.tokens().len());
        let yes = rest.longest_start(YES).max(verb(&rest, changes));
        let alone = |words: &usize| rest.tokens().len() == *words || !listed(NO_BY_ITSELF, rest.word(0)) || *words > 1;
        let no = rest.longest_start(NO).filter(alone);
        let (said, length) = match (yes, no) {
            (None, None) => break,
            (yes, no) if yes > no => (Said::Yes, yes),
            (_, no) => (Said::No, no),
        };
        lead.plain &= said == Said::No && listed(PLAIN_NO, clause.word(at));
        lead.said = match (lead.said, said) {
            (None, said) | (Some(Said::Yes), said @ Said::Yes) => Some(said),
            (Some(Said::Yes | Said::YesBut), Said::No) => Some(Said::YesBut),
            // "don't delete" refuses, "no, go ahead" says both.
            (Some(Said::No), Said::Yes) if !negates(clause, lead.end) => break,
            (Some(before), _) => Some(before),
        };
        lead.end = at + length.unwrap_or(0);
        lead.end += usize::from(matches!(clause.word(lead.end), "to" | "for" | "with" | "please"));
    }
    while lead.said.is_some()
        && (mark(clause, lead.end) || clause.word(lead.end) == "but")
        && lead.end < clause.tokens().len()
    {
        lead.end += 1;
    }
    if matches!(clause.word(lead.end), "only" | "just") {
        (lead.only, lead.end) = (true, lead.end + 1);
    }
    lead
}

/// Whether the word before a place turns the verb after it into its opposite: "don't", "not", "do not".
fn negates(clause: &Clause<'_>, at: usize) -> bool {
    at > 0 && listed("don't dont not", clause.word(at - 1))
}

fn mark(clause: &Clause<'_>, at: usize) -> bool {
    clause.tokens().get(at).is_some_and(|token| token.is_any(MARKS))
}

/// A verb that does what all the changes do: "delete", when they delete.
fn verb(clause: &Clause<'_>, changes: &[PendingChange<'_>]) -> Option<usize> {
    let all = |kind: PendingKind| changes.iter().all(|change| change.kind == kind);
    let verbs = if all(PendingKind::Delete) {
        "delete|remove|erase|get rid of|clear"
    } else if all(PendingKind::Add) {
        "add|create"
    } else if all(PendingKind::Complete) {
        "complete|finish|tick off|check off"
    } else {
        return None;
    };
    clause.longest_start(verbs)
}

/// "milk yes", "the second: no": the object, and what is said of it.
pub(super) fn trailing<'a>(object: &Clause<'a>) -> Option<(Said, Clause<'a>)> {
    let n = object.tokens().len();
    let said = match object.word(n.checked_sub(1)?) {
        "yes" | "ok" | "okay" => Said::Yes,
        "no" | "not" => Said::No,
        _ => return None,
    };
    let end = if mark(object, n.saturating_sub(2)) { n - 2 } else { n - 1 };
    (end > 0).then(|| (said, object.part(0, end)))
}

/// Whether a token may stand between two statements.
pub(super) fn joins(token: &Token) -> bool {
    token.is_any(&[",", ";", ".", "and", "but", "&"])
}

#[cfg(test)]
mod tests {
    use super::{Said, lead};
    use crate::grammar::Clause;
    use crate::text::Text;

    #[test]
    fn a_negated_verb_refuses() {
        let said = |text: &str| {
            let text = Text::new(text);
            lead(&Clause::new(&text, 0, text.len()), &[]).said
        };
        assert_eq!(said("don't go ahead"), Some(Said::No));
        assert_eq!(said("yes, but not the milk"), Some(Said::YesBut));
        assert_eq!(said("the milk"), None);
    }
}
