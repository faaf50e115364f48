//! Changes to a task: title, priority, labels, list, description.
//!
//! "change X to Y" is the hard one, because Y decides which field changes: a priority, a recurrence, a date, else a title.
//! A title in quotes is taken as it is.

use crate::action::Refusal;
use crate::dates::{Draft, find_all};
use crate::grammar::{Clause, ListName, list_phrase, patterns};
use crate::reference::{Pointer, ReadContext, Risk, Scope, Target, pointer, resolve, resolve_on};
use crate::text::{Kind, Text, listed};
use crate::title::finish;
use crate::understood::Understood;
use crate::{Action, Response};
use tandem_protocol::TaskId;
use tandem_protocol::enums::Priority;
use tandem_protocol::rest::TaskPatch;

use super::label::{label, label_after};
use super::priority::{named_priority, priority_in, set_priority, step_priority};
use super::{Outcome, change_target, is_set, on_target, reschedule, series, set_or_each, without_noun};

/// What is to change; the first `*` is the task, the second the new value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FieldChange {
    Rename,
    /// "change … to …": the new value decides what changes.
    Anything,
    Priority,
    /// The value stands first.
    PriorityBefore,
    /// The value stands after the task.
    PriorityFirst,
    High,
    Raise,
    Lower,
    LabelLast,
    /// The task, then the label, with nothing between them.
    LabelBare,
    LabelFirst,
    Unlabel,
    List,
    /// Another name takes the place of one in the title.
    Swap,
    /// The last `*` is the name of a list.
    MoveList,
    Describe,
}

patterns! {
    TABLE: FieldChange {
        Rename: "rename|retitle * to|as|into *",
        Rename: "change|update|edit|set [the] title|name|text|wording of|for|on * to|as|into *",
        Anything: "change|update|edit|modify|turn|correct * to|into *",
        Anything: "change|update|edit|modify * : *",
        Swap: "swap|replace|exchange|substitute|switch|change [out] * with|for|by|to * on|in <list>",
        Swap: "replace|swap|exchange|substitute [out] * with|for|by *",
        MoveList: "move|transfer * from [list] * to *",
        MoveList: "change|set|update [the] list of|for|on * to *",
        Priority: "change|set|update|make [the] priority of|for|on * to|as *",
        Priority: "set|change * priority to|as *",
        PriorityFirst: "make|mark|set|flag|change * [as|to] [a] [top] high|low|medium|urgent|important|critical|normal|p_1|p_2|p_3|p_4 [priority]",
        PriorityBefore: "add|give|set|put|assign [a|the] [very] high|low|medium|urgent|top|normal priority to|on|for *",
        PriorityFirst: "bump|raise|move|put|turn|set * to [a] [top] high|low|medium|urgent|important|critical|normal [priority]",
        PriorityFirst: "give * [a] high|low|medium|urgent|top [priority]",
        PriorityFirst: "* is|are|has|gets [now|really|very] [a] high|low|medium|urgent|important|critical [priority]",
        High: "prioritize|prioritise *",
        High: "make|set|mark * [as|to|a|my] [the] top|first|highest priority",
        Raise: "raise|increase|up|bump [the] priority of|for|on *",
        Lower: "lower|decrease|reduce|drop [the] priority of|for|on *",
        Lower: "deprioritize|deprioritise *",
        LabelLast: "label|tag * as|with [label|tag|#] *",
        LabelLast: "label|tag * # *",
        LabelBare: "label|tag *",
        LabelFirst: "add|put|attach|apply|give [the|a] label|tag|labels|tags [#] * to|on|for *",
        LabelFirst: "add|put|attach # * to|on *",
        LabelFirst: "add|put|attach [the] * label|tag to|on *",
        Unlabel: "remove|delete|drop|take|clear [the] label|tag [#] * from|off *",
        Unlabel: "remove|delete|drop|take [the] * label|tag from|off *",
        Unlabel: "remove|delete|drop|take # * from|off *",
        List: "move|transfer|put|add|file|send * to|on|in|into|onto|under <list>",
        Describe: "add|set|write|put|attach [a|the] note|description|comment|details to|for|on|of * : *",
        Describe: "change|update|set|edit [the] description|note|notes of|for|on * to *",
    }
}

