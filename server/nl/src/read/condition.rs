//! "delete the milk if it's Tuesday": a command that waits for something. It is not carried out, now or later.

use crate::Response;
use crate::grammar::Clause;
use crate::mood::Unreal;
use crate::reference::ReadContext;
use crate::text::{Text, listed};

use super::Outcome;

/// Commands whose rest is no text of the user's own.
const COMMANDS: &str =
    "delete remove cancel erase complete finish mark check tick move reschedule postpone push shift skip reopen";
/// Words after "after" and "once" with which an event begins: "after the party", "once I call".
const EVENTS: &str = "the my our a i i'm i've we he she they it it's";

/// Reads a sentence that is clear but for its condition.
pub(super) fn read(text: &Text, cx: &ReadContext<'_>) -> Option<Outcome> {
    let all = Clause::new(text, 0, text.len());
    if cx.chosen.is_some() || !listed(COMMANDS, all.word(0)) {
        return None;
    }
    let begins = |at: usize| match all.word(at) {
        "if" | "unless" | "whenever" => true,
        "once" | "after" | "when" => listed(EVENTS, all.word(at + 1)),
        _ => false,
    };
    let waits = (2..all.tokens().len()).any(begins);
    waits.then_some(Outcome::Respond(Response::NotAsked(Unreal::Conditional)))
}
