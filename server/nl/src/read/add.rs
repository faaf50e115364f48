//! New tasks: "remind me to …", "add …", "put … on my list".

use crate::dates::{find, find_all};
use crate::grammar::{Captured, Clause, ListName, is_command, is_task_noun, is_task_verb};
use crate::phrase::parse_due;
use crate::reference::{ReadContext, Risk, Scope, Target, is_titled, pointer, resolve};
use crate::text::{Kind, listed};
use crate::understood::Understood;
use crate::{Action, Response};
use tandem_protocol::rest::{NewTask, TaskPatch};

use super::Outcome;
use super::add_patterns::{AddForm, LISTS, PLAIN, REMINDERS};
use super::days::{self, Days};
use super::remind::with_reminder;
use super::several::divide;

/// The title of a task when only its time was given ("remind me in 10 minutes").
const UNTITLED: &str = "Reminder";

/// Fields of a task: a sentence about one of them changes a task.
const FIELDS: &[&str] = &["priority", "label", "tag", "title", "date", "deadline", "due", "description", "note"];

/// "remind me to …", "set a reminder …", "add a task …".
pub(super) fn reminder(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    if asks_for_knowledge(clause) || (clause.word(0), clause.word(1)) == ("get", "rid") {
        return None;
    }
    if let Some(found) = noun_first(clause, cx) {
        return Some(found);
    }
    let (form, captured) = REMINDERS.best(clause.tokens())?;
    // "set the priority of task 2", "add label home to task 4" change a task.
    let field =
        captured.spans.first().is_some_and(|(from, to)| (*from..*to).take(2).any(|i| FIELDS.contains(&clause.word(i))));
    let numbered = matches!(clause.word(0), "make" | "set" | "put" | "add")
        && clause.tokens().windows(2).any(|pair| {
            is_task_noun(&pair[0].word) && (pair[1].kind == Kind::Number || pair[1].is("#")) && !pair[1].glued
        })
        && !clause.has(&["reminder", "remind", "at", "for"]);
    // "make task 3 urgent" and "set the priority of …" change tasks that exist.
    if (form == AddForm::Around && field) || numbered {
        return None;
    }
    build(clause, form, &captured, cx, None)
}

/// "reminder meeting at 10 am in room 4": with a subject or a time of day it is to be set; "reminders for next week" is a question.
fn noun_first(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let n = clause.tokens().len();
    if clause.word(0) != "reminder" || n < 2 || matches!(clause.word(1), "list" | "lists") {
        return None;
    }
    let rest = without_opening(clause.part(1, n));
    let found = cx.new_task(&rest);
    let timed = found.due.as_ref().is_some_and(|due| due.time.is_some());
    let task = with_reminder(task(found, None));
    (timed || !task.title.is_empty()).then(|| named(vec![task]))
}

/// "remind me what my goals are", "remind me when the train leaves": a question, not a task.
fn asks_for_knowledge(clause: &Clause<'_>) -> bool {
    if clause.word(0) != "remind" {
        return false;
    }
    let at = if matches!(clause.word(1), "me" | "us") { 2 } else { 1 };
    let question =
        matches!(clause.word(at), "what" | "what's" | "who" | "where" | "why" | "how" | "which" | "if" | "whether")
            || (clause.word(at) == "of" && matches!(clause.word(at + 2), "items" | "things" | "date" | "time"))
            || (matches!(clause.word(at), "," | "when")
                && matches!(clause.word(at + 1), "when" | "is" | "does" | "do"));
    let tells = clause.word(at) == "when"
        && clause.tokens().last().is_some_and(|token| token.is_any(&["is", "are", "was", "starts", "ends", "begins"]));
    (question || tells) && !clause.has(&["tomorrow", "tonight"])
}

/// "put milk on my shopping list".
pub(super) fn to_list(clause: &Clause<'_>, cx: &ReadContext<'_>, before: &[Action]) -> Option<Outcome> {
    let (form, captured) = LISTS.best(clause.tokens())?;
    let about_tasks = captured.spans.first().is_some_and(|(from, to)| {
        (*from..*to).take(3).any(|i| matches!(clause.word(i), "reminder" | "task" | "todo" | "what"))
    });
    if is_question(clause) || about_tasks {
        return None;
    }
    build(clause, form, &captured, cx, last_list(before))
}

