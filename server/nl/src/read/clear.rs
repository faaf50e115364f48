//! Taking one field of a task away: its reminders, list, labels, date, time, priority, repetition or notes.
//!
//! The verbs are those of a deletion ("remove", "cancel", "take off"), so this is read first: "remove the reminder from the
//! report" leaves the report. A list alone cannot be deleted, since it is there as long as tasks are on it.
//!
//! **Invariant:** a sentence that names a field changes that field only, or nothing.

use crate::action::{Field, Refusal};
use crate::dates::whole;
use crate::grammar::{Captured, Clause, ListName, list_phrase, patterns};
use crate::reference::{ReadContext, Risk, Scope, Target, date_anywhere, pointer, resolve_on};
use crate::text::{Text, listed};
use crate::understood::Understood;
use crate::{Action, Response, work};
use tandem_protocol::TaskId;
use tandem_protocol::enums::Priority;
use tandem_protocol::model::Task;
use tandem_protocol::rest::{DueInput, TaskPatch};

use super::{Outcome, change_target, is_set, reschedule, without_noun};

/// Where the field stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// The field, then the task.
    FieldFirst,
    /// The task, then the field.
    TaskFirst,
    /// The task as the first word of its reminder: "the dentist reminder".
    ReminderOf,
    /// The task that is not to remind any more.
    Unremind,
    /// The field of what was spoken of last.
    FieldAlone,
    /// Off the list that is named.
    OffList,
    /// Off the list that it is on.
    OffItsList,
    DeleteList,
}

patterns! {
    TABLE: Form {
        FieldFirst: "remove|clear|delete|drop|cancel|erase|take|strip|unset|get_rid_of|take_off|take_away|turn_off|switch_off|shut_off|disable|mute|silence [the|my|any|all|all_the|all_my|a] [high|low|medium|urgent|top] reminder|reminders|alarm|alarms|notification|notifications|due_date|due_dates|date|dates|deadline|due|day|time|due_time|time_of_day|priority|repetition|recurrence|repeat|label|labels|tag|tags|list|note|notes|description from|off|off_of|of|for|on *",
        FieldFirst: "no [more] reminder|reminders|alarm|alarms|due_date|date|deadline|due_time|priority|label|labels|list for|on *",
        TaskFirst: "remove|clear|delete|drop|cancel|erase|take|strip|unset|get_rid_of|turn_off|switch_off [the|my] * 's reminder|reminders|alarm|alarms|notification|notifications|due_date|due_dates|date|deadline|time|due_time|priority|repetition|recurrence|label|labels|tag|tags|list|note|notes|description [off|away]",
        FieldFirst: "remove|clear|delete|drop|cancel|erase|take|get_rid_of|take_off|take_away|turn_off|switch_off|shut_off|disable|mute|silence [the|my|any|all|all_the|all_my|a] reminder|reminders|alarm|alarms|notification|notifications about|regarding *",
        ReminderOf: "remove|clear|delete|drop|cancel|erase|get_rid_of|take_off|take_away|turn_off|switch_off|stop [the|my|that] * reminder|alarm|notification",
        ReminderOf: "turn|switch|take [the|my|that] * reminder|alarm|notification off|away",
        Unremind: "stop|quit|don't|do_not|never reminding|remind me|us [to|about|of|for] *",
        Unremind: "stop|quit|don't|do_not|never reminding|remind me|us [to|about|of|for] * anymore|any_more|any_longer|again",
        OffList: "take|remove|get|pull * off|off_of|from|out_of <list>",
        OffItsList: "take|remove|get|pull * off|off_of|from|out_of its list",
        FieldAlone: "remove|clear|delete|drop|cancel|erase|take_off|unset|get_rid_of [the|its|that] due_date|date|deadline|due_time|time|priority|repetition|recurrence|label|labels|tag|tags|note|notes|description",
        DeleteList: "delete|remove|erase|drop|cancel|scrap|get_rid_of <list>",
        DeleteList: "delete|remove|erase|drop|cancel|scrap|get_rid_of [the|my] list [called|named] *",
    }
}

/// Lists of things to buy: what is taken off one is not needed any more.
const SHOPPING: &str = "shopping groceries grocery shop supermarket";

