//! Reads a chat message: what the user wants to be done.
//!
//! A message is first read as the answer to an open question, then as a whole, then clause by clause. For each clause the
//! readers of this module are tried in a fixed order, from the most specific intent to the least (`one`).
//!
//! The message is understood as a whole or not at all: when one of its clauses has no reading, nothing of it is done.
//! A weak match changes nothing; it leads to a question.

mod add;
mod add_patterns;
mod answer;
mod combined;
mod correct;
mod days;
mod edit;
mod filter;
mod new_due;
mod pasted;
mod plain_task;
mod remind;
mod remove;
mod reschedule;
mod series;
mod several;
mod show;
mod small_talk;
mod spelling;
mod talk;
mod times;
#[cfg(test)]
mod worst;

use crate::dates::{Mention, ambiguous, find_all};
use crate::grammar::{Clause, is_command, is_task_noun, split};
use crate::mood::{Mood, Unreal};
use crate::reference::{ReadContext, Target, Titles, is_titled, names_one, pointer};
use crate::text::{Text, listed};
use crate::understood::{Actions, Understood};
use crate::{Action, Context, Reading, Response, work};
use jiff::civil::Date;
use tandem_protocol::TaskId;
use tandem_protocol::rest::NewTask;

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
    if let Some(found) = pasted::read(message, cx) {
        return finish(found);
    }
    let text = spelling::corrected(Text::new(message));
    if text.is_endless() {
        return read_text(&text, cx);
    }
    answer::read(&text, cx).unwrap_or_else(|| read_text(&text, cx))
}

/// The meaning of one clause, before its mood is considered.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    Act(Understood<Vec<Action>>),
    /// Actions that the mood permits.
    Permitted(Actions),
    Ask {
        question: String,
        choices: Vec<TaskId>,
    },
    /// A task that repeats: one occurrence or all?
    AskExtent {
        question: String,
        id: TaskId,
    },
    /// The title of the task is missing: the user is asked for it, and the task waits.
    AskTitle(Box<NewTask>),
    /// A task was to repeat at several times of a day: one task for each, or one without a time.
    AskTime(Vec<NewTask>),
    /// The user is asked whether the task may repeat without the exception of a single date.
    AskWithout(Box<NewTask>),
    /// The user is asked whether the task may be added without these words, how often it was to repeat.
    AskUncounted(Box<NewTask>, String),
    /// A date in figures is another one with the day first: its readings with the month first and with the day first.
    AskOrder(Date, Date),
    /// The user is asked whether this is to be a task.
    Propose(Box<NewTask>),
    Respond(Response),
    Missing(String),
}

impl Outcome {
    /// An action that changes nothing.
    fn look(action: Action) -> Option<Self> {
        Understood::look(action).map(Self::Act)
    }
}

/// Clauses of the longest message that is read.
const MAX_CLAUSES: usize = 12;

