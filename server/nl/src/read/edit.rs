//! Changes to a task: title, priority, labels, list, description.
//!
//! "change X to Y" is the hard one, because Y decides which field changes: a priority, a recurrence, a date, else a title.
//! A title in quotes is taken as it is.

use crate::Action;
use crate::dates::{Draft, find_all, whole};
use crate::grammar::{Clause, ListName, patterns};
use crate::quick_add::{priority_digit, priority_word};
use crate::reference::{ReadContext, Risk, Scope, Target, pointer, resolve, resolve_on};
use crate::text::Kind;
use crate::title::finish;
use tandem_protocol::TaskId;
use tandem_protocol::enums::{Priority, WireEnum as _};
use tandem_protocol::rest::TaskPatch;

use super::{Outcome, on_target, reschedule, without_noun};

/// What is to change; the first `*` is the task, the second the new value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FieldChange {
    Rename,
    /// "change … to …": the new value decides what changes.
    Anything,
    Priority,
    /// The value stands first.
    PriorityFirst,
    High,
    NoPriority,
    Raise,
    Lower,
    LabelLast,
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
        PriorityFirst: "give * [a] high|low|medium|urgent|top [priority]",
        PriorityFirst: "* is|are|has|gets [now|really|very] [a] high|low|medium|urgent|important|critical [priority]",
        High: "prioritize|prioritise *",
        High: "make|set|mark * [as|to|a|my] [the] top|first|highest priority",
        Raise: "raise|increase|up|bump [the] priority of|for|on *",
        Lower: "lower|decrease|reduce|drop [the] priority of|for|on *",
        NoPriority: "remove|clear|drop [the] priority from|of|for|on *",
        Lower: "deprioritize|deprioritise *",
        LabelLast: "label|tag * as|with [label|tag|#] *",
        LabelLast: "label|tag * # *",
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
    let (change, captured) = TABLE.best(clause.tokens())?;
    let part = |at: usize| captured.part(clause, at);
    let first = part(0)?;
    match change {
        FieldChange::Anything => anything(clause, cx),
        FieldChange::Rename => {
            let title = finish(part(1)?.source());
            Some(update(&first, cx, &TaskPatch { title: Some(title), ..TaskPatch::default() }))
        }
        FieldChange::Priority => set_priority(&first, cx, priority_in(part(1)?.source())?, true),
        FieldChange::PriorityFirst => {
            // "the milk is urgent" states something; only a command has to find its task.
            let statement = matches!(clause.word(first.tokens().len()), "is" | "are" | "has" | "gets");
            let value = clause.tokens()[first.to - clause.from..]
                .iter()
                .find_map(|token| priority_word(&token.word).or_else(|| priority_digit(&token.word)))?;
            set_priority(&first, cx, value, !statement)
        }
        FieldChange::High => set_priority(&first, cx, Priority::High, true),
        FieldChange::NoPriority => set_priority(&first, cx, Priority::None, true),
        FieldChange::Raise | FieldChange::Lower => step_priority(&first, cx, change == FieldChange::Raise),
        FieldChange::LabelLast => label(&part(1)?, &first, cx, true),
        FieldChange::LabelFirst => label(&first, &part(1)?, cx, true),
        FieldChange::Unlabel => label(&first, &part(1)?, cx, false),
        FieldChange::Swap => swap(&first, &part(1)?, captured.list.as_ref(), cx),
        FieldChange::MoveList => {
            let name = captured.spans.last().map(|(from, to)| clause.part(*from, *to))?;
            // Only to a list that there is: "move the meeting from Monday to Friday" is about days.
            let list = Some(Some(cx.known_list(name.source())?.clone()));
            Some(update(&first, cx, &TaskPatch { list, ..TaskPatch::default() }))
        }
        FieldChange::List => move_to(clause, &first, captured.list?, cx),
        FieldChange::Describe => {
            let description = Some(part(1)?.source().trim_matches(['"', '\'']).to_owned());
            Some(update(&first, cx, &TaskPatch { description, ..TaskPatch::default() }))
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

fn update(object: &Clause<'_>, cx: &ReadContext<'_>, patch: &TaskPatch) -> Outcome {
    let update = |id| Action::Update { id, patch: patch.clone(), add_labels: Vec::new(), remove_labels: Vec::new() };
    each_task(object, cx, update)
}

fn each_task(object: &Clause<'_>, cx: &ReadContext<'_>, act: impl Fn(TaskId) -> Action) -> Outcome {
    let target = resolve(&without_noun(object), cx, Scope::Any, Risk::Reversible);
    on_target(target, "change", |ids| ids.into_iter().map(act).collect())
}

/// "change … to …": where the new value begins, and what it is.
fn anything(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let tokens = clause.tokens();
    let joints: Vec<usize> =
        (2..tokens.len().saturating_sub(1)).filter(|&i| tokens[i].is_any(&["to", "into", ":"])).collect();
    let subject = |joint: usize| {
        let object = clause.part(1, joint);
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
            let title = Some(finish(value.source()));
            return Some(update(&subject(joint), cx, &TaskPatch { title, ..TaskPatch::default() }));
        }
        // "high" and "every day" would also be titles, so the specific readings come first.
        if let Some(priority) = priority_in(value.source()) {
            return set_priority(&subject(joint), cx, priority, true);
        }
        if let Some(draft) = whole(&cx.dates_in(&value)).filter(|d| d.resolve(cx.context.now.datetime()).is_some()) {
            return Some(reschedule::on_date(clause, &subject(joint), &draft, cx));
        }
        if let Some((draft, condition)) = date_with_condition(&value, cx) {
            if cx.chosen.is_some() {
                return Some(reschedule::on_date(clause, &subject(joint), &draft, cx));
            }
            let target = resolve(&without_noun(&subject(joint)), cx, Scope::Any, Risk::Reversible);
            return Some(on_target(target.doubted(&condition), "move", |_| Vec::new()));
        }
    }
    // What is left is a new title. The first joint that leaves a known task before it separates old from new.
    let joint = *joints.iter().find(|&&joint| {
        matches!(resolve(&without_noun(&clause.part(1, joint)), cx, Scope::Any, Risk::Reversible), Target::Tasks(_))
    })?;
    let title = Some(finish(clause.part(joint + 1, tokens.len()).source()));
    Some(update(&clause.part(1, joint), cx, &TaskPatch { title, ..TaskPatch::default() }))
}

/// "Friday if it rains": a date with something after it that is no part of it, and no title either.
fn date_with_condition(value: &Clause<'_>, cx: &ReadContext<'_>) -> Option<(Draft, String)> {
    let mention = find_all(&cx.dates_in(value)).into_iter().find(|mention| mention.start == 0)?;
    let rest = value.part(mention.end, value.tokens().len());
    let condition = matches!(rest.word(0), "if" | "unless" | "when" | "for" | "because" | "after" | "once");
    condition.then(|| (mention.draft, rest.source().to_owned()))
}

/// "swap milk for cream on my list": the words of the title that were named are replaced, or all of it.
fn swap(old: &Clause<'_>, new: &Clause<'_>, list: Option<&ListName>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let target = resolve_on(&without_noun(old), list, cx, Scope::Open, Risk::Reversible);
    if let (Target::Missing(_), None) = (&target, list) {
        return None;
    }
    let title = |id: TaskId| {
        let task = cx.task(id)?;
        let (own, words) = (task.title.to_lowercase(), old.source().to_lowercase());
        let at = own.find(&words).filter(|at| task.title.is_char_boundary(*at));
        let replaced = at.and_then(|at| Some((task.title.get(..at)?, task.title.get(at + words.len()..)?)));
        Some(finish(&match replaced {
            Some((before, after)) => format!("{before}{}{after}", new.source()),
            None => new.source().to_owned(),
        }))
    };
    Some(on_target(target, "change", |ids| {
        let update = |id: TaskId| {
            let patch = TaskPatch { title: title(id), ..TaskPatch::default() };
            Action::Update { id, patch, add_labels: Vec::new(), remove_labels: Vec::new() }
        };
        ids.into_iter().map(update).collect()
    }))
}

/// "high", "high priority", "p1", "urgent".
fn priority_in(text: &str) -> Option<Priority> {
    let words: Vec<String> = text
        .to_lowercase()
        .split([' ', '-'])
        .filter(|w| !matches!(*w, "priority" | "a" | "very" | "top"))
        .map(str::to_owned)
        .collect();
    match &words[..] {
        [word] => priority_word(word).or_else(|| priority_digit(word.strip_prefix('p')?)),
        _ => None,
    }
}

fn set_priority(object: &Clause<'_>, cx: &ReadContext<'_>, priority: Priority, sure: bool) -> Option<Outcome> {
    match update(object, cx, &TaskPatch { priority: Some(priority), ..TaskPatch::default() }) {
        Outcome::Act(actions) => Some(Outcome::Act(actions)),
        // "the door is important" need not be about a task at all.
        _ if !sure => None,
        other => Some(other),
    }
}

fn step_priority(object: &Clause<'_>, cx: &ReadContext<'_>, up: bool) -> Option<Outcome> {
    let target = resolve(&without_noun(object), cx, Scope::Open, Risk::Reversible);
    let next = |id: &TaskId| {
        let task = cx.task(*id)?;
        let at = Priority::ALL.iter().position(|step| *step == task.priority)?;
        Priority::ALL.get(if up { at + 1 } else { at.checked_sub(1)? }).copied()
    };
    let found = on_target(target, "change", |ids| {
        let step = |id: TaskId| {
            let patch = TaskPatch { priority: Some(next(&id)?), ..TaskPatch::default() };
            Some(Action::Update { id, patch, add_labels: Vec::new(), remove_labels: Vec::new() })
        };
        ids.into_iter().filter_map(step).collect()
    });
    // A task of the highest priority cannot be raised.
    (!matches!(&found, Outcome::Act(actions) if actions.get().is_empty())).then_some(found)
}

fn label(name: &Clause<'_>, object: &Clause<'_>, cx: &ReadContext<'_>, on: bool) -> Option<Outcome> {
    let label = name.source().trim_matches(['"', '\'', '#']).trim().to_owned();
    // Labels are short; a longer capture is a sentence about something else.
    if label.is_empty() || name.tokens().len() > 3 {
        return None;
    }
    let (add_labels, remove_labels) = if on { (vec![label], Vec::new()) } else { (Vec::new(), vec![label]) };
    Some(each_task(object, cx, |id| {
        let (add_labels, remove_labels) = (add_labels.clone(), remove_labels.clone());
        Action::Update { id, patch: TaskPatch::default(), add_labels, remove_labels }
    }))
}

/// "move … to the … list"; "put" and "add" only for tasks that are pointed at, since "put milk on my list" is a new one.
fn move_to(clause: &Clause<'_>, object: &Clause<'_>, list: ListName, cx: &ReadContext<'_>) -> Option<Outcome> {
    let moves = matches!(clause.word(0), "move" | "transfer" | "file");
    let ListName(Some(name)) = list else { return None };
    if !moves && pointer(object).is_none() {
        return None;
    }
    let list = Some(Some(cx.known_list(&name).cloned().unwrap_or(name)));
    Some(update(object, cx, &TaskPatch { list, ..TaskPatch::default() }))
}
