//! The tasks that the pattern of a request has captured: their titles, dates, fields and list.

use crate::dates::{DateInput, lexicon, whole};
use crate::grammar::{Captured, Clause, ListName};
use crate::phrase::parse_due;
use crate::reference::{ReadContext, Risk, Scope, Target, is_titled, pointer, resolve_each};
use crate::text::{Kind, listed};
use crate::understood::Understood;
use crate::{Action, Response};
use jiff::civil::DateTime;
use tandem_protocol::rest::{NewTask, TaskPatch};

use super::add_patterns::AddForm;
use super::days::{self, Days};
use super::remind::with_reminder;
use super::several::divide;
use super::shared::several;
use super::titled::{task, turned, without_opening};
use super::{Outcome, is_set, set_or_each};

/// The title of a task when only its time was given ("remind me in 10 minutes").
const UNTITLED: &str = "Reminder";

/// Builds the tasks that a pattern captured; `list` is the one that the message spoke of before.
pub(super) fn build(
    clause: &Clause<'_>,
    form: AddForm,
    captured: &Captured,
    cx: &ReadContext<'_>,
    list: Option<String>,
) -> Option<Outcome> {
    if form == AddForm::Nothing {
        return Some(Outcome::AskTitle(Box::default()));
    }
    let Parts { body, around, list } = parts(clause, form, captured, cx, list)?;
    let title = body.longest_start(NO_TITLE) == Some(body.tokens().len());
    if title && clause.has(&["remind", "reminder"]) {
        return Some(Outcome::Respond(Response::NotUnderstood { words: body.source().to_owned() }));
    }
    if body.longest_start(UNNAMED) == Some(body.tokens().len()) {
        return Some(Outcome::AskTitle(Box::default()));
    }
    let mut things = captured.list.is_some();
    // "put it on my list" moves a task that exists.
    if things && pointer(&body).is_some() {
        return None;
    }
    if let Some(moved) = moves_known(clause, &body, list.as_deref().filter(|_| things), cx) {
        return Some(moved);
    }
    let (body, list) = match list {
        None => known_list_at_end(body, cx),
        list => (body, list),
    };
    // "add eggs and milk to groceries".
    things |= list.is_some() && clause.word(0) == "add";
    let body = with_preposition(without_opening(body), clause);
    let turned = turned(&body);
    let body = turned.as_ref().map_or(body, |text| Clause::new(text, 0, text.len()));
    // "make me a to-do list for tomorrow", "open my to-do list".
    if matches!(body.word(0), "list" | "lists") && clause.word(body.from.wrapping_sub(clause.from + 1)) != ":" {
        return if clause.word(0) == "open" { None } else { Some(Outcome::Respond(Response::HowLists)) };
    }
    let reminds = clause.has(&["remind", "reminder", "reminders"]);
    if let Some(found) = days::read(&body, cx) {
        return Some(on_days(found, reminds, list.as_ref()));
    }
    let may_list = things || matches!(clause.word(0), "add" | "put" | "create" | "new" | "enter" | "make" | "todo");
    let mut tasks = divided(body, (things, may_list, reminds), list.as_ref(), cx);
    if let [only] = &tasks[..]
        && let Some(again) = named_before(only, cx)
    {
        tasks = again;
    }
    if let Some(around) = around {
        add_around(&mut tasks, around, form, cx);
    }
    if let [task] = &tasks[..] {
        // "remind me every day until then" says how often, and not of what.
        if reminds && listed_phrase(NO_TITLE, &task.title) {
            return Some(Outcome::Respond(Response::NotUnderstood { words: task.title.clone() }));
        }
        // A date alone is no task of a list.
        if !reminds && task.title.is_empty() {
            return Some(Outcome::AskTitle(Box::new(task.clone())));
        }
    }
    if reminds {
        tasks = tasks.into_iter().map(with_reminder).collect();
    }
    Some(named(tasks))
}

