//! Reads a chat message: what the user wants to be done.
//!
//! A message is first read as the answer to an open question, then as a whole, then clause by clause. For each clause the
//! readers of this module are tried in a fixed order, from the most specific intent to the least (`one`).
//!
//! The message is understood as a whole or not at all: when one of its clauses has no reading, nothing of it is done.
//! A weak match changes nothing; it leads to a question.

mod add;
mod add_patterns;
mod all_of;
mod answer;
mod apart;
mod bare;
mod by_amount;
mod change_reminder;
mod clear;
mod clear_reminders;
mod combined;
mod condition;
mod correct;
mod counted;
mod days;
mod days_only;
mod edit;
mod either;
mod everything;
mod exact;
mod filter;
mod happened;
mod incomplete;
mod instead;
mod joined;
mod label;
mod lines;
mod new_date;
mod new_due;
mod new_task;
mod outcome;
mod pasted;
mod permitted;
mod pick;
mod plain_task;
mod priority;
mod remind;
mod reminding;
mod remove;
mod repair;
mod reschedule;
mod ringing;
mod seconds;
mod series;
mod several;
mod shared;
mod show;
mod small_talk;
mod spelling;
mod talk;
mod target;
mod times;
mod titled;
mod unfinished;
mod until;
#[cfg(test)]
mod worst;

use crate::dates::{Mention, ambiguous, contradiction, find_all};
use crate::grammar::{Clause, is_command, split};
use crate::mood::{Mood, Unreal};
use crate::reference::{Extent, ReadContext, Risk, Scope, Target, Titles, names_one, resolve};
use crate::text::{Text, listed, reaction};
use crate::understood::Actions;
use crate::{Action, Context, Reading, Response, work};
pub(crate) use exact::at_moment;
use jiff::civil::Date;
pub use outcome::ASKED_AGAIN;
use outcome::{HINT, Outcome, TOO_LONG, finish, look_only, one_look};
use permitted::in_mood;
pub(crate) use reminding::reminding;
use repair::Repaired;
use tandem_protocol::TaskId;
use target::{change_target, is_set, on_target, set_or_each, without_noun};

/// The meaning of `message` in `context`. Every text has one, if only [`Reading::Unknown`].
pub fn read(message: &str, context: &Context<'_>) -> Reading {
    let titles = Titles::default();
    read_with(message, &ReadContext::new(context, &titles))
}

/// As [`read`], for tests that look at the steps taken.
pub(crate) fn read_with(message: &str, cx: &ReadContext<'_>) -> Reading {
    work::within(|| read_message(message, cx)).unwrap_or_else(|| Reading::Unknown { hint: TOO_LONG.to_owned() })
}

fn read_message(message: &str, cx: &ReadContext<'_>) -> Reading {
    let message = reaction(message).unwrap_or(message);
    if let Some(found) = in_lines(message, cx) {
        return finish(found, cx.context);
    }
    let text = spelling::corrected(Text::new(message));
    if text.is_endless() {
        return read_text(&text, cx);
    }
    if let Some(answer) = answer::read(&text, cx) {
        return answer;
    }
    match read_text(&text, cx) {
        Reading::Unknown { hint } => answer::asked_again(cx).unwrap_or(Reading::Unknown { hint }),
        Reading::Respond(Response::Help) if listed("what huh which", &text.tokens[0].word) => {
            answer::asked_again(cx).unwrap_or(Reading::Respond(Response::Help))
        }
        found => found,
    }
}

/// The meaning of a message of several lines, where they matter.
fn in_lines(message: &str, cx: &ReadContext<'_>) -> Option<Outcome> {
    pasted::read(message, cx).or_else(|| lines::read(message, cx))
}

/// Clauses of the longest message that is read.
const MAX_CLAUSES: usize = 12;

/// Reads a whole message: all of its clauses, or none of them.
fn outcome(text: &Text, cx: &ReadContext<'_>) -> Option<Outcome> {
    work::deeper(|| corrected(text, cx)).map(|found| exact::exact(found, text, cx))
}

