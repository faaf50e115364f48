//! One task or several: "milk, eggs and bread" is three, "buy bread and butter" is one, "call Bob and email Ann" is two.

use crate::dates::{Mention, find_all};
use crate::grammar::{Clause, is_task_verb};
use crate::reference::ReadContext;
use crate::spoken;
use crate::text::{Kind, STOP_WORDS, listed};
use tandem_protocol::rest::NewTask;

/// Divides the words of one request into tasks. `things`: they are items for a list, where "and" alone divides, too.
/// `may_list`: a row of nouns is a row of tasks ("add milk, eggs", not "remind me of milk, eggs").
pub(super) fn divide<'a>(body: Clause<'a>, things: bool, may_list: bool, cx: &ReadContext<'_>) -> Vec<Clause<'a>> {
    let tokens = body.tokens();
    // "every mon, wed, fri" is one date.
    let dates = find_all(&cx.dates_in(&body));
    // ", label work" is no second task.
    let fields = spoken::fields(&body, &mut NewTask::default());
    let inside = |at: usize| {
        dates.iter().any(|mention| (mention.start..mention.end).contains(&at))
            || fields.iter().any(|(start, end)| (*start..*end).contains(&at))
    };
    // "eggs. Also bread."
    let next_sentence = |at: usize| {
        may_list && tokens[at].is(".") && tokens.get(at + 1).is_some_and(|next| next.is_any(MORE) && !next.glued)
    };
    let joins =
        |at: &usize| (tokens[*at].is_any(&[",", "and", ";", "&", "plus"]) || next_sentence(*at)) && !inside(*at);
    let joints: Vec<usize> = (0..tokens.len()).filter(joins).collect();
    if joints.is_empty() {
        return vec![body];
    }
    let joints = without_pairs(&body, joints);
    let verb_first = is_task_verb(body.word(0)) && (!things || body.duty);
    let comma = joints.iter().any(|&i| tokens[i].is_any(&[",", ";"]));
    let two = may_list && joints.len() == 1 && two_things(&body, joints[0], &dates);
    let mut parts = Vec::new();
    let mut from = 0;
    for &at in &joints {
        let next = if tokens.get(at + 1).is_some_and(|t| t.is_any(&["and", "then"])) { at + 2 } else { at + 1 };
        let next = if next_sentence(at) {
            (next..tokens.len()).find(|&i| !tokens[i].is_any(MORE)).unwrap_or(next)
        } else {
            next
        };
        // "to call Bob and to email Ann".
        let next = if tokens.get(next).is_some_and(|t| t.is("to")) { next + 1 } else { next };
        if at < from || next >= tokens.len() {
            continue;
        }
        let begins_task = is_task_verb(body.word(next)) && tokens.get(next).is_some_and(|t| t.kind == Kind::Word);
        let lists_things = may_list && !verb_first && (comma || things) && short_enough(from, at);
        // "stop at the bank and get cash" is one errand.
        let on_the_way =
            matches!(body.word(from), "stop" | "go" | "come" | "run" | "swing" | "try" | "sit") || at - from < 2;
        let end = joints.iter().copied().find(|end| *end > next).unwrap_or(tokens.len());
        let own_dates = dated(from, at, &dates)
            && (dated(next, end, &dates) || dated(next, tokens.len(), &dates))
            && (!verb_first || begins_task || comma || end == tokens.len());
        // "add bread and butter and call Bob".
        let after_a_pair = !verb_first
            && begins_task
            && next + 1 < tokens.len()
            && joints.iter().any(|joint| (from + 1..at).contains(joint))
            && short_enough(from, at);
        let divides = own_dates
            || after_a_pair
            || two
            || next_sentence(at)
            || if verb_first { begins_task && !on_the_way && next + 1 < tokens.len() } else { lists_things };
        if divides {
            parts.push(Clause::new(body.text, body.from + from, body.from + at));
            from = next;
        }
    }
    parts.push(Clause::new(body.text, body.from + from, body.to));
    // "buy bread, put it on my list": the second half is about the first.
    let about_it = |part: &Clause<'_>| {
        part.tokens().len() == 2
            && matches!(part.word(0), "put" | "add" | "write" | "note")
            && matches!(part.word(1), "it" | "that" | "them")
    };
    parts.retain(|part| !part.is_empty() && !about_it(part));
    // Half a list is none: "Ann, our neighbour from the second floor, and her dog".
    let name = |part: &Clause<'_>| {
        let length = |mention: &Mention| mention.end - mention.start;
        part.tokens().len() - find_all(&cx.dates_in(part)).iter().map(length).sum::<usize>()
    };
    let all_short = verb_first || parts.iter().all(|part| name(part) <= 6);
    if all_short && !parts.is_empty() { parts } else { vec![body] }
}

/// "mac and cheese, fish and chips": where an "and" stands before a comma, items are divided by commas only.
fn without_pairs(body: &Clause<'_>, joints: Vec<usize>) -> Vec<usize> {
    let comma = |at: usize| matches!(body.word(at), "," | ";");
    let Some(last) = joints.iter().rev().copied().find(|at| comma(*at)) else { return joints };
    let pair = |at: &usize| !comma(*at) && body.word(*at) != "." && !comma(at - 1) && !is_task_verb(body.word(at + 1));
    if !joints.iter().any(|at| *at < last && pair(at)) {
        return joints;
    }
    joints.into_iter().filter(|at| !pair(at)).collect()
}

/// Words that begin a sentence with one more task.
const MORE: &[&str] = &["also", "and", "plus", "then", ","];

/// Pairs that are one thing.
const PAIRS: &str = "bread-butter fish-chips mac-cheese salt-pepper pros-cons bits-pieces arts-crafts nuts-bolts bed-breakfast \
     rock-roll gin-tonic oil-vinegar peanut-jelly terms-conditions trial-error lost-found bacon-eggs ham-eggs rice-beans \
     wine-cheese cheese-wine research-development health-safety black-white question-answer questions-answers";

/// "eggs and milk": two plain nouns, with nothing but a date before or after them.
fn two_things(body: &Clause<'_>, at: usize, dates: &[Mention]) -> bool {
    // "dinner and drinks on Friday at 8" is one evening.
    if dates.iter().any(|mention| mention.draft.names_time()) {
        return false;
    }
    let dated = |at: &usize| dates.iter().any(|mention| (mention.start..mention.end).contains(at));
    let named: Vec<usize> = (0..body.tokens().len()).filter(|at| !dated(at) && !body.tokens()[*at].is(",")).collect();
    let noun = |at: usize| {
        let token = &body.tokens()[at];
        token.kind == Kind::Word
            && token.word.len() > 2
            && !is_task_verb(&token.word)
            && !STOP_WORDS.contains(&*token.word)
    };
    let pair = || format!("{}-{}", body.word(at - 1), body.word(at + 1));
    named.len() == 3 && named == [at - 1, at, at + 1] && noun(at - 1) && noun(at + 1) && !listed(PAIRS, &pair())
}

/// Whether a part ends with a day or a time of its own: "milk tomorrow and eggs on Friday", "Bob at 3 and Ann at 4".
fn dated(from: usize, to: usize, dates: &[Mention]) -> bool {
    dates.iter().any(|date| date.start > from && date.end == to && !date.draft.repeats())
}

fn short_enough(from: usize, to: usize) -> bool {
    to > from && to - from <= 6
}
