//! Changes to a task: title, priority, labels, list, description.

use std::sync::LazyLock;

use crate::grammar::{Clause, ListName, Table};
use crate::quick_add::{priority_digit, priority_word};
use crate::reference::{Care, Mind, Scope, Target, pointer, resolve};
use crate::text::Kind;
use crate::title::finish;
use crate::when::{parse_due, parse_recurrence};
use crate::{Action, Changes, Edit, Priority};

use super::reschedule::{self, Plan};
use super::{Outcome, on_target};

/// What is to change; the first `*` is the task, the second the new value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Rename,
    /// "change … to …": the new value says what changes.
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
    Describe,
}

static TABLE: LazyLock<Table<Change>> = LazyLock::new(|| Table::new(ROWS));

const ROWS: &[(&str, Change)] = &[
    ("rename|retitle * to|as|into *", Change::Rename),
    ("change|update|edit|set [the] title|name|text|wording of|for|on * to|as|into *", Change::Rename),
    ("change|update|edit|modify|turn|correct * to|into *", Change::Anything),
    ("change|update|edit|modify * : *", Change::Anything),
    ("change|set|update|make [the] priority of|for|on * to|as *", Change::Priority),
    ("set|change * priority to|as *", Change::Priority),
    (
        "make|mark|set|flag|change * [as|to] [a] [top] high|low|medium|urgent|important|critical|normal|p_1|p_2|p_3|p_4 [priority]",
        Change::PriorityFirst,
    ),
    ("give * [a] high|low|medium|urgent|top [priority]", Change::PriorityFirst),
    (
        "* is|are|has|gets [now|really|very] [a] high|low|medium|urgent|important|critical [priority]",
        Change::PriorityFirst,
    ),
    ("prioritize|prioritise *", Change::High),
    ("make|set|mark * [as|to|a|my] [the] top|first|highest priority", Change::High),
    ("raise|increase|up|bump [the] priority of|for|on *", Change::Raise),
    ("lower|decrease|reduce|drop [the] priority of|for|on *", Change::Lower),
    ("remove|clear|drop [the] priority from|of|for|on *", Change::NoPriority),
    ("deprioritize|deprioritise *", Change::Lower),
    ("label|tag * as|with [label|tag|#] *", Change::LabelLast),
    ("label|tag * # *", Change::LabelLast),
    ("add|put|attach|apply|give [the|a] label|tag|labels|tags [#] * to|on|for *", Change::LabelFirst),
    ("add|put|attach # * to|on *", Change::LabelFirst),
    ("add|put|attach [the] * label|tag to|on *", Change::LabelFirst),
    ("remove|delete|drop|take|clear [the] label|tag [#] * from|off *", Change::Unlabel),
    ("remove|delete|drop|take [the] * label|tag from|off *", Change::Unlabel),
    ("remove|delete|drop|take # * from|off *", Change::Unlabel),
    ("move|transfer|put|add|file|send * to|on|in|into|onto|under <list>", Change::List),
    ("add|set|write|put|attach [a|the] note|description|comment|details to|for|on|of * : *", Change::Describe),
    ("change|update|set|edit [the] description|note|notes of|for|on * to *", Change::Describe),
];