/// "add milk": when nothing else fits.
pub(super) fn plain(clause: &Clause<'_>, cx: &ReadContext<'_>, before: &[Action]) -> Option<Outcome> {
    let (form, captured) = PLAIN.best(clause.tokens())?;
    // "stop the plants reminder" is a command that is not known, and no title.
    let verb = clause.word(0);
    let sets = matches!(verb, "add" | "create" | "schedule" | "note" | "jot") || clause.has(&["remind"]);
    if !sets && (is_command(verb) || is_task_verb(verb) || listed(NO_SETTING, verb)) && noun_decides(form, clause) {
        return None;
    }
    let reminds = form == AddForm::After && clause.has(&["remind"]);
    if (is_question(clause) && !reminds) || goes_elsewhere(clause, cx) || asks_for_knowledge(clause) {
        return None;
    }
    let (first, body) = (clause.word(0), captured.spans.first().map_or(0, |span| span.0));
    // "swap milk for cream on my list" changes what is there.
    if form == AddForm::List && (changes_tasks(verb) || is_task_noun(clause.word(1))) {
        return None;
    }
    // Only "add" is by itself a word to this assistant; the others want a time to do it at.
    let wants_time = matches!(first, "create" | "schedule" | "note" | "jot") && body > 0;
    if wants_time && !has_date(clause, cx) {
        return None;
    }
    // A long sentence that only mentions a reminder somewhere is not a request for one.
    if matches!(form, AddForm::Body) && body == 0 && !clause.has(&["remind"]) && clause.tokens().len() > 8 {
        return None;
    }
    build(clause, form, &captured, cx, last_list(before))
}

/// Verbs that change tasks and begin no title of a list's item.
fn changes_tasks(verb: &str) -> bool {
    listed(
        "mark swap replace exchange substitute switch change rename move complete delete remove erase open close check \
         tick cross untick uncheck reopen edit update",
        verb,
    )
}

/// Verbs of sentences about reminders that exist.
const NO_SETTING: &str =
    "stop end quit disable undo dismiss silence mute pause revert ignore discontinue kill hide extend shift";

/// Whether nothing but the noun "reminder" makes the sentence a request: "dentist reminder tomorrow".
fn noun_decides(form: AddForm, clause: &Clause<'_>) -> bool {
    form == AddForm::Around || (form == AddForm::Body && clause.word(0) != "reminder" && clause.word(0) != "reminders")
}

fn is_question(clause: &Clause<'_>) -> bool {
    const ASKING: &[&str] = &[
        "what", "what's", "which", "who", "who's", "where", "where's", "when", "when's", "why", "how", "how's", "is",
        "are", "am", "do", "does", "did", "have", "has", "was", "were", "any", "anything", "show", "list", "display",
        "tell", "read", "check", "this", "that",
    ];
    let first = clause.word(0);
    ASKING.contains(&first)
        && !(first == "have" && clause.has(&["reminder"]))
        && !(first == "list" && clause.word(1) != "of" && clause.has(&["on", "under"]))
}

/// "add Mary to my phone plan": not to a list of ours.
fn goes_elsewhere(clause: &Clause<'_>, cx: &ReadContext<'_>) -> bool {
    let tokens = clause.tokens();
    let dates = find_all(&cx.dates_in(clause));
    let dated = |at: usize| dates.iter().any(|mention| (mention.start..mention.end).contains(&at));
    let to = tokens.iter().enumerate().position(|(i, token)| {
        !dated(i)
            && token.is_any(&["to", "on", "onto"])
            && tokens
                .get(i + 1)
                .is_some_and(|t| t.is_any(&["my", "our", "the", "your", "his", "her", "their", "checking"]))
    });
    clause.word(0) == "add" && to.is_some() && !is_task_verb(clause.word(1))
        || (clause.word(0) == "create" && clause.has(&["labeled", "contact", "account", "playlist"]))
}

fn has_date(clause: &Clause<'_>, cx: &ReadContext<'_>) -> bool {
    !find(&cx.dates_in(clause), &|_, _| false).1.is_empty()
}

/// The list that the sentence spoke of last: "take milk off my shopping list and add bread".
fn last_list(before: &[Action]) -> Option<String> {
    before.iter().rev().find_map(|action| match action {
        Action::Add(task) => Some(task.list.clone()),
        _ => None,
    })?
}