/// Reads a sentence that may correct itself.
fn corrected(text: &Text, cx: &ReadContext<'_>) -> Option<Outcome> {
    match repair::read(text, cx) {
        Some(Repaired::Text(better)) => of_sentence(&better, cx),
        Some(Repaired::Unclear(words)) => Some(Outcome::Respond(Response::NotUnderstood { words })),
        None => of_sentence(text, cx),
    }
}

/// Reads a sentence that says what it means; the user is asked where its weekday and its date are two days.
fn of_sentence(text: &Text, cx: &ReadContext<'_>) -> Option<Outcome> {
    let all = Clause::new(text, 0, text.len());
    let Some((named, date)) = contradiction(&cx.dates_in(&all)).filter(|_| cx.day.is_none()) else {
        return of_clear_sentence(text, cx);
    };
    match of_clear_sentence(text, &ReadContext { day: Some(date), ..*cx })? {
        Outcome::Permitted(actions) if actions.iter().any(Action::changes) => Some(Outcome::AskDay(named, date)),
        Outcome::Propose(_) => Some(Outcome::AskDay(named, date)),
        found => Some(found),
    }
}

fn of_clear_sentence(text: &Text, cx: &ReadContext<'_>) -> Option<Outcome> {
    if let Some(lists) = joined::on_two_lists(text, cx) {
        return Some(lists);
    }
    if let Some(found) = reminding::read(text, cx) {
        return Some(found);
    }
    let found = in_clauses(text, cx);
    if let Some(Outcome::Missing(what)) = &found
        && listed("nothing none nobody", what)
    {
        // "delete nothing".
        return Some(Outcome::Respond(Response::NotAsked(Unreal::Negated)));
    }
    let unclear = matches!(found, None | Some(Outcome::Missing(_) | Outcome::Ask { .. }));
    if unclear && let Some(waits) = condition::read(text, cx) {
        return Some(waits);
    }
    if matches!(found, None | Some(Outcome::Missing(_)))
        && let Some(open) = unfinished::read(text, cx)
    {
        return Some(open);
    }
    // What "but not" takes out belongs to all of the sentence.
    let excepts = text.tokens.windows(2).any(|pair| pair[0].is("but") && pair[1].is("not"));
    if unclear
        && !excepts
        && let Some(joined) = joined::read(text, cx)
    {
        return Some(joined);
    }
    found
}

fn in_clauses(text: &Text, cx: &ReadContext<'_>) -> Option<Outcome> {
    let all = Clause::new(text, 0, text.len());
    if all.is_empty() {
        return None;
    }
    if let Some(found) = but_not(&all, cx) {
        return Some(found);
    }
    if let Some(found) = combined::read(&all, cx).or_else(|| correct::read(&all, cx)) {
        return Some(found);
    }
    // Sentences whose clauses depend on each other were read as a whole above; these stand by themselves.
    let clauses = apart::apart(split(text), cx);
    if clauses.len() > MAX_CLAUSES {
        return None;
    }
    let mut done: Vec<Actions> = Vec::new();
    let mut talk = None;
    for clause in &clauses {
        let before: Vec<Action> = done.iter().flat_map(|actions| actions.iter().cloned()).collect();
        let named = done.last().map(|actions| named_in(actions)).unwrap_or_default();
        match one(clause, cx, &before, &named) {
            Some(Outcome::Permitted(more)) => done.push(more),
            // What was asked for beside it waits until the user has seen that.
            refused @ Some(Outcome::Respond(Response::Refused(_))) => return refused,
            Some(Outcome::Respond(said)) if clauses.len() > 1 => talk = Some(said),
            Some(Outcome::Missing(what)) if clauses.len() > 1 => {
                done.extend(look_only(Action::NoSuchTask { what }));
            }
            // "add bread and don't delete the milk".
            None if !done.is_empty() && forbids(clause) => talk = Some(Response::NotAsked(Unreal::Negated)),
            // One clause without a reading: perhaps the cut was wrong, so the message is read as one clause.
            None
            | Some(
                Outcome::AskTitle(_)
                | Outcome::AskDue(_)
                | Outcome::AskTime(_)
                | Outcome::AskEither(_)
                | Outcome::Propose(_),
            ) if clauses.len() > 1 => {
                return one(&all, cx, &[], &[]);
            }
            Some(Outcome::AskTime(_) | Outcome::AskWithout(_) | Outcome::AskUncounted(..) | Outcome::Propose(_))
                if ambiguous_date(&all, cx).is_some() =>
            {
                let (american, european) = ambiguous_date(&all, cx)?;
                return Some(Outcome::AskOrder(american, european));
            }
            other => return other,
        }
    }
    // "undo that, please undo" is one undo.
    done.dedup_by(|later, earlier| **later == [Action::Undo] && **earlier == [Action::Undo]);
    let actions = Actions::joined(done);
    if let Some((american, european)) = ambiguous_date(&all, cx).filter(|_| actions.iter().any(Action::changes)) {
        return Some(Outcome::AskOrder(american, european));
    }
    if let Some(past) = either::past(&actions, cx) {
        return Some(Outcome::AskEither(past));
    }
    match &actions[..] {
        [] => talk.map(Outcome::Respond),
        [Action::NoSuchTask { what }, rest @ ..]
            if rest.iter().all(|action| matches!(action, Action::NoSuchTask { .. })) =>
        {
            Some(Outcome::Missing(what.clone()))
        }
        _ => Some(Outcome::Permitted(actions)),
    }
}