/// "remind me on the 1st and 15th to …": the pattern took the word that makes a date of it.
fn with_preposition<'a>(body: Clause<'a>, clause: &Clause<'_>) -> Clause<'a> {
    let led = body.from > clause.from && body.text.tokens[body.from - 1].is("on");
    let on = Clause { from: body.from - usize::from(led), ..body };
    let input = DateInput::new(on.tokens(), DateTime::default());
    let ordinal = led && lexicon::ordinal(&input, input.skip(1, &["the"])).is_some();
    if ordinal { on } else { body }
}

/// "complete the milk and add it again for next week": tasks that are called as those that the message named before. Without
/// any the title is asked for.
fn named_before(task: &NewTask, cx: &ReadContext<'_>) -> Option<Vec<NewTask>> {
    if !matches!(
        task.title.to_lowercase().as_str(),
        "it" | "it again" | "that again" | "this again" | "them" | "them again"
    ) {
        return None;
    }
    let titles = cx.named.iter().filter_map(|id| Some(cx.task(*id)?.title.clone()));
    let again: Vec<NewTask> = titles.map(|title| NewTask { title, ..task.clone() }).collect();
    Some(if again.is_empty() { vec![NewTask { title: String::new(), due: None, ..task.clone() }] } else { again })
}

/// The words that a pattern captured.
struct Parts<'a> {
    /// The words of the task or tasks.
    body: Clause<'a>,
    /// What stands around the noun or the list.
    around: Option<Clause<'a>>,
    list: Option<String>,
}

fn parts<'a>(
    clause: &Clause<'a>,
    form: AddForm,
    captured: &Captured,
    cx: &ReadContext<'_>,
    list: Option<String>,
) -> Option<Parts<'a>> {
    let span = |at: usize| captured.part(clause, at);
    let list = captured.list.as_ref().map_or(list, |ListName(name)| name.clone());
    let known = |name: String| cx.known_list(&name).cloned().unwrap_or(name);
    let list = list.map(known);
    let generic = |body: &Clause<'_>| body.longest_start(GENERIC) == Some(body.tokens().len());
    let (body, around) = match form {
        // "add a new item to my list: sweep the garage".
        AddForm::List if span(0).is_some_and(|body| generic(&body)) => (span(1).or_else(|| span(0))?, None),
        AddForm::Nothing | AddForm::Body => (span(0)?, None),
        AddForm::List => (span(0)?, span(1)),
        AddForm::Around | AddForm::After | AddForm::ListAfter => (span(1)?, span(0)),
    };
    // "… to the list Office" names the list after the word.
    let unnamed = form == AddForm::List && captured.list == Some(ListName(None));
    match around.filter(|rest| unnamed && begins_with_list(rest, cx)) {
        Some(rest) => {
            let list = Some(known(rest.part(0, 1).source().to_owned()));
            let around = Some(rest.part(1, rest.tokens().len())).filter(|rest| !rest.is_empty());
            Some(Parts { body, around, list })
        }
        None => Some(Parts { body, around, list }),
    }
}

/// Whether words are the name of a list, and a date at the most.
fn begins_with_list(words: &Clause<'_>, cx: &ReadContext<'_>) -> bool {
    let Some(first) = words.tokens().first() else { return false };
    let only = words.tokens().len() == 1 && !listed(AFTER_A_LIST, words.word(0));
    let name = first.kind == Kind::Word && (first.capital || only || cx.known_list(words.word(0)).is_some());
    let rest = words.part(1, words.tokens().len());
    name && (rest.is_empty() || Understood::date(&cx.dates_in(&rest)).is_some())
}

/// Words after a list that do not name it.
const AFTER_A_LIST: &str =
    "please thanks thank thx today tomorrow tonight now too also again asap soon later then instead yet";

/// What several dates in a row lead to.
pub(super) fn on_days(found: Days, reminds: bool, list: Option<&String>) -> Outcome {
    let made = |found: NewTask| match found.reminders {
        None if reminds => with_reminder(task(found, list)),
        _ => task(found, list),
    };
    match found {
        Days::Tasks(tasks) => named(tasks.into_iter().map(made).collect()),
        Days::Either(either) => Outcome::AskEither(either.map(made)),
        Days::Times(found) => Outcome::AskTime(found.into_iter().map(|found| task(found, list)).collect()),
        Days::Counted(found, words) => Outcome::AskUncounted(Box::new(task(*found, list)), words),
        Days::Except(found) => Outcome::AskWithout(Box::new(task(*found, list))),
    }
}