pub(super) fn read(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    if let Some(renamed) = called(clause, cx) {
        return Some(renamed);
    }
    let (change, captured) = TABLE.best(clause.tokens())?;
    let part = |at: usize| captured.part(clause, at);
    let it = Text::new("it");
    let first = part(0)?;
    // "change the priority to high" is about the newest task.
    let newest = change == FieldChange::Priority && first.tokens().iter().all(|token| token.is_any(&["the", "its"]));
    let first = if newest { Clause::new(&it, 0, 1) } else { first };
    // "add a label to the report" does not say which.
    let nameless = matches!(change, FieldChange::LabelFirst | FieldChange::LabelLast)
        && first.tokens().iter().all(|token| listed("a an the another some new", &token.word));
    if nameless {
        return Some(Outcome::Respond(Response::Incomplete { example: "label the report as work" }));
    }
    // A date is the new value of "change … to …", not when it applies.
    if change != FieldChange::Anything {
        let target = resolve(&without_noun(&first), cx, Scope::Open, Risk::Reversible);
        if let Some(refused) = series::whole_series(clause, &target, cx) {
            return Some(refused);
        }
    }
    match change {
        FieldChange::Anything => anything(clause, cx),
        FieldChange::Rename => Some(update(&first, cx, &title(&part(1)?, cx)?)),
        FieldChange::Priority => set_priority(&first, cx, &Understood::read(&part(1)?, cx, priority_in)?, true),
        FieldChange::PriorityBefore => {
            let value = clause.part(0, first.from - clause.from);
            set_priority(&first, cx, &Understood::read(&value, cx, |value, _| named_priority(value))?, true)
        }
        FieldChange::PriorityFirst => {
            // "the milk is urgent" states something; only a command has to find its task.
            let statement = matches!(clause.word(first.tokens().len()), "is" | "are" | "has" | "gets");
            let value = clause.part(first.to - clause.from, clause.tokens().len());
            set_priority(&first, cx, &Understood::read(&value, cx, |value, _| named_priority(value))?, !statement)
        }
        FieldChange::High => {
            set_priority(&first, cx, &Understood::read(clause, cx, |_, _| Some(Priority::High))?, true)
        }
        FieldChange::Raise => step_priority(&first, cx, &Understood::read(clause, cx, |_, _| Some(true))?),
        FieldChange::Lower => step_priority(&first, cx, &Understood::read(clause, cx, |_, _| Some(false))?),
        FieldChange::LabelLast => label(&part(1)?, &first, cx, true),
        FieldChange::LabelBare => label_after(&first, cx),
        FieldChange::LabelFirst => label(&first, &part(1)?, cx, true),
        FieldChange::Unlabel => label(&first, &part(1)?, cx, false),
        FieldChange::Swap => swap(&first, &part(1)?, captured.list.as_ref(), cx),
        FieldChange::MoveList => {
            let name = captured.spans.last().map(|(from, to)| clause.part(*from, *to))?;
            // Only to a list that there is: "move the meeting from Monday to Friday" is about days.
            let patch = Understood::read(&name, cx, |name, cx| {
                let list = Some(Some(cx.known_list(name.source())?.clone()));
                Some(TaskPatch { list, ..TaskPatch::default() })
            })?;
            Some(update(&first, cx, &patch))
        }
        FieldChange::List => move_to(clause, &first, captured.list.as_ref()?, cx),
        FieldChange::Describe => {
            let patch = Understood::read(&part(1)?, cx, |text, _| {
                let description = Some(text.source().trim_matches(['"', '\'']).to_owned());
                Some(TaskPatch { description, ..TaskPatch::default() })
            })?;
            Some(update(&first, cx, &patch))
        }
    }
}

/// After "add …" in the same message, "make it urgent" is about a task that has no id yet: nothing is guessed.
pub(super) fn new_task(clause: &Clause<'_>) -> Option<Outcome> {
    let about_it = clause.tokens().iter().any(|token| token.is_any(&["it", "that", "them"]));
    let changes = matches!(
        clause.word(0),
        "make" | "set" | "mark" | "label" | "tag" | "rename" | "change" | "move" | "prioritize"
    );
    (about_it && changes).then(|| Outcome::Missing(clause.source().to_owned()))
}