/// The two readings of a date in figures, where nothing says which order the user writes.
fn ambiguous_date(all: &Clause<'_>, cx: &ReadContext<'_>) -> Option<(Date, Date)> {
    if cx.order.is_some() {
        return None;
    }
    let input = cx.dates_in(all);
    let figures = |mention: &Mention| (mention.start..mention.end).find_map(|at| ambiguous(&input, at));
    find_all(&input).iter().find_map(figures)
}

/// Reads one clause; `before` is what earlier clauses of the message do, `named` are the tasks of the last of them.
fn one(clause: &Clause<'_>, cx: &ReadContext<'_>, before: &[Action], named: &[TaskId]) -> Option<Outcome> {
    let named = if named.is_empty() { *cx } else { cx.with_named(named) };
    // "yes, I bought milk" agrees to nothing when nothing was asked.
    let rest = after_yes(clause).and_then(|rest| by_intent(&rest, &named, before));
    let doubtful = apart::is_doubtful(clause);
    let found = match rest {
        Some(found @ (Outcome::Act(_) | Outcome::Ask { .. } | Outcome::AskExtent { .. })) => found,
        _ => by_intent(clause, &named, before)?,
    };
    match in_mood(clause, cx, found)? {
        // "add bread and delete milk", when there is no milk.
        Outcome::Permitted(actions) if doubtful => Some(match &actions[..] {
            [Action::Add(task)] => Outcome::Propose(vec![task.clone()]),
            _ => Outcome::Missing(clause.source().to_owned()),
        }),
        found => Some(found),
    }
}

/// "mark the milk as done but not the rent": the part before, when what is not meant is another task.
fn but_not(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let n = clause.tokens().len();
    let at = (2..n).find(|&at| clause.word(at) == "but" && clause.word(at + 1) == "not")?;
    let other = Clause::new(clause.text, clause.from + at + 2, clause.to);
    let Target::Tasks(kept) = resolve(&other, &cx.without_choice(), Scope::Any, Risk::Reversible) else { return None };
    let found = one(&Clause::new(clause.text, clause.start, clause.from + at), cx, &[], &[])?;
    let Outcome::Permitted(actions) = &found else { return None };
    let spared = actions.iter().all(|action| named_by(action).iter().all(|id| !kept.get().contains(id)));
    spared.then_some(found)
}

/// The clause after "yes, " or "no, ".
fn after_yes<'a>(clause: &Clause<'a>) -> Option<Clause<'a>> {
    let answers = listed("yes yeah yep yup sure no nope nah", clause.word(0)) && clause.word(1) == ",";
    if !answers {
        return None;
    }
    let rest = Clause::new(clause.text, clause.from + 2, clause.to);
    (!rest.is_empty()).then_some(Clause { mood: clause.mood, ..rest })
}