/// The tasks of a body, one or several; the flags are those of [`divide`], and whether it is about reminders.
fn divided(
    body: Clause<'_>,
    (things, may_list, reminds): (bool, bool, bool),
    list: Option<&String>,
    cx: &ReadContext<'_>,
) -> Vec<NewTask> {
    let mut whole = cx.new_task(&body);
    if reminds {
        only_an_amount(&mut whole, cx);
    }
    let parts = if whole.title.is_empty() { Vec::new() } else { divide(body, things, may_list, cx) };
    // Parts without a title are dropped, so what was divided may still be one task.
    let tasks = several(&parts, list, cx);
    if tasks.is_empty() || (tasks.len() < 2 && parts.len() != 1) { vec![task(whole, list)] } else { tasks }
}

/// Adds what stands around a noun or a list to each of the tasks.
fn add_around(tasks: &mut [NewTask], words: Clause<'_>, form: AddForm, cx: &ReadContext<'_>) {
    let mut around = read_around(words, form, cx);
    only_an_amount(&mut around, cx);
    let condition = matches!(words.word(0), "if" | "when" | "once" | "after" | "before" | "unless");
    for task in &mut *tasks {
        // "when I get home remind me to feed the cat": nothing waits for it, and it must not get lost.
        if condition && form == AddForm::After && around.due.is_none() {
            task.title = format!("{} {}", task.title, words.source().to_lowercase());
        }
        join(task, &around);
    }
    let Some(first) = tasks.first_mut().filter(|_| form == AddForm::List) else { return };
    // "… to my list for the cake": what is no date stays with the task.
    let rest = words_after_list(&words, cx);
    if !rest.is_empty() {
        first.title = format!("{} {rest}", first.title);
    }
}

/// What follows the list and is no date, field, reason or courtesy.
fn words_after_list(words: &Clause<'_>, cx: &ReadContext<'_>) -> String {
    const REASONS: &str = "because since as so if when while or and also too that which though but please as_well";
    if listed(REASONS, words.word(0)) {
        return String::new();
    }
    let title = cx.new_task(words).title;
    let first = title.split(' ').next().unwrap_or_default().to_lowercase();
    let purpose = listed("for with from", &first) && title.contains(' ');
    if purpose { title } else { String::new() }
}

/// "put the passport on the work list", when a task is called so: it moves.
fn moves_known(clause: &Clause<'_>, body: &Clause<'_>, list: Option<&str>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let list = list?;
    let set = is_set(body);
    let definite = set || matches!(body.word(0), "the" | "my") || is_titled(body.source(), cx);
    let dated = whole(&cx.dates_in(body)).is_some();
    if !definite || dated || !matches!(clause.word(0), "put" | "add" | "file" | "place" | "move" | "stick") {
        return None;
    }
    let ids = match if set { set_or_each(body, cx) } else { resolve_each(body, cx, Scope::Open, Risk::Destructive) } {
        Target::Tasks(ids) => ids,
        // "all the eggs" may well be a new one.
        Target::Missing(what) if set && body.has(&["due", "overdue", "task", "tasks"]) => {
            return Some(Outcome::Missing(what));
        }
        _ => return None,
    };
    let list = Understood::list(&ListName(Some(list.to_owned())), cx)?;
    Some(Outcome::Act(ids.change(&list, cx, |ids, list, _| {
        let patch = TaskPatch { list: list.clone(), ..TaskPatch::default() };
        let update =
            |id| Action::Update { id, patch: patch.clone(), add_labels: Vec::new(), remove_labels: Vec::new() };
        ids.into_iter().map(update).collect()
    })))
}