/// Builds the tasks that a pattern captured.
fn build(
    clause: &Clause<'_>,
    form: AddForm,
    captured: &Captured,
    cx: &ReadContext<'_>,
    list: Option<String>,
) -> Option<Outcome> {
    let span = |at: usize| captured.part(clause, at);
    let list = captured.list.as_ref().map_or(list, |ListName(name)| name.clone());
    let list = list.map(|name| cx.known_list(&name).cloned().unwrap_or(name));
    let generic = |body: &Clause<'_>| body.longest_start(GENERIC) == Some(body.tokens().len());
    let (body, around) = match form {
        // "add a new item to my list: sweep the garage".
        AddForm::List if span(0).is_some_and(|body| generic(&body)) => (span(1).or_else(|| span(0))?, None),
        AddForm::Nothing => return Some(Outcome::AskTitle(Box::default())),
        AddForm::Body => (span(0)?, None),
        AddForm::List => (span(0)?, span(1)),
        AddForm::Around | AddForm::After | AddForm::ListAfter => (span(1)?, span(0)),
    };
    // "… to the list Office" names the list after the word.
    let unnamed = form == AddForm::List && captured.list == Some(ListName(None));
    let named_after = around.filter(|rest| {
        let name = rest.tokens().first().is_some_and(|token| token.capital) || cx.known_list(rest.word(0)).is_some();
        let dated = || Understood::date(&cx.dates_in(&rest.part(1, rest.tokens().len()))).is_some();
        let ends = rest.tokens().len() == 1 || dated();
        unnamed && ends && rest.tokens()[0].kind == Kind::Word && name
    });
    let list = named_after
        .map(|name| name.part(0, 1))
        .map_or(list, |name| Some(cx.known_list(name.source()).cloned().unwrap_or(name.source().to_owned())));
    let around = match named_after {
        Some(named) => Some(named.part(1, named.tokens().len())).filter(|rest| !rest.is_empty()),
        None => around,
    };
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
    let condition =
        around.filter(|around| matches!(around.word(0), "if" | "when" | "once" | "after" | "before" | "unless"));
    let around = around.map(|around| read_around(around, form, cx));
    let body = without_opening(body);
    // "make me a to-do list for tomorrow", "open my to-do list".
    if matches!(body.word(0), "list" | "lists") && clause.word(body.from.wrapping_sub(clause.from + 1)) != ":" {
        return if clause.word(0) == "open" { None } else { Some(Outcome::Respond(Response::HowLists)) };
    }
    let reminds = clause.has(&["remind", "reminder", "reminders"]);
    let may_list = things || matches!(clause.word(0), "add" | "put" | "create" | "new" | "enter" | "make");
    let mut shared = cx.new_task(&body);
    if reminds {
        only_an_amount(&mut shared, cx);
    }
    match days::read(&body, cx) {
        Some(Days::Tasks(tasks)) => {
            let made =
                |found| if reminds { with_reminder(task(found, list.as_ref())) } else { task(found, list.as_ref()) };
            return Some(named(tasks.into_iter().map(made).collect()));
        }
        Some(Days::Times(found)) => {
            let tasks = found.into_iter().map(|found| task(found, list.as_ref())).collect();
            return Some(Outcome::AskTime(tasks));
        }
        Some(Days::Counted(found, words)) => {
            return Some(Outcome::AskUncounted(Box::new(task(*found, list.as_ref())), words));
        }
        Some(Days::Except(found)) => return Some(Outcome::AskWithout(Box::new(task(*found, list.as_ref())))),
        None => {}
    }
    let parts = if shared.title.is_empty() { Vec::new() } else { divide(body, things, may_list, cx) };
    // Parts without a title are dropped, so what was divided may still be one task.
    let mut tasks = several(&parts, list.as_ref(), cx);
    if tasks.len() < 2 {
        tasks = vec![task(shared, list.as_ref())];
    }
    if let Some(mut around) = around {
        // "when I get home remind me to feed the cat": nothing waits for it, and it must not get lost.
        if let (Some(condition), AddForm::After, None) = (condition, form, &around.due) {
            for task in &mut tasks {
                task.title = format!("{} {}", task.title, condition.source().to_lowercase());
            }
        }
        only_an_amount(&mut around, cx);
        for task in &mut tasks {
            join(task, &around);
        }
    }
    if reminds {
        tasks = tasks.into_iter().map(with_reminder).collect();
    }
    Some(named(tasks))
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

/// Words for an item that has no name yet.
const GENERIC: &str = "a new item|an item|another item|a new task|a task|another task|another thing|something|something new|one thing|\
    one more thing|a thing|a new thing|a new entry|an entry|a reminder|this|the following|items|these";

/// The tasks of the parts; a date that was given once applies to all.
pub(super) fn several(parts: &[Clause<'_>], list: Option<&String>, cx: &ReadContext<'_>) -> Vec<NewTask> {
    let read = |part: &Clause<'_>| task(cx.new_task(part), list);
    let mut tasks: Vec<NewTask> = parts.iter().map(read).filter(|task| !task.title.is_empty()).collect();
    share_date(&mut tasks);
    tasks
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
fn without_opening(mut body: Clause<'_>) -> Clause<'_> {
    const OPENINGS: &str = "to|that i have to|that i need to|i have to|i need to|i should|i must|about|of|that i have|that|\
        i have a|i have an|i have|please|me to|for me to|for myself to|:|,|so i don't forget to";
    // They stand in a row ("about that I have to"), and something has to be left for the title.
    while let Some(words) = body.longest_start(OPENINGS).filter(|words| body.from + words < body.to) {
        body.from += words;
    }
    body
}

fn task(found: NewTask, list: Option<&String>) -> NewTask {
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
fn named(mut tasks: Vec<NewTask>) -> Outcome {
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