/// The tasks that an action is about, as far as they have an id.
fn named_by(action: &Action) -> &[TaskId] {
    match action {
        Action::Complete { ids } | Action::Reopen { ids } | Action::Delete { ids } => ids,
        Action::Update { id, .. }
        | Action::Reschedule { id, .. }
        | Action::Skip { id }
        | Action::Snooze { id, .. }
        | Action::Dismiss { id }
        | Action::Remind { id, .. } => std::slice::from_ref(id),
        _ => &[],
    }
}

/// The tasks that the actions of one clause are about, each once. A new one has no id: then none is known.
fn named_in(actions: &[Action]) -> Vec<TaskId> {
    let mut named: Vec<TaskId> = Vec::new();
    for action in actions {
        let ids = named_by(action);
        if ids.is_empty() {
            return Vec::new();
        }
        let new: Vec<TaskId> = ids.iter().filter(|id| !named.contains(*id)).copied().collect();
        named.extend(new);
    }
    named
}

/// Tries the readers of the intents, from the most specific to the least.
fn by_intent(clause: &Clause<'_>, cx: &ReadContext<'_>, before: &[Action]) -> Option<Outcome> {
    // "… from now on" says how far a change reaches, and is no part of its date.
    if let (None, Some(change)) = (cx.extent, series::without_from_now_on(clause)) {
        return work::deeper(|| by_intent(&change, &ReadContext { extent: Some(Extent::Series), ..*cx }, before));
    }
    let after_add = matches!(before.last(), Some(Action::Add(_)));
    // "put laundry on my to-do list" has "to do" in it, but it is a list that is meant.
    let first_is_put = listed(
        "add put include insert place throw enter make write jot note stick save record log append toss pop slip",
        clause.word(0),
    );
    // The order matters: a clause often fits several readers, and the first one wins.
    ringing::read(clause, cx)
        .or_else(|| clear_reminders::read(clause, cx))
        .or_else(|| change_reminder::read(clause, cx))
        .or_else(|| everything::read(clause, cx))
        .or_else(|| talk::read(clause, cx))
        .or_else(|| instead::read(clause, cx))
        .or_else(|| if first_is_put { add::to_list(clause, cx, before) } else { None })
        .or_else(|| remind::read(clause, cx))
        .or_else(|| add::reminder(clause, cx))
        .or_else(|| if after_add { edit::new_task(clause) } else { None })
        .or_else(|| clear::read(clause, cx))
        .or_else(|| edit::read(clause, cx))
        .or_else(|| reschedule::read(clause, cx))
        .or_else(|| add::to_list(clause, cx, before))
        .or_else(|| remove::read(clause, cx, before))
        .or_else(|| until::read(clause, cx))
        .or_else(|| happened::read(clause, cx))
        .or_else(|| show::read(clause, cx))
        .or_else(|| add::plain(clause, cx, before))
        .or_else(|| plain_task::read(clause, cx))
        .or_else(|| incomplete::read(clause, cx))
        .or_else(|| days_only::read(clause, cx))
        .or_else(|| small_talk::read(clause))
        .or_else(|| bare::read(clause, cx))
}

fn read_text(text: &Text, cx: &ReadContext<'_>) -> Reading {
    if text.is_endless() {
        return Reading::Unknown { hint: TOO_LONG.to_owned() };
    }
    match outcome(text, cx) {
        Some(found) => finish(found, cx.context),
        None => not_asked(text, cx).unwrap_or_else(|| Reading::Unknown { hint: HINT.to_owned() }),
    }
}

/// A sentence about a task of the user that asks for nothing: "I didn't call the dentist".
fn not_asked(text: &Text, cx: &ReadContext<'_>) -> Option<Reading> {
    let all = Clause::new(text, 0, text.len());
    let Mood::Unreal(why) = all.mood else { return None };
    (forbids(&all) || names_one(&all, cx)).then_some(Reading::Respond(Response::NotAsked(why)))
}

/// "don't delete the milk": it is about a task, whatever is called so.
fn forbids(clause: &Clause<'_>) -> bool {
    clause.mood == Mood::Unreal(Unreal::Negated) && clause.tokens().iter().take(4).any(|token| is_command(&token.word))
}