pub(super) fn read(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let (form, captured) = TABLE.best(clause.tokens())?;
    match form {
        Form::DeleteList => delete_list(clause, &captured, cx),
        Form::OffList => {
            let named = captured.list.as_ref().filter(|ListName(name)| {
                let known = name.as_ref().map(|name| cx.known_list(name).unwrap_or(name).to_lowercase());
                known.is_some_and(|name| !name.split(' ').any(|word| listed(SHOPPING, word)))
            })?;
            let field = Understood::read(clause, cx, |_, _| Some(Field::List))?;
            let object = without_noun(&captured.part(clause, 0)?);
            Some(take(resolve_on(&object, Some(named), cx, Scope::Any, Risk::Reversible), &field, cx))
        }
        Form::FieldAlone => {
            let text = Text::new(&format!("{} from it", clause.source()));
            work::deeper(|| read(&Clause::new(&text, 0, text.len()), cx))
        }
        Form::OffItsList => {
            let field = Understood::read(clause, cx, |_, _| Some(Field::List))?;
            Some(take(reschedule::targets(&captured.part(clause, 0)?, cx), &field, cx))
        }
        Form::FieldFirst => {
            let (from, _) = *captured.spans.first()?;
            let words = clause.part(0, from);
            let field = Understood::read(&words, cx, |words, _| field_in(words))?;
            let object = captured.part(clause, 0)?;
            let off = listed("turn switch shut no disable mute silence", words.word(0));
            // "turn off all reminders for work" takes reminders away, from however many tasks, and never these. So does
            // "delete the reminders for work", unless nothing of these tasks could ring.
            let of_set = || {
                let verb =
                    words.longest_start("turn off|switch off|shut off|take off|take away|get rid of").unwrap_or(1);
                let target = reschedule::targets(&clause.part(verb, clause.tokens().len()), cx);
                (off || (rings(&target, cx) && !is_dated(&object, cx))).then(|| take(target, &field, cx))
            };
            // "the reminders from last Friday" are tasks.
            let tasks = whole(&cx.dates_in(&object)).is_some() || list_phrase(object.tokens(), 0).is_some();
            if *field.get() == Field::Reminders && tasks {
                return of_set();
            }
            let of_task = listed("for on of about regarding", words.word(words.tokens().len() - 1));
            if *field.get() == Field::Reminders && of_task {
                // An alarm is never the task.
                let alarm = !words.has(&["reminder", "reminders"]);
                let definite = words.has(&["the", "any", "all"]);
                // "my reminder for lunch on Tuesday" is the task that is due then.
                if !alarm && !off && !definite && is_dated(&object, cx) {
                    return None;
                }
                let named = if alarm || off { Named::OfTask } else { Named::Either };
                reminder(&object, &field, named, cx).or_else(of_set)
            } else {
                Some(take(reschedule::targets(&object, cx), &field, cx))
            }
        }
        Form::ReminderOf => {
            let object = captured.part(clause, 0)?;
            let field = Understood::read(clause, cx, |_, _| Some(Field::Reminders))?;
            // "my 5pm reminder" and "all meeting reminders" are tasks.
            let tasks = is_set(&object) || pointer(&object).is_some() || is_dated(&object, cx);
            let named = if listed("turn switch stop", clause.word(0)) { Named::OfTask } else { Named::Either };
            if tasks { None } else { reminder(&object, &field, named, cx) }
        }
        Form::Unremind => {
            let object = captured.part(clause, 0)?;
            let field = Understood::read(clause, cx, |_, _| Some(Field::Reminders))?;
            if is_dated(&object, cx) { None } else { reminder(&object, &field, Named::Either, cx) }
        }
        Form::TaskFirst => {
            let (from, to) = *captured.spans.first()?;
            // "today's reminders", "all of today's reminders" are those that are due today.
            let day = (from..to).find(|&at| !listed("all of the my any", clause.word(at)))?;
            if whole(&cx.dates_in(&clause.part(day, to))).is_some() {
                return None;
            }
            let field = Understood::read(&clause.part(to, clause.tokens().len()), cx, |words, _| field_in(words))?;
            Some(take(reschedule::targets(&captured.part(clause, 0)?, cx), &field, cx))
        }
    }
}

/// Whether words name a day or a time, wherever it stands.
fn is_dated(object: &Clause<'_>, cx: &ReadContext<'_>) -> bool {
    !date_anywhere(&cx.dates_in(object)).is_empty()
}

/// The field that words name.
fn field_in(words: &Clause<'_>) -> Option<Field> {
    const FIELDS: &[(&str, Field)] = &[
        ("reminder reminders alarm alarms notification notifications", Field::Reminders),
        ("time", Field::Time),
        ("date dates deadline due day", Field::Date),
        ("priority", Field::Priority),
        ("repetition recurrence repeat", Field::Repetition),
        ("label tag", Field::Label),
        ("labels tags", Field::Labels),
        ("list", Field::List),
        ("note notes description", Field::Notes),
    ];
    FIELDS.iter().find(|(names, _)| words.has_listed(names)).map(|(_, field)| *field)
}