fn update(object: &Clause<'_>, cx: &ReadContext<'_>, patch: &Understood<TaskPatch>) -> Outcome {
    let target = resolve(&without_noun(object), cx, Scope::Any, Risk::Reversible);
    change_target(target, "change", patch, cx, |ids, patch, _| {
        let update =
            |id| Action::Update { id, patch: patch.clone(), add_labels: Vec::new(), remove_labels: Vec::new() };
        ids.into_iter().map(update).collect()
    })
}

/// `call the report "Q4 report"`, "call task 3 groceries": another title, in quotes or for a task that is pointed at.
fn called(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let n = clause.tokens().len();
    if !listed("call name title", clause.word(0)) || n < 3 {
        return None;
    }
    let quoted = clause.tokens()[n - 1].kind == Kind::Quoted;
    let numbered = |at: &usize| matches!(pointer(&clause.part(1, *at)), Some(Pointer::Numbers(..)));
    let at = if quoted { n - 1 } else { (2..n).rev().find(numbered)? };
    let object = clause.part(1, at);
    let known = matches!(resolve(&object, cx, Scope::Any, Risk::Reversible), Target::Tasks(_) | Target::OneOf(_));
    if known { Some(update(&object, cx, &title(&clause.part(at, n), cx)?)) } else { None }
}