/// Reads a change.
pub(super) fn read(clause: &Clause<'_>, mind: &Mind<'_>) -> Option<Outcome> {
    let (change, captured) = TABLE.best(clause.tokens())?;
    let part = |i: usize| captured.spans.get(i).map(|(from, to)| clause.part(*from, *to));
    let first = part(0)?;
    match change {
        Change::Anything => anything(clause, mind),
        Change::Rename => {
            let title = finish(part(1)?.source());
            Some(update(&first, mind, &Changes { title: Some(title), ..Changes::default() }))
        }
        Change::Priority => set_priority(&first, mind, priority_in(part(1)?.source())?, true),
        Change::PriorityFirst => {
            let statement = matches!(clause.word(first.tokens().len()), "is" | "are" | "has" | "gets");
            let value = clause.tokens()[first.to - clause.from..]
                .iter()
                .find_map(|token| priority_word(&token.word).or_else(|| priority_digit(&token.word)))?;
            set_priority(&first, mind, value, !statement)
        }
        Change::High => set_priority(&first, mind, Priority::High, true),
        Change::NoPriority => set_priority(&first, mind, Priority::None, true),
        Change::Raise | Change::Lower => step_priority(&first, mind, change == Change::Raise),
        Change::LabelLast => label(&part(1)?, &first, mind, true),
        Change::LabelFirst => label(&first, &part(1)?, mind, true),
        Change::Unlabel => label(&first, &part(1)?, mind, false),
        Change::List => move_to(clause, &first, captured.list?, mind),
        Change::Describe => {
            let description = Some(part(1)?.source().trim_matches(['"', '\'']).to_owned());
            Some(update(&first, mind, &Changes { description, ..Changes::default() }))
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

fn update(object: &Clause<'_>, mind: &Mind<'_>, changes: &Changes) -> Outcome {
    let target = resolve(&without_noun(object), mind, Scope::Any, Care::Usual);
    on_target(target, "change", |ids| {
        ids.into_iter().map(|id| Action::Update { id, changes: changes.clone() }).collect()
    })
}

/// "the milk task" is "milk"; "task 3" stays.
pub(super) fn without_noun<'a>(object: &Clause<'a>) -> Clause<'a> {
    let tokens = object.tokens();
    let n = tokens.len();
    let noun = n > 1 && crate::grammar::is_task_noun(&tokens[n - 1].word) && pointer(object).is_none();
    let article = usize::from(n > 1 && tokens[0].is_any(&["the", "my"]) && noun);
    if noun && n - 1 > article { object.part(article, n - 1) } else { *object }
}

/// "change … to …": where the new value begins, and what it is.
fn anything(clause: &Clause<'_>, mind: &Mind<'_>) -> Option<Outcome> {
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
    for &joint in joints.iter().rev() {
        let value = clause.part(joint + 1, tokens.len());
        let quoted = value.tokens().len() == 1 && value.tokens()[0].kind == Kind::Quoted;
        if quoted {
            let title = Some(finish(value.source()));
            return Some(update(&subject(joint), mind, &Changes { title, ..Changes::default() }));
        }
        if let Some(priority) = priority_in(value.source()) {
            return set_priority(&subject(joint), mind, priority, true);
        }
        if let Some((rule, due)) = parse_recurrence(value.source(), mind.context.now) {
            return Some(reschedule::to(&subject(joint), mind, &Plan { due: due.into(), rule: Edit::Set(rule) }));
        }
        if let Some(due) = parse_due(value.source(), mind.context.now) {
            return Some(reschedule::to(&subject(joint), mind, &Plan { due: Edit::Set(due), rule: Edit::Keep }));
        }
    }
    let joint = *joints.iter().find(|&&joint| {
        matches!(resolve(&without_noun(&clause.part(1, joint)), mind, Scope::Any, Care::Usual), Target::Tasks(_))
    })?;
    let title = Some(finish(clause.part(joint + 1, tokens.len()).source()));
    Some(update(&clause.part(1, joint), mind, &Changes { title, ..Changes::default() }))
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

fn set_priority(object: &Clause<'_>, mind: &Mind<'_>, priority: Priority, sure: bool) -> Option<Outcome> {
    match update(object, mind, &Changes { priority: Some(priority), ..Changes::default() }) {
        Outcome::Act(actions) => Some(Outcome::Act(actions)),
        // "the door is important" need not be about a task at all.
        _ if !sure => None,
        other => Some(other),
    }
}

fn step_priority(object: &Clause<'_>, mind: &Mind<'_>, up: bool) -> Option<Outcome> {
    const STEPS: [Priority; 5] = [Priority::None, Priority::Low, Priority::Medium, Priority::High, Priority::Urgent];
    let target = resolve(&without_noun(object), mind, Scope::Open, Care::Usual);
    let next = |id: &String| {
        let task = mind.context.tasks.iter().find(|task| task.id == *id)?;
        let at = STEPS.iter().position(|step| *step == task.priority)?;
        STEPS.get(if up { at + 1 } else { at.checked_sub(1)? }).copied()
    };
    let Target::Tasks(ids) = &target else { return Some(on_target(target, "change", |_| Vec::new())) };
    let actions: Vec<Action> = ids
        .iter()
        .filter_map(|id| {
            Some(Action::Update {
                id: id.clone(),
                changes: Changes { priority: Some(next(id)?), ..Changes::default() },
            })
        })
        .collect();
    (!actions.is_empty()).then_some(Outcome::Act(actions))
}

fn label(name: &Clause<'_>, object: &Clause<'_>, mind: &Mind<'_>, on: bool) -> Option<Outcome> {
    let label = name.source().trim_matches(['"', '\'', '#']).trim().to_owned();
    if label.is_empty() || name.tokens().len() > 3 {
        return None;
    }
    let changes = if on {
        Changes { add_labels: vec![label], ..Changes::default() }
    } else {
        Changes { remove_labels: vec![label], ..Changes::default() }
    };
    Some(update(object, mind, &changes))
}

/// "move … to the … list"; "put" and "add" only for tasks that are pointed at, since "put milk on my list" is a new one.
fn move_to(clause: &Clause<'_>, object: &Clause<'_>, list: ListName, mind: &Mind<'_>) -> Option<Outcome> {
    let moves = matches!(clause.word(0), "move" | "transfer" | "file");
    let ListName(Some(name)) = list else { return None };
    if !moves && pointer(object).is_none() {
        return None;
    }
    let known =
        mind.context.tasks.iter().filter_map(|task| task.list.as_ref()).find(|list| list.eq_ignore_ascii_case(&name));
    let list = Edit::Set(known.cloned().unwrap_or(name));
    Some(update(object, mind, &Changes { list, ..Changes::default() }))
}