/// "2 cartons of juice to shopping", when the user has a list of that name.
fn known_list_at_end<'a>(body: Clause<'a>, cx: &ReadContext<'_>) -> (Clause<'a>, Option<String>) {
    let tokens = body.tokens();
    let found = (1..tokens.len().saturating_sub(1)).rev().take(4).find_map(|at| {
        if !tokens[at].is_any(&["to", "on", "onto", "in", "under"]) {
            return None;
        }
        let start = if matches!(body.word(at + 1), "my" | "the" | "our") { at + 2 } else { at + 1 };
        let name = body.part(start, tokens.len());
        let usual = name.tokens().len() == 1 && matches!(name.word(0), "groceries" | "shopping");
        let known = cx.known_list(name.source()).cloned();
        Some((at, known.or_else(|| usual.then(|| name.word(0).to_owned()))?))
    });
    match found {
        Some((at, name)) => (body.part(0, at), Some(name)),
        None => (body, None),
    }
}

/// How often or when in a vague way, which is no title of a reminder.
const NO_TITLE: &str = "twice|once|again|later|earlier|sooner|soon|often|more often|regularly|once more|one more time|sometimes|repeatedly|until then|till then|until it's due|until it is due|until it's done|until it is done|after that|from then on";

fn listed_phrase(phrases: &str, words: &str) -> bool {
    let words = words.to_lowercase();
    phrases.split('|').any(|phrase| phrase == words)
}

/// Words for a task that has no name yet.
const UNNAMED: &str = "something|something for me|something else|something new|one more thing|another thing|another one|one more|a thing|some things|some stuff|stuff";

/// Words for an item that has no name yet.
const GENERIC: &str = "a new item|an item|another item|a new task|a task|another task|another thing|something|something new|one thing|\
    one more thing|a thing|a new thing|a new entry|an entry|a reminder|this|the following|items|these";

/// "set a reminder for 30 minutes": what looks like a title is how long from now.
fn only_an_amount(found: &mut NewTask, cx: &ReadContext<'_>) {
    if let (None, Some(due)) = (&found.due, parse_due(&found.title, cx.context.now)) {
        (found.due, found.title) = (Some(due), String::new());
    }
}

/// What stands before the noun or after the list: a date, how often, how urgent; else, before a noun, part of the title.
fn read_around(around: Clause<'_>, form: AddForm, cx: &ReadContext<'_>) -> NewTask {
    let mut found = cx.new_task(&around);
    let words = found.title.to_lowercase();
    found.priority = found.priority.or_else(|| words.split(' ').find_map(crate::quick_add::priority_word));
    // "a work task to call the bank".
    if form == AddForm::Around && !words.contains(' ') {
        let list = cx.known_list(&words).cloned();
        let label = cx.known_label(&words).filter(|_| list.is_none());
        if list.is_some() || label.is_some() {
            found.title.clear();
        }
        (found.list, found.labels) = (list.or(found.list), label.map(|label| vec![label]).or(found.labels));
    }
    if found.priority.is_some()
        || form != AddForm::Around
        || matches!(words.as_str(), "calendar" | "new" | "quick" | "big" | "message" | "recurring" | "repeating")
    {
        found.title.clear();
    }
    found
}

fn join(task: &mut NewTask, around: &NewTask) {
    if !around.title.is_empty() {
        let own = std::mem::take(&mut task.title);
        task.title =
            if own.is_empty() || own == UNTITLED { around.title.clone() } else { format!("{} {own}", around.title) };
    }
    if let (Some(due), Some(other)) = (&mut task.due, &around.due) {
        // "a 5pm reminder … tomorrow": one has the day, the other the time.
        due.time = due.time.or(other.time);
    }
    let rule_first = task.recurrence.is_none();
    task.due = task.due.take().or_else(|| around.due.clone());
    if rule_first {
        task.recurrence.clone_from(&around.recurrence);
    }
    task.priority = task.priority.or(around.priority);
    task.list = task.list.take().or_else(|| around.list.clone());
    task.labels = task.labels.take().or_else(|| around.labels.clone());
}

/// Gives a task without title a general one when it has a date; without a date the user is asked for the title.
pub(super) fn named(mut tasks: Vec<NewTask>) -> Outcome {
    if let [task] = &mut tasks[..] {
        if task.title.is_empty() && task.due.is_none() {
            return Outcome::AskTitle(Box::new(task.clone()));
        }
        if task.title.is_empty() {
            UNTITLED.clone_into(&mut task.title);
        }
    }
    Outcome::Act(Understood::additions(tasks))
}
