//! New tasks: "remind me to …", "add …", "put … on my list".

use crate::dates::{find, find_all, lexicon};
use crate::grammar::{Clause, is_command, is_task_noun, is_task_verb};
use crate::mood::Unreal;
use crate::reference::ReadContext;
use crate::text::{Kind, Text, listed};
use crate::understood::Understood;
use crate::{Action, Response};

use super::Outcome;
use super::add_patterns::{AddForm, LISTS, ON_LIST, PLAIN, REMINDERS};
use super::new_task::{build, named};
use super::priority::priority_in;
use super::remind::with_reminder;
use super::titled::{task, without_opening};

/// Fields of a task: a sentence about one of them changes a task.
const FIELDS: &[&str] = &["priority", "label", "tag", "title", "date", "deadline", "due", "description", "note"];

/// "remind me to …", "set a reminder …", "add a task …".
pub(super) fn reminder(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    if asks_for_knowledge(clause) || (clause.word(0), clause.word(1)) == ("get", "rid") {
        return None;
    }
    if let Some(found) = noun_first(clause, cx).or_else(|| on_list(clause, cx)) {
        return Some(found);
    }
    if let Some(found) = wake_up(clause, cx) {
        return Some(found);
    }
    if let Some(found) = at_its_hour(clause, cx) {
        return Some(found);
    }
    // "remind me when I get home": there is nothing to remind of, and nothing to wait for.
    if clause.word(0) == "remind"
        && matches!(clause.word(2), "when" | "once" | "if" | "whenever")
        && !clause.has(&["to", "that", "about", "of"])
    {
        return Some(Outcome::Respond(Response::NotAsked(Unreal::Conditional)));
    }
    if let Some(found) = of_others(clause, cx) {
        return Some(found);
    }
    let (form, captured) = REMINDERS.best(clause.tokens())?;
    let body = captured.spans.last().map_or(0, |span| span.0);
    if begins_a_name(clause, body) {
        return None;
    }
    // "set the priority of task 2", "add label home to task 4" change a task.
    let field =
        captured.spans.first().is_some_and(|(from, to)| (*from..*to).take(2).any(|i| FIELDS.contains(&clause.word(i))));
    let numbered = matches!(clause.word(0), "make" | "set" | "put" | "add")
        && clause.tokens().windows(2).any(|pair| {
            is_task_noun(&pair[0].word) && (pair[1].kind == Kind::Number || pair[1].is("#")) && !pair[1].glued
        })
        && !clause.has(&["reminder", "remind", "at", "for"]);
    // "make task 3 urgent" and "set the priority of …" change tasks that exist.
    // "add a high priority task to fix the tap".
    let level = captured.part(clause, 0).is_some_and(|around| priority_in(&around, cx).is_some());
    if (form == AddForm::Around && field && !level) || numbered {
        return None;
    }
    build(clause, form, &captured, cx, None)
}

/// "remind Ann to pay rent" is to be done by the user.
fn of_others(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    const NOBODY: &str = "me us my myself ourselves to about that of on for in at by again every each not and you i the please today tomorrow tonight";
    let added = usize::from(listed("add create", clause.word(0)));
    let all = clause.part(added.min(clause.tokens().len()), clause.tokens().len());
    let token = all.tokens().get(1).filter(|token| token.kind == Kind::Word)?;
    let linked = matches!(all.word(2), "to" | "about" | "that" | "of");
    let named = (token.capital && all.has(&["to", "about", "that", "of"]) || linked)
        && !listed(NOBODY, &token.word)
        && lexicon::weekday(&token.word).is_none();
    (all.word(0) == "remind" && named).then(|| Outcome::Act(Understood::additions(vec![task(cx.new_task(&all), None)])))
}

/// "remind me when it's 5pm to call Ann": a time, and no condition.
fn at_its_hour(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let opening =
        clause.longest_start("remind me when it's|remind me when its|remind me when it is|remind me when it 's")?;
    let time = clause.part(opening, clause.tokens().len());
    let text = Text::new(&format!("remind me at {}", time.source()));
    let all = Clause::new(&text, 0, text.len());
    let first = find_all(&cx.dates_in(&all)).into_iter().next()?;
    if first.start == 2 && first.draft.names_time() { reminder(&all, cx) } else { None }
}

/// "add task manager comparison", "add note taking app": the noun is a part of the title.
fn begins_a_name(clause: &Clause<'_>, body: usize) -> bool {
    const AFTER_A_NOUN: &str = "manager managers management force app apps application taking book bar tracker tracking list lists scheduler system";
    let noun = body > 0 && (is_task_noun(clause.word(body - 1)) || matches!(clause.word(body - 1), "note" | "notes"));
    noun && clause.word(0) == "add" && body == 2 && listed(AFTER_A_NOUN, clause.word(body)) && !clause.has(&[":"])
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

/// "wake me up at 6".
fn wake_up(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    const TITLE: &str = "wake up";
    let opening = clause.longest_start("wake me up at|wake me at|wake me up by|wake me up for|wake me up")?;
    let led = matches!(clause.word(opening - 1), "at" | "by" | "for");
    let time = clause.part(opening, clause.tokens().len());
    let text = Text::new(&format!("{TITLE} {}{}", if led { "at " } else { "" }, time.source()));
    let found = task(cx.new_task(&Clause::new(&text, 0, text.len())), None);
    let timed = found.title == TITLE && found.due.as_ref().is_some_and(|due| due.time.is_some());
    timed.then(|| named(vec![with_reminder(found)]))
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

/// "add a task on the office list to send the invoice", "add a task to office: send the invoice": the list stands before the
/// task. A name without "list" is one that there is.
fn on_list(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let (form, captured) = ON_LIST.best(clause.tokens())?;
    let name = captured.list_name();
    let (list, body) = match form {
        AddForm::List if name.is_some() => (cx.known_list(&name?)?.clone(), captured.part(clause, 0)?),
        // "in the list home to fix the tap".
        AddForm::List => {
            let body = captured.part(clause, 0)?;
            let list = cx.known_list(body.part(0, 1).source())?.clone();
            let joint = usize::from(matches!(body.word(1), "to" | ":" | "," | "-"));
            (list, body.part(1 + joint, body.tokens().len()))
        }
        _ => (cx.known_list(captured.part(clause, 0)?.source())?.clone(), captured.part(clause, 1)?),
    };
    if body.is_empty() {
        return None;
    }
    let found = task(cx.new_task(&without_opening(body)), Some(&list));
    (!found.title.is_empty()).then(|| named(vec![found]))
}

/// "put milk on my shopping list".
pub(super) fn to_list(clause: &Clause<'_>, cx: &ReadContext<'_>, before: &[Action]) -> Option<Outcome> {
    if let Some(found) = on_list(clause, cx) {
        return Some(found);
    }
    let (form, captured) = LISTS.best(clause.tokens())?;
    // "new list: groceries" adds nothing yet.
    if captured.list_name().is_some_and(|name| name == "new") && clause.word(0) == "new" {
        return Some(Outcome::Respond(Response::HowLists));
    }
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