/// All words of a part as a new title.
fn title(part: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Understood<TaskPatch>> {
    Understood::read(part, cx, |part, _| Some(TaskPatch { title: Some(finish(part.source())), ..TaskPatch::default() }))
}

/// Places at which a new value may begin; a sentence has one or two.
const MAX_JOINTS: usize = 6;

/// Words of the longest value that begins with a number and is taken for a field.
const MAX_FIELD: usize = 3;

/// "change … to …": where the new value begins, and what it is.
fn anything(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let tokens = clause.tokens();
    let joints: Vec<usize> = (2..tokens.len().saturating_sub(1))
        .filter(|&i| tokens[i].is_any(&["to", "into", ":"]))
        .take(MAX_JOINTS)
        .collect();
    let it = Text::new("it");
    let subject = |joint: usize| {
        let object = clause.part(1, joint);
        // "change the time to 7" is about the newest task.
        if object.tokens().iter().all(|token| listed("the its date time day due deadline", &token.word)) {
            return Clause::new(&it, 0, 1);
        }
        // "the due date of X" and "the date for X" name the field, then the task.
        let field = (0..object.tokens().len())
            .take(4)
            .find(|&i| object.tokens()[i].is_any(&["date", "time", "deadline", "due", "priority", "day"]));
        match field
            .and_then(|i| (i..object.tokens().len()).take(3).find(|&j| object.tokens()[j].is_any(&["of", "for", "on"])))
        {
            Some(of) if of + 1 < object.tokens().len() => object.part(of + 1, object.tokens().len()),
            _ => object,
        }
    };
    // From the right: the new value is short, and a title may contain "to" ("change talk to Ann to Friday").
    for &joint in joints.iter().rev() {
        let value = clause.part(joint + 1, tokens.len());
        let quoted = value.tokens().len() == 1 && value.tokens()[0].kind == Kind::Quoted;
        if quoted {
            return Some(update(&subject(joint), cx, &title(&value, cx)?));
        }
        // "high" and "every day" would also be titles, so the specific readings come first.
        if let Some(priority) = Understood::read(&value, cx, priority_in) {
            return set_priority(&subject(joint), cx, &priority, true);
        }
        if let Some((ListName(Some(_)), next)) = list_phrase(value.tokens(), 0)
            && next == value.tokens().len()
        {
            let name = list_phrase(value.tokens(), 0)?.0;
            return Some(onto(&subject(joint), &Understood::list(&name, cx)?, cx));
        }
        let there_is = |date: &Understood<Draft>| date.get().resolve(cx.context.now.datetime()).is_some();
        if let Some(date) = Understood::date(&cx.dates_in(&value)).filter(there_is) {
            return Some(reschedule::on_date(clause, &subject(joint), date, cx));
        }
        // "to 8:15" has a mark that is no joint.
        if let Some(time) = Understood::bare_time(&value, cx).filter(|_| !tokens[joint].is(":")) {
            return Some(reschedule::on_date(clause, &subject(joint), time, cx));
        }
        if let Some((date, condition)) = date_with_condition(&value, cx) {
            if cx.chosen.is_some() {
                return Some(reschedule::on_date(clause, &subject(joint), date, cx));
            }
            let target = resolve(&without_noun(&subject(joint)), cx, Scope::Any, Risk::Reversible);
            return Some(on_target(target.doubted(&condition), "move", |_| Vec::new()));
        }
    }
    // An amount or a number is no title: "change it to 6 or so", "change it to 30 minutes".
    let joint = *joints.iter().rfind(|&&joint| !tokens[joint].is(":")).or(joints.last())?;
    let last = clause.part(joint + 1, tokens.len());
    if last.word(0).starts_with(|c: char| c.is_ascii_digit()) && last.tokens().len() <= MAX_FIELD {
        let target = resolve(&without_noun(&subject(joint)), cx, Scope::Any, Risk::Reversible);
        return Some(match target {
            Target::Tasks(_) => Outcome::Respond(Response::Refused(Refusal::WhichField(last.source().to_owned()))),
            unclear => on_target(unclear, "change", |_| Vec::new()),
        });
    }
    // What is left is a new title. The first joint that leaves a known task before it separates old from new.
    let joint = *joints.iter().find(|&&joint| {
        matches!(resolve(&without_noun(&clause.part(1, joint)), cx, Scope::Any, Risk::Reversible), Target::Tasks(_))
    })?;
    Some(update(&clause.part(1, joint), cx, &title(&clause.part(joint + 1, tokens.len()), cx)?))
}

/// "Friday if it rains": a date with something after it that is no part of it, and no title either.
fn date_with_condition(value: &Clause<'_>, cx: &ReadContext<'_>) -> Option<(Understood<Draft>, String)> {
    let mention = find_all(&cx.dates_in(value)).into_iter().find(|mention| mention.start == 0)?;
    let rest = value.part(mention.end, value.tokens().len());
    let condition = matches!(rest.word(0), "if" | "unless" | "when" | "for" | "because" | "after" | "once");
    condition.then(|| (Understood::mention(&mention), rest.source().to_owned()))
}

/// "swap milk for cream on my list": the words of the title that were named are replaced, or all of it.
fn swap(old: &Clause<'_>, new: &Clause<'_>, list: Option<&ListName>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let target = resolve_on(&without_noun(old), list, cx, Scope::Open, Risk::Reversible);
    if let (Target::Missing(_), None) = (&target, list) {
        return None;
    }
    let words = |part: &Clause<'_>| Understood::read(part, cx, |part, _| Some(part.source().to_owned()));
    let names = words(old)?.with(words(new)?);
    Some(change_target(target, "change", &names, cx, |ids, (old, new), cx| {
        let update = |id: TaskId| {
            let title = cx.task(id).map(|task| swapped(&task.title, old, new));
            let patch = TaskPatch { title, ..TaskPatch::default() };
            Action::Update { id, patch, add_labels: Vec::new(), remove_labels: Vec::new() }
        };
        ids.into_iter().map(update).collect()
    }))
}

/// A title with some of its words replaced, or the new words alone when the old ones do not stand in it so.
fn swapped(title: &str, old: &str, new: &str) -> String {
    let at = title.to_lowercase().find(&old.to_lowercase());
    let around = at.and_then(|at| Some((title.get(..at)?, title.get(at + old.len()..)?)));
    finish(&around.map_or_else(|| new.to_owned(), |(before, after)| format!("{before}{new}{after}")))
}

/// "move … to the … list"; "put" and "add" only for tasks that are pointed at, since "put milk on my list" is a new one.
fn move_to(clause: &Clause<'_>, object: &Clause<'_>, list: &ListName, cx: &ReadContext<'_>) -> Option<Outcome> {
    let moves = matches!(clause.word(0), "move" | "transfer" | "file");
    if !moves && pointer(object).is_none() && !is_set(object) {
        return None;
    }
    Some(onto(object, &Understood::list(list, cx)?, cx))
}

/// Moves a task to a list.
#[expect(clippy::option_option, reason = "a patch has three cases: absent, none, a value")]
fn onto(object: &Clause<'_>, list: &Understood<Option<Option<String>>>, cx: &ReadContext<'_>) -> Outcome {
    change_target(set_or_each(object, cx), "change", list, cx, |ids, list, _| {
        let patch = TaskPatch { list: list.clone(), ..TaskPatch::default() };
        let update =
            |id| Action::Update { id, patch: patch.clone(), add_labels: Vec::new(), remove_labels: Vec::new() };
        ids.into_iter().map(update).collect()
    })
}