/// What "reminder" names where a task has none.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    /// "my reminder for the milk" is what "remind me of the milk" has made, if nothing of the task could ring.
    Either,
    /// "turn off the reminder for the milk".
    OfTask,
}

/// "the reminder for the report" is a reminder of that task, or the task itself when nothing of it could ring. `None` for the
/// task itself, and where it is not clear which task is meant.
fn reminder(object: &Clause<'_>, field: &Understood<Field>, named: Named, cx: &ReadContext<'_>) -> Option<Outcome> {
    if whole(&cx.dates_in(object)).is_some() {
        return None;
    }
    let target = reschedule::targets(object, cx);
    let Target::Tasks(ids) = &target else {
        return (named == Named::OfTask && !matches!(target, Target::Missing(_))).then(|| take(target, field, cx));
    };
    let tasks: Vec<&Task> = ids.get().iter().filter_map(|id| cx.task(*id)).collect();
    match tasks[..] {
        _ if tasks.iter().any(|task| !task.reminders.is_empty()) => Some(take(target, field, cx)),
        [task] if named == Named::Either && task.due.is_none() => None,
        [task] => Some(refused(Refusal::NoReminder { title: task.title.clone() })),
        _ => Some(refused(Refusal::NotSet(Field::Reminders))),
    }
}

/// Whether one of these tasks has a reminder.
fn rings(target: &Target, cx: &ReadContext<'_>) -> bool {
    let Target::Tasks(ids) = target else { return false };
    ids.get().iter().any(|id| cx.task(*id).is_some_and(|task| !task.reminders.is_empty()))
}

/// Clears a field of the tasks that have it; when none has, says so.
fn take(target: Target, field: &Understood<Field>, cx: &ReadContext<'_>) -> Outcome {
    let several = |id: &TaskId| cx.task(*id).is_some_and(|task| task.labels.len() > 1);
    if let Target::Tasks(ids) = &target
        && *field.get() == Field::Label
        && ids.get().iter().any(several)
    {
        return refused(Refusal::WhichLabel);
    }
    let found = change_target(target, "change", field, cx, |ids, field, cx| {
        ids.into_iter().filter_map(|id| cleared(cx.task(id)?, *field)).collect()
    });
    match found {
        Outcome::Act(actions) if actions.get().is_empty() => refused(Refusal::NotSet(*field.get())),
        found => found,
    }
}

fn refused(why: Refusal) -> Outcome {
    Outcome::Respond(Response::Refused(why))
}

/// The change that clears a field of a task; `None` when it is clear already.
fn cleared(task: &Task, field: Field) -> Option<Action> {
    let none = TaskPatch::default();
    let update = |patch| Action::Update { id: task.id, patch, add_labels: Vec::new(), remove_labels: Vec::new() };
    let change = |patch, series| Action::Reschedule { id: task.id, patch, series };
    match field {
        Field::Reminders => {
            (!task.reminders.is_empty()).then(|| update(TaskPatch { reminders: Some(Vec::new()), ..none }))
        }
        Field::Date => task.due.as_ref().map(|_| change(TaskPatch { due: Some(None), ..none }, false)),
        // A reschedule keeps the time of day, so this is an update.
        Field::Time => {
            let due = task.due.as_ref().filter(|due| due.time.is_some())?;
            Some(update(TaskPatch { due: Some(Some(DueInput::on(due.date))), ..none }))
        }
        Field::Priority => {
            (task.priority != Priority::None).then(|| update(TaskPatch { priority: Some(Priority::None), ..none }))
        }
        Field::Repetition => {
            task.recurrence.as_ref().map(|_| change(TaskPatch { recurrence: Some(None), ..none }, true))
        }
        Field::Label | Field::Labels => (!task.labels.is_empty()).then(|| Action::Update {
            id: task.id,
            patch: none,
            add_labels: Vec::new(),
            remove_labels: task.labels.clone(),
        }),
        Field::List => task.list.as_ref().map(|_| update(TaskPatch { list: Some(None), ..none })),
        Field::Notes => {
            (!task.description.is_empty()).then(|| update(TaskPatch { description: Some(String::new()), ..none }))
        }
    }
}

/// "delete the Office list": the tasks on it were not named.
fn delete_list(clause: &Clause<'_>, captured: &Captured, cx: &ReadContext<'_>) -> Option<Outcome> {
    let name = captured.list_name().or_else(|| Some(captured.part(clause, 0)?.source().to_owned()))?;
    let list = cx.known_list(&name)?.clone();
    Some(refused(Refusal::DeleteList(list)))
}