/// Reads a whole message: all of its clauses, or none of them.
fn outcome(text: &Text, cx: &ReadContext<'_>) -> Option<Outcome> {
    let all = Clause::new(text, 0, text.len());
    if all.is_empty() {
        return None;
    }
    if let Some(found) = combined::read(&all, cx).or_else(|| correct::read(&all, cx)) {
        return Some(found);
    }
    // Sentences whose clauses depend on each other were read as a whole above; these stand by themselves.
    let clauses = split(text);
    if clauses.len() > MAX_CLAUSES {
        return None;
    }
    let mut done: Vec<Actions> = Vec::new();
    let mut talk = None;
    for clause in &clauses {
        let before: Vec<Action> = done.iter().flat_map(|actions| actions.iter().cloned()).collect();
        match one(clause, cx, &before) {
            Some(Outcome::Permitted(more)) => done.push(more),
            Some(Outcome::Respond(said)) if clauses.len() > 1 => talk = Some(said),
            Some(Outcome::Missing(what)) if clauses.len() > 1 => {
                done.extend(look_only(Action::NoSuchTask { what }));
            }
            // One clause without a reading: perhaps the cut was wrong, so the message is read as one clause.
            None | Some(Outcome::AskTitle(_) | Outcome::AskTime(_) | Outcome::Propose(_)) if clauses.len() > 1 => {
                return one(&all, cx, &[]);
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

fn look_only(action: Action) -> Option<Actions> {
    Actions::permitted(Mood::Command, false, Understood::look(action)?).ok()
}

fn one_look(action: Action) -> Option<Outcome> {
    look_only(action).map(Outcome::Permitted)
}

/// Reads one clause; `before` is what earlier clauses of the message do.
fn one(clause: &Clause<'_>, cx: &ReadContext<'_>, before: &[Action]) -> Option<Outcome> {
    let named = last_named(before);
    let named = cx.with_named(&named);
    // "yes, I bought milk" agrees to nothing when nothing was asked.
    let rest = after_yes(clause).and_then(|rest| by_intent(&rest, &named, before));
    let found = match rest {
        Some(found @ (Outcome::Act(_) | Outcome::Ask { .. } | Outcome::AskExtent { .. })) => found,
        _ => by_intent(clause, &named, before)?,
    };
    in_mood(clause, cx, found)
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

/// The tasks that the last action of a message is about.
fn last_named(before: &[Action]) -> Vec<TaskId> {
    match before.last() {
        Some(Action::Complete { ids } | Action::Reopen { ids } | Action::Delete { ids }) => ids.clone(),
        Some(
            Action::Update { id, .. }
            | Action::Reschedule { id, .. }
            | Action::Skip { id }
            | Action::Snooze { id, .. }
            | Action::Remind { id, .. },
        ) => vec![*id],
        _ => Vec::new(),
    }
}

/// Tries the readers of the intents, from the most specific to the least.
fn by_intent(clause: &Clause<'_>, cx: &ReadContext<'_>, before: &[Action]) -> Option<Outcome> {
    let after_add = matches!(before.last(), Some(Action::Add(_)));
    // "put laundry on my to-do list" has "to do" in it, but it is a list that is meant.
    let first_is_put = listed(
        "add put include insert place throw enter make write jot note stick save record log append toss pop slip",
        clause.word(0),
    );
    // The order matters: a clause often fits several readers, and the first one wins.
    talk::read(clause)
        .or_else(|| if first_is_put { add::to_list(clause, cx, before) } else { None })
        .or_else(|| remind::read(clause, cx))
        .or_else(|| add::reminder(clause, cx))
        .or_else(|| if after_add { edit::new_task(clause) } else { None })
        .or_else(|| edit::read(clause, cx))
        .or_else(|| reschedule::read(clause, cx))
        .or_else(|| add::to_list(clause, cx, before))
        .or_else(|| remove::read(clause, cx, before))
        .or_else(|| show::read(clause, cx))
        .or_else(|| add::plain(clause, cx, before))
        .or_else(|| plain_task::read(clause, cx))
        .or_else(|| small_talk::read(clause))
}

/// Words of a sentence that is no command, but means that something is to go.
const DROPPED: &[&str] = &["longer", "anymore"];

/// What the mood of a clause leaves of its meaning.
fn in_mood(clause: &Clause<'_>, cx: &ReadContext<'_>, found: Outcome) -> Option<Outcome> {
    let mood = clause.mood;
    let refused = match found {
        Outcome::Act(actions) => match Actions::permitted(mood, cx.chosen.is_some(), actions) {
            Ok(actions) => return Some(Outcome::Permitted(actions)),
            Err(actions) => actions,
        },
        // Nothing is looked for, and nothing asked, for a change that was not requested.
        Outcome::Ask { .. }
        | Outcome::AskExtent { .. }
        | Outcome::AskTitle(_)
        | Outcome::AskTime(_)
        | Outcome::AskWithout(_)
        | Outcome::AskUncounted(..)
        | Outcome::AskOrder(..)
            if matches!(mood, Mood::Unreal(_)) =>
        {
            let Mood::Unreal(why) = mood else { return None };
            return Some(Outcome::Respond(Response::NotAsked(why)));
        }
        // "I should buy milk" when that is a task already.
        Outcome::Propose(task) if is_titled(&task.title, cx) => match mood {
            Mood::Unreal(why) => return Some(Outcome::Respond(Response::NotAsked(why))),
            _ => return Some(Outcome::Propose(task)),
        },
        // "I no longer need the milk" names what is to go, although there is none.
        Outcome::Missing(_) if matches!(mood, Mood::Unreal(Unreal::Negated)) && clause.has(DROPPED) => {
            return Some(found);
        }
        Outcome::Missing(_) if matches!(mood, Mood::Unreal(_) | Mood::Done) => return None,
        other => return Some(other),
    };
    let only = match &refused.get()[..] {
        [Action::Complete { ids } | Action::Delete { ids } | Action::Reopen { ids }] => &ids[..],
        [Action::Update { id, .. } | Action::Reschedule { id, .. } | Action::Skip { id }] => std::slice::from_ref(id),
        _ => &[],
    };
    let ask = |question: &str| Some(Outcome::Ask { question: question.to_owned(), choices: only.to_vec() });
    match (mood, &refused.get()[..], only) {
        (Mood::Unreal(Unreal::Unsure), [Action::Delete { .. }], [_]) => ask("Shall I delete this task?"),
        (Mood::Unreal(Unreal::Unsure), [Action::Complete { .. }], [_]) => ask("Shall I mark this task as done?"),
        (Mood::Unreal(Unreal::Unsure), _, [_]) => ask("Shall I change this task?"),
        // "I don't need milk any more" is no command, but it may well mean one.
        (Mood::Unreal(Unreal::Negated | Unreal::Stated), [Action::Delete { .. }], [_])
            if clause.has(&["anymore", "longer", "more", "remind", "go", "need", "want"]) =>
        {
            ask("Shall I delete this task?")
        }
        // "my shopping list needs butter".
        (Mood::Unreal(Unreal::Stated), [Action::Add(task)], _)
            if clause.has(&["needs", "lacks", "missing", "misses"]) =>
        {
            Some(Outcome::Propose(Box::new(task.clone())))
        }
        // "I need to do the laundry today" may be worth a task.
        (Mood::Unreal(Unreal::Intended), [Action::Add(task)], _) => Some(Outcome::Propose(Box::new(task.clone()))),
        (Mood::Unreal(why), ..) => Some(Outcome::Respond(Response::NotAsked(why))),
        (_, [Action::Add(task)], _) => Some(Outcome::Propose(Box::new(task.clone()))),
        _ => Some(Outcome::Respond(Response::NotAsked(Unreal::Intended))),
    }
}

fn read_text(text: &Text, cx: &ReadContext<'_>) -> Reading {
    if text.is_endless() {
        return Reading::Unknown { hint: TOO_LONG.to_owned() };
    }
    match outcome(text, cx) {
        Some(found) => finish(found),
        None => not_asked(text, cx).unwrap_or_else(|| Reading::Unknown { hint: HINT.to_owned() }),
    }
}

/// A sentence about a task of the user that asks for nothing: "I didn't call the dentist".
fn not_asked(text: &Text, cx: &ReadContext<'_>) -> Option<Reading> {
    let all = Clause::new(text, 0, text.len());
    let Mood::Unreal(why) = all.mood else { return None };
    // "don't delete the milk" is about a task, whatever is called so.
    let forbids = why == Unreal::Negated && all.tokens().iter().take(4).any(|token| is_command(&token.word));
    (forbids || names_one(&all, cx)).then_some(Reading::Respond(Response::NotAsked(why)))
}

const TOO_LONG: &str =
    "That is more than I can read at once. Send it in shorter messages, or as a list with one task on each line.";
const HINT: &str = "Try “add buy milk tomorrow at 5pm”, “show my tasks” or “mark task 3 as done”.";

fn finish(outcome: Outcome) -> Reading {
    let ask = |question: String| Reading::Ask { question, choices: Vec::new() };
    match outcome {
        Outcome::Permitted(actions) => Reading::Act(actions),
        // Only actions that a mood has permitted leave the crate.
        Outcome::Act(_) => Reading::Unknown { hint: HINT.to_owned() },
        Outcome::Ask { question, choices } => Reading::Ask { question, choices },
        Outcome::AskExtent { question, id } => Reading::Ask { question, choices: vec![id] },
        Outcome::AskTitle(_) => ask("What should the task be called?".to_owned()),
        Outcome::AskTime(tasks) => ask(times::question(&tasks)),
        Outcome::AskWithout(task) => ask(format!(
            "I can leave out days of the week, but no single date. Shall I add “{}” without that exception?",
            task.title
        )),
        Outcome::AskUncounted(task, words) => ask(format!(
            "I can repeat a task on certain days, such as “every Monday and Thursday”, but not “{words}”. Shall I add “{}” \
             once?",
            task.title
        )),
        Outcome::AskOrder(american, european) => {
            ask(format!("Which day do you mean: {} or {}?", day_of(american), day_of(european)))
        }
        Outcome::Propose(task) => ask(format!("Shall I add “{}” as a task?", task.title)),
        Outcome::Respond(talk) => Reading::Respond(talk),
        Outcome::Missing(what) => Reading::Respond(Response::NoSuchTask { what }),
    }
}

fn day_of(date: Date) -> String {
    date.strftime("%-d %B %Y").to_string()
}

/// "the milk task" is "milk"; "task 3" stays.
fn without_noun<'a>(object: &Clause<'a>) -> Clause<'a> {
    let tokens = object.tokens();
    let n = tokens.len();
    let noun = n > 1 && is_task_noun(&tokens[n - 1].word) && pointer(object).is_none();
    let article = usize::from(n > 1 && tokens[0].is_any(&["the", "my"]) && noun);
    if noun && n - 1 > article { object.part(article, n - 1) } else { *object }
}

/// Turns a resolved reference into an outcome; `verb` completes "Which one shall I …?".
fn on_target(target: Target, verb: &str, act: fn(Vec<TaskId>) -> Vec<Action>) -> Outcome {
    match target {
        Target::Tasks(ids) => Outcome::Act(ids.act(act)),
        unclear => unclear_target(unclear, verb),
    }
}

/// The same for a change to a value.
fn change_target<V>(
    target: Target,
    verb: &str,
    value: &Understood<V>,
    cx: &ReadContext<'_>,
    change: fn(Vec<TaskId>, &V, &ReadContext<'_>) -> Vec<Action>,
) -> Outcome {
    match target {
        Target::Tasks(ids) => Outcome::Act(ids.change(value, cx, change)),
        unclear => unclear_target(unclear, verb),
    }
}

/// The question about a reference that is not clear.
fn unclear_target(target: Target, verb: &str) -> Outcome {
    match target {
        Target::Tasks(ids) => Outcome::Ask { question: "Do you mean these?".to_owned(), choices: ids.get().clone() },
        Target::Doubtful(choices, words) => {
            let which = if choices.len() == 1 { "this one" } else { "these" };
            let request = match verb.split_once(" as ") {
                Some((verb, state)) => format!("{verb} {which} as {state}"),
                None => format!("{verb} {which}"),
            };
            Outcome::Ask { question: format!("I did not understand “{words}”. Shall I {request}?"), choices }
        }
        Target::OneOf(choices) if choices.len() == 1 => {
            Outcome::Ask { question: "Do you mean this one?".to_owned(), choices }
        }
        Target::OneOf(choices) => Outcome::Ask { question: format!("Which one shall I {verb}?"), choices },
        Target::Missing(what) => Outcome::Missing(what),
    }
}
