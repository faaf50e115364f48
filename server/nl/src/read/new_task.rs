//! The tasks that the pattern of a request has captured: their titles, dates, fields and list.

use crate::dates::find_all;
use crate::grammar::{Captured, Clause, ListName, is_task_verb};
use crate::phrase::parse_due;
use crate::reference::{ReadContext, Risk, Scope, Target, is_titled, pointer, resolve};
use crate::text::{Kind, Text};
use crate::understood::Understood;
use crate::{Action, Response};
use tandem_protocol::rest::{NewTask, TaskPatch};

use super::Outcome;
use super::add_patterns::AddForm;
use super::days::{self, Days};
use super::remind::with_reminder;
use super::several::divide;

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
    let things = captured.list.is_some();
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
    let body = without_opening(body);
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
    let may_list = things || matches!(clause.word(0), "add" | "put" | "create" | "new" | "enter" | "make");
    let mut tasks = divided(body, (things, may_list, reminds), list.as_ref(), cx);
    if let Some(around) = around {
        add_around(&mut tasks, around, form, cx);
    }
    if reminds {
        tasks = tasks.into_iter().map(with_reminder).collect();
    }
    Some(named(tasks))
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
    let name = first.kind == Kind::Word && (first.capital || cx.known_list(words.word(0)).is_some());
    let rest = words.part(1, words.tokens().len());
    name && (rest.is_empty() || Understood::date(&cx.dates_in(&rest)).is_some())
}

/// What several dates in a row lead to.
fn on_days(found: Days, reminds: bool, list: Option<&String>) -> Outcome {
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
    for task in tasks {
        // "when I get home remind me to feed the cat": nothing waits for it, and it must not get lost.
        if condition && form == AddForm::After && around.due.is_none() {
            task.title = format!("{} {}", task.title, words.source().to_lowercase());
        }
        join(task, &around);
    }
}

/// "put the passport on the work list", when a task is called so: it moves.
fn moves_known(clause: &Clause<'_>, body: &Clause<'_>, list: Option<&str>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let list = list?;
    let definite = matches!(body.word(0), "the" | "my") || is_titled(body.source(), cx);
    if !definite || !matches!(clause.word(0), "put" | "add" | "file" | "place" | "move" | "stick") {
        return None;
    }
    let Target::Tasks(ids) = resolve(body, cx, Scope::Open, Risk::Destructive) else { return None };
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
        Some((at, cx.known_list(name.source())?.clone()))
    });
    match found {
        Some((at, name)) => (body.part(0, at), Some(name)),
        None => (body, None),
    }
}

/// "when I get home to feed the dog", "after work to call Jo": the title first. What can't be waited for stays in it.
fn turned(body: &Clause<'_>) -> Option<Text> {
    const OPENINGS: &str = "when|whenever|after|before|once|as soon as|if|while|until|unless|asap|soon|later|sometime|at some point|one day";
    let opening = body.longest_start(OPENINGS)?;
    let n = body.tokens().len();
    let at = (opening..n.saturating_sub(1)).find(|&at| body.word(at) == "to" && is_task_verb(body.word(at + 1)))?;
    let mut words = body.part(0, at).source().chars();
    let first = words.next()?.to_lowercase();
    Some(Text::new(&format!("{} {first}{}", body.part(at + 1, n).source(), words.as_str())))
}

/// Words for an item that has no name yet.
const GENERIC: &str = "a new item|an item|another item|a new task|a task|another task|another thing|something|something new|one thing|\
    one more thing|a thing|a new thing|a new entry|an entry|a reminder|this|the following|items|these";

