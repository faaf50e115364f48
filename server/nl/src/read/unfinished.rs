//! "I couldn't reach the dentist", "the report is nearly done", "tried to call Ann, no answer": acts that are not completed.
//!
//! Nothing changes, and the answer says which task that leaves open. Only for sentences that no reader has understood.

use std::sync::LazyLock;

use crate::Response;
use crate::grammar::Clause;
use crate::mood::{Mood, Unreal};
use crate::reference::{ReadContext, Risk, rank};
use crate::text::{Text, WordSet, words};
use tandem_protocol::enums::TaskStatus;
use tandem_protocol::model::Task;

use super::Outcome;

/// Signs that an act is not completed, where the mood does not say so.
const SIGNS: &str = "almost nearly halfway half partly working started starting began begun tried trying later % percent nobody \
     answer busy unfinished still middle";
/// Words of such sentences that name no task.
static AROUND: LazyLock<WordSet> = LazyLock::new(|| {
    words(
        "almost nearly halfway half partly working started starting began begun tried trying later % percent nobody answer \
         busy unfinished still middle haven't hasn't couldn't can't didn't wasn't won't isn't aren't don't reach reached get \
         got through but no one not never yet done finished complete completed ready picked up answered i i'm i've i'll ill \
         we we're the my our a an to with on of in is are was been be have has had will do did it just already mark as able \
         hold , . ! - getting soon",
    )
});

pub(super) fn read(text: &Text, cx: &ReadContext<'_>) -> Option<Outcome> {
    let all = Clause::new(text, 0, text.len());
    let unreal = matches!(all.mood, Mood::Unreal(Unreal::Negated | Unreal::Intended));
    let signed = matches!(all.mood, Mood::Done | Mood::Command | Mood::Unreal(Unreal::Stated))
        && (all.has_listed(SIGNS) || (all.word(0), all.word(1)) == ("no", "one"));
    let forbids = all.has_listed("delete remove cancel erase remind add");
    if (!unreal && !signed) || forbids { None } else { stays_open(&all, cx) }
}

/// The answer that the one open task which a phrase names stays open.
pub(super) fn stays_open(phrase: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let words = phrase.tokens().iter().map(|token| token.word.as_str());
    let words: Vec<&str> =
        words.filter(|word| !AROUND.contains(*word) && !word.bytes().all(|b| b.is_ascii_digit())).collect();
    let open: Vec<&Task> = cx.context.tasks.iter().copied().filter(|task| task.status == TaskStatus::Open).collect();
    let [id] = rank(&words.join(" "), &open, cx).all(Risk::Reversible)[..] else { return None };
    let title = cx.task(id)?.title.clone();
    Some(Outcome::Respond(Response::StaysOpen { title }))
}