/// The tasks of the parts; a date that was given once applies to all.
pub(super) fn several(parts: &[Clause<'_>], list: Option<&String>, cx: &ReadContext<'_>) -> Vec<NewTask> {
    let read = |part: &Clause<'_>| task(cx.new_task(part), list);
    let mut tasks: Vec<(usize, NewTask)> = parts.iter().map(read).enumerate().collect();
    tasks.retain(|(_, task)| !task.title.is_empty());
    share_verb(&mut tasks, parts);
    share_day(&mut tasks, parts, cx);
    let mut tasks: Vec<NewTask> = tasks.into_iter().map(|(_, task)| task).collect();
    share_date(&mut tasks);
    tasks
}

/// "call Ann on Monday and Bob on Tuesday": the verb is said once.
fn share_verb(tasks: &mut [(usize, NewTask)], parts: &[Clause<'_>]) {
    let [(0, first), (1, second)] = tasks else { return };
    let [one, other] = parts else { return };
    let dated = first.due.is_some() && second.due.is_some();
    let said = one.text.tokens[..other.start].last().is_some_and(|token| token.is("and"));
    if dated && said && is_task_verb(one.word(0)) && !is_task_verb(other.word(0)) {
        second.title = format!("{} {}", one.part(0, 1).source(), second.title);
    }
}

/// "dentist tomorrow at 3, then groceries at 5": a time alone is on the day that was said before it.
fn share_day(tasks: &mut [(usize, NewTask)], parts: &[Clause<'_>], cx: &ReadContext<'_>) {
    let mut day = None;
    for (at, task) in tasks {
        let mentions = parts.get(*at).map(|part| find_all(&cx.dates_in(part))).unwrap_or_default();
        let Some(due) = &mut task.due else { continue };
        if mentions.iter().any(|mention| mention.draft.names_day()) {
            day = Some(due.date);
        } else if let Some(day) = day.filter(|_| due.time.is_some() && mentions.iter().any(|m| m.draft.names_time())) {
            due.date = day;
        }
    }
}

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
}

/// Without the small words that lead into a task's title: "to", "about", "that I have to".
pub(super) fn without_opening(mut body: Clause<'_>) -> Clause<'_> {
    const OPENINGS: &str = "to|that i have to|that i need to|i have to|i need to|i should|i must|about|of|that i have|that|\
        not to forget to|not to forget|not forget to|to not forget to|to not forget|not to forget about|\
        i have a|i have an|i have|please|me to|for me to|for myself to|:|,|so i don't forget to";
    // They stand in a row ("about that I have to"), and something has to be left for the title.
    while let Some(words) = body.longest_start(OPENINGS).filter(|words| body.from + words < body.to) {
        body.from += words;
    }
    body
}

pub(super) fn task(found: NewTask, list: Option<&String>) -> NewTask {
    NewTask { title: tidy(&found.title), list: found.list.or_else(|| list.cloned()), ..found }
}

/// Without what is left of an opening once the date is out: "to call Ann" of "tomorrow to call Ann".
fn tidy(title: &str) -> String {
    const LEFT: &str = "to |that i have to |i have to |i need to |i should |i must |that |about |of |for me to |for my |for the |\
        for a |for |on my |me to |me |and |is |: |, |set for ";
    let mut rest = title.trim();
    while let Some(cut) =
        LEFT.split('|').find(|left| rest.get(..left.len()).is_some_and(|start| start.eq_ignore_ascii_case(left)))
    {
        rest = rest[cut.len()..].trim_start();
    }
    let several_words = rest.trim().contains(' ');
    let rest = rest.strip_suffix(" reminder").filter(|rest| several_words && rest.contains(' ')).unwrap_or(rest);
    let rest = ["as well", "too", "also"]
        .iter()
        .find_map(|end| rest.strip_suffix(end).filter(|r| r.ends_with(' ')))
        .unwrap_or(rest)
        .trim();
    let bare = matches!(
        rest.to_lowercase().as_str(),
        "to" | "for" | "me" | "about" | "on" | "at" | "that" | "it" | "this" | "of" | "or" | "again" | "a" | "the" | ""
    );
    if bare { String::new() } else { crate::title::finish(rest) }
}

/// Applies a date that was given once, at either end, to all tasks.
fn share_date(tasks: &mut [NewTask]) {
    let dated: Vec<usize> =
        (0..tasks.len()).filter(|&i| tasks[i].due.is_some() || tasks[i].recurrence.is_some()).collect();
    let [only] = dated[..] else { return };
    // In the middle a date belongs to its own task: "call Ann, pay rent tomorrow, buy milk".
    if only == 0 || only + 1 == tasks.len() {
        let (due, rule) = (tasks[only].due.clone(), tasks[only].recurrence.clone());
        for task in tasks {
            task.due.clone_from(&due);
            task.recurrence.clone_from(&rule);
        }
    }
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
