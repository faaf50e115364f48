//! Questions about tasks: show, count, look up.

use std::sync::LazyLock;

use crate::dates::{Mention, find_all};
use crate::grammar::{Clause, ListName, is_task_noun, list_phrase, patterns};
use crate::mood::Unreal;
use crate::reference::{ReadContext, date_anywhere};
use crate::text::{WordSet, listed, words};
use crate::understood::Understood;
use crate::{Action, DueRange, Filter};
use tandem_protocol::enums::StatusFilter;

use super::Outcome;
use super::filter::{asked_for, filter};

/// Questions that need no word for a task.
#[derive(Debug, Clone, Copy)]
enum Question {
    /// Open tasks, filtered by the sentence.
    Open,
    Done,
    /// `*` is looked for.
    Lookup,
    /// `*` is looked for; the answer reports when there is no such task.
    Duty,
    Search,
    /// All open tasks, with when they ring.
    Rings,
}

patterns! {
    TABLE: Question {
        Done: "show|list|view|display|see [me] [all] completed|done|finished",
        Open: "show|list|view|display|see [me] pending|open|overdue|all|everything|urgent|outstanding|unfinished|important|today|tomorrow",
        Open: "list|todo|todos|pending|overdue",
        Open: "is|are there anything|something|things|stuff [else] *",
        Lookup: "have|did i [already|just] finish|finished|complete|completed|do|done *",
        Duty: "do|did|have i still|already|even|actually need|remember|have to *",
        Open: "show|tell|list|give|see [me] what's|what_is|everything|anything|all [that's|that_is|that_are] due|overdue|pending|open|left|late|outstanding|unfinished [*]",
        Open: "show|tell|list|give|see [me] what's|what_is|everything|anything|all [that's|that_is|that_are] due|overdue|pending|open|left|late|outstanding|unfinished *",
        Done: "what|which have|has i [have|already] completed|finished|done|accomplished|achieved [today|yesterday|so_far|this_week|last_week|this_month|lately|recently]",
        Done: "what|which i [have|already] completed|finished|done|accomplished|achieved [today|yesterday|so_far|this_week|last_week|this_month|lately|recently]",
        Done: "what|which did i [already] complete|finish|accomplish|do|achieve [today|yesterday|so_far|this_week|last_week|this_month|lately|recently]",
        Open: "what i have|got|need [left|on|planned|to_do] [*]",
        Open: "what|which [one|ones|of_them|of_those] are|is overdue|late|urgent|important|due|done|open|left|pending [*]",
        Rings: "when|what_time will|do|are you [going_to] remind|reminding me [next|again]",
        Rings: "what's|what_is|when_is my next reminder|alarm",
        Done: "what|which have|did i [already|just] complete|completed|finish|finished|done|accomplish|accomplished|get_done|gotten_done [*]",
        Done: "what|which have|did i [already|just] complete|completed|finish|finished|accomplish|accomplished *",
        Done: "what's|what_is|what [is|are|has] [already|been] completed|done|finished [today|so_far|already]",
        Open: "what's|what_is|what [is] pending|outstanding|open|left|overdue|late|due|remaining|on|planned|scheduled|coming_up|upcoming [*]",
        Open: "what's|what_is|what|anything [is] [still|left] pending|outstanding|open|left|overdue|late|due|remaining|on|planned|scheduled|coming_up|going_on|happening *",
        Open: "what's|what_is|what [is] [still|left] pending|outstanding|open|left|overdue|late|due|remaining|planned|scheduled|up",
        Open: "what do|must|should|have|did i [have|need|got] [left|still|planned|scheduled|going_on] [to] [do|get_done|finish|accomplish|remember|attend] [*]",
        Open: "what do|must|have|did i [have|need|got] [left|still|planned|scheduled|going_on] [to] [do|get_done|finish|accomplish|remember|attend] *",
        Open: "what i have|got [left|still|planned|scheduled|on|coming_up|due] today|tomorrow|tonight|on|this_week|next_week [*]",
        Open: "what do|have i have|got|need [left|still|planned|scheduled|on|coming_up|due] [*]",
        Open: "what|which needs|remains [to] [be] [done|doing|finished] [*]",
        Open: "what am i supposed|meant|planning to *",
        Open: "what [stuff|things|items|else] [do] i|we need to buy|get|do [*]",
        Open: "do|have i have|got anything|something [left|due|scheduled|planned|else] [to_do] [*]",
        Open: "do|have i have|got anything|something *",
        Open: "anything [else] [due|scheduled|planned|left|to_do] [for|on] [today|tomorrow|tonight|this_week]",
        Open: "how many|much [*] [do] [i|is|are] [have|left|open|there] [left|to_do]",
        Duty: "do|did i need|remember|have [to] *",
        Duty: "am i supposed|meant to *",
        Open: "is|are anything|something happening|scheduled|going_on|planned|on|due [*]",
        Open: "is my day|week|morning|afternoon|evening|calendar *",
        Lookup: "did i already|ever *",
        Open: "show|tell|give|list|remind [me] what i need|have|want|got to|from *",
        Search: "search|look [for] [<task>] [for|about|with|containing] *",
        Search: "find|search|look_up|look_for|locate [me] [for] [any|all|the|my] [<task>|anything|everything|something|stuff] [about|with|on|for|containing|mentioning] *",
        Open: "what's|what_is|what|which|show|list|show_me [is|are] [everything|all|anything|stuff|things] labelled|labeled|tagged|marked|# *",
        Search: "find|search [all|my|the] task|tasks|reminder|reminders|todo|todos [for|about|with|containing|that_mention|mentioning|on] *",
        Search: "find|search [for] [the|my] * task|tasks|reminder|reminders|todo",
        Search: "search|find [for] * in my tasks|reminders|todos",
        Lookup: "when|what_time|what_day is|do|did|am|are|will [i|the|my] *",
        Lookup: "is|are there [any|a|an] *",
        Open: "what|which * do|should|must|did i|we [still|also] need|have|want|buy|get|plan [to] [*]",
        Open: "read|tell|show|give|list [me] the|what * i|we need|want|wanted|have|must|should [*]",
        Open: "read|tell|show|give|list [me] what i|we need|want|wanted|have|must|should [*]",
        Open: "what|which [if_any] events|appointments|meetings|plans|things|stuff are|is|do [*]",
        Open: "is|are there [any|some] events|appointments|meetings|plans [*]",
        Open: "show|list|read|tell|give|check [me] [all|my|the|any] events|appointments|meetings|plans|engagements [*]",
        Open: "what's|what_is|what|which|anything|everything|something|show|list [me] [is|are|the|my|all] [*] urgent|important|high_priority|high_prio|low_priority|medium_priority|top_priority|most_urgent|most_important [tasks|today|this_week|things|stuff]",
        Open: "any|anything events|appointments|meetings|plans|coming_up [*]",
        Duty: "am i getting|buying|doing|seeing|meeting|picking_up|bringing|making *",
        Lookup: "remind me of|about the date|time|day|place|hour of|for *",
        Lookup: "remind me [,] when|what_time|what_day|where|whether|if *",
        Lookup: "[at] what|which time|day|date|hour is|are|do|does|did|am|will my|i|the|our *",
        Lookup: "do|did|have i have|put|set|add|get|mark|write|note|schedule|book|made|enter *",
        Lookup: "is|are|was|were my|the * on|for|at|marked|scheduled|set|planned|due *",
        Duty: "should|must|shall i buy|get|pick_up|purchase|bring|remember|do|call|pay *",
        Duty: "is it time to *",
        Open: "[list|tell|show|read|recite] [me] the|what things|stuff|items * [wanted|want|need|have|supposed|planning] to remember|recall|keep_in_mind|do|buy|get|purchase [*]",
    }
}

/// Questions when something is to be reminded of.
#[derive(Debug, Clone, Copy)]
enum When {
    /// `*` names the task.
    Rings,
}

patterns! {
    WHEN: When {
        Rings: "when|what_time|at_what_time will|do|are|would you [going_to] remind|reminding me|us about|of|to|for *",
        Rings: "when|what_time|at_what_time will|do|am|are i|we [going_to] [be|get] reminded about|of|to|for *",
        Rings: "when|what_time|at_what_time is|does|will the|my|our reminder|reminders|alarm for|of|about|to * ring|rings|go_off|fire|sound|come|due",
        Rings: "when|what_time|at_what_time is|does|will the|my|our reminder|reminders|alarm for|of|about|to *",
        Rings: "when|what_time|at_what_time is|does|will the|my|our * reminder|alarm [ring|go_off|fire|sound|come|due]",
    }
}

/// "are there any meetings between 2 and 5 pm": hours without a day are those of today.
fn hours_of_today(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<DueRange> {
    let today = cx.context.now.date();
    let hours =
        |mention: &Mention| mention.draft.names_time() && !mention.draft.names_day() && !mention.draft.repeats();
    let asked = clause.has_listed("meetings events appointments plans");
    (asked && find_all(&cx.dates_in(clause)).iter().any(hours)).then_some(DueRange::Between(today, today))
}

/// "when will you remind me about the report": the task, whose line says when it rings.
fn when_it_rings(clause: &Clause<'_>) -> Option<Outcome> {
    let (When::Rings, captured) = WHEN.best(clause.tokens())?;
    let words = captured.part(clause, 0)?;
    let article = usize::from(words.tokens().len() > 1 && matches!(words.word(0), "the" | "my" | "our" | "a"));
    let query = words.part(article, words.tokens().len()).source().to_owned();
    Outcome::look(Action::List(Filter { query: Some(query), ..Filter::default() }))
}

/// Reads a question about tasks. It changes nothing, so it may guess a little.
pub(super) fn read(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let list = |filter: Filter| Outcome::look(Action::List(filter));
    if states_a_date(clause, cx) {
        return None;
    }
    if about_help(clause) {
        return Some(Outcome::Respond(crate::Response::Help));
    }
    let what_if = matches!((clause.word(0), clause.word(1)), ("what", "happens" | "if")) && clause.word(2) != "any";
    if what_if {
        return Some(Outcome::Respond(crate::Response::NotAsked(Unreal::Question)));
    }
    if let Some(found) = when_it_rings(clause) {
        return Some(found);
    }
    // A question that names tasks is certain; the patterns are for those that name none ("what's due").
    if is_question(clause) && names_tasks(clause, cx) {
        return list(filter(clause, cx));
    }
    let best = TABLE.best(clause.tokens());
    let mut found = filter(clause, cx);
    if found.due.is_none() && found.completed.is_none() && is_question(clause) {
        found.due = day_anywhere(clause, cx).or_else(|| hours_of_today(clause, cx));
    }
    let Some((question, captured)) = best else {
        // "show friday".
        let shows = matches!(clause.word(0), "show" | "list" | "display") && names_only_days(clause, &found, cx);
        return if shows || about_a_day(clause, &found) { list(found) } else { None };
    };
    match question {
        // The words of "what did I finish" are the question, not a search.
        Question::Done => list(done(Filter { query: None, ..found })),
        // A question whose words fit no task is not about tasks: "when is the next election".
        Question::Lookup if found.query.is_none() && !is_personal(clause) && !about_a_day(clause, &found) => None,
        // What nothing is found for is named in the answer. A long sentence names more than a task.
        Question::Lookup | Question::Duty if found.query.is_none() && clause.tokens().len() <= LONGEST_NAMED => {
            let query = asked_for(clause, cx);
            // "what happens if I delete the meeting" is no search.
            let command = query.as_ref().is_some_and(|words| {
                words.split(' ').any(|word| listed("delete remove erase reschedule postpone rename", word))
            });
            if command { None } else { list(Filter { query, ..found }) }
        }
        Question::Open | Question::Lookup | Question::Duty => list(found),
        Question::Rings => list(Filter::default()),
        Question::Search => {
            let words = captured.part(clause, 0)?;
            let query = words.source().trim_matches(['"', '\'']).to_owned();
            if words.tokens().len() <= 6 { Outcome::look(Action::Search { query }) } else { None }
        }
    }
}

/// "my haircut is on Wednesday" says when something is, and asks for nothing.
fn states_a_date(clause: &Clause<'_>, cx: &ReadContext<'_>) -> bool {
    let n = clause.tokens().len();
    let whole = Clause { from: clause.start, ..*clause };
    let asked = whole.has(&["?"]) || clause.text.tokens.get(clause.to).is_some_and(|token| token.is("?"));
    let verb = (2..n.saturating_sub(1)).find(|&at| matches!(clause.word(at), "is" | "are" | "'s"));
    let noun = (0..n).any(|at| {
        is_task_noun(clause.word(at))
            || matches!(clause.word(at), "meetings" | "appointments" | "calendar" | "schedule" | "list")
    });
    let dated = |at: usize| Understood::date(&cx.dates_in(&clause.part(at + 1, n))).is_some();
    matches!(clause.word(0), "my" | "our") && !asked && !noun && verb.is_some_and(dated)
}

/// Most words of a question whose content is looked for although no task has it.
const LONGEST_NAMED: usize = 12;

/// Whether a question is about the user: "when is my haircut", but not "when is the election".
fn is_personal(clause: &Clause<'_>) -> bool {
    clause.has(&["i", "my", "me", "our", "we", "i'm", "mine"])
}

/// A question about the user's day: "what time is my haircut on Wednesday", "am I free on Friday".
fn about_a_day(clause: &Clause<'_>, found: &Filter) -> bool {
    let on_it = clause.has(&[
        "look",
        "looks",
        "looking",
        "free",
        "busy",
        "open",
        "planned",
        "happening",
        "time",
        "when",
        "event",
    ]);
    is_question(clause) && (on_it || is_personal(clause)) && found.due.is_some()
}

/// The first day that is named, also before a noun: "is my Thursday free".
fn day_anywhere(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<DueRange> {
    let day = date_anywhere(&cx.dates_in(clause)).first()?.draft.day(cx.context.now.datetime())?;
    Some(DueRange::Between(day, day))
}

/// The same question about completed tasks.
fn done(filter: Filter) -> Filter {
    let completed = match filter.due {
        Some(DueRange::Between(first, last)) => Some((first, last)),
        _ => filter.completed,
    };
    Filter { status: StatusFilter::Done, due: None, completed, ..filter }
}

/// "how do I cancel my reminders": a question about the assistant.
fn about_help(clause: &Clause<'_>) -> bool {
    let how = clause.word(0) == "how" && matches!(clause.word(1), "do" | "can" | "to" | "would");
    let way = clause.word(0) == "what" && clause.has(&["process", "procedure", "steps"]);
    (how || way)
        && (clause.has(&["task", "tasks", "reminder", "reminders", "meeting", "appointment", "event"])
            || list_somewhere(clause).is_some())
}

/// First words of questions and of requests to show something.
static FIRST: LazyLock<WordSet> = LazyLock::new(|| {
    words(
        "show list lists display read tell give see view check get pull bring open review recite go print run hear \
     know look repeat find inform let what what's whats which who when where how do did does is are am have has \
     was were any anything remind refresh confirm say wonder my count please play start name describe report \
     present access announce state walk wondering like tasks reminders reminder todos for",
    )
});

/// Whether a clause is a question, by its first word or because it is only the name of a list.
fn is_question(clause: &Clause<'_>) -> bool {
    let first = clause.word(0);
    // "on my list, is there …", "my reminders are what", "I have what on Friday".
    let turned = clause.tokens().last().is_some_and(|token| token.is_any(&["what", "which"]))
        || (first == "i" && clause.word(2) == "what")
        || (matches!(first, "on" | "in" | "from") && clause.has(&["is", "are", "do", "did", "what", "how", "which"]));
    if turned {
        return true;
    }
    let short = clause.tokens().len() <= 4;
    FIRST.contains(first)
        || (short && list_phrase(clause.tokens(), 0).is_some_and(|(_, next)| next == clause.tokens().len()))
        || (short
            && clause.tokens().last().is_some_and(|t| t.is_any(&["tasks", "reminders", "todos"]))
            && !clause.has_listed("set add create make new never delete remove erase cancel clear complete finish"))
}

/// Whether a clause says nothing but which days are meant.
pub(super) fn names_only_days(clause: &Clause<'_>, found: &Filter, cx: &ReadContext<'_>) -> bool {
    matches!(found.due, Some(DueRange::Between(..))) && asked_for(clause, cx).is_none()
}

/// Whether the user's tasks are mentioned: by a word for tasks, one of their lists, a meeting or appointment.
fn names_tasks(clause: &Clause<'_>, cx: &ReadContext<'_>) -> bool {
    let tokens = clause.tokens();
    let noun = tokens.iter().enumerate().any(|(i, token)| {
        let certain =
            token.is_any(&["reminder", "reminders", "task", "tasks", "todo", "todos", "chores", "errands", "to-dos"]);
        let to_do = token.is("to") && clause.word(i + 1) == "do" && (i == 0 || clause.word(i - 1) != "how")
            || (token.is("to") && clause.word(i + 1) == "-" && clause.word(i + 2) == "do");
        certain
            || (to_do && clause.has(&["my", "list", "items", "things"]))
            || (token.is("pending") && is_task_noun(clause.word(i + 1)))
    });
    let remembered = clause.has(&["remember", "recall", "forget", "mind", "forgetting", "supposed"])
        && clause.has(&["things", "items", "what", "stuff"])
        && clause.has(&["i"]);
    let appointments = tokens
        .iter()
        .any(|t| t.is_any(&["meetings", "meeting", "appointments", "appointment", "events", "scheduled", "appoints"]))
        && clause.has(&["my", "i", "me", "today", "today's", "tomorrow"]);
    let calendar = clause.has(&["calendar", "agenda", "planner"]);
    noun || calendar || remembered || appointments || list_somewhere(clause).is_some_and(|name| ours(&name, cx))
}

fn list_somewhere(clause: &Clause<'_>) -> Option<ListName> {
    let tokens = clause.tokens();
    (0..tokens.len()).find_map(|at| list_phrase(tokens, at).map(|(name, _)| name))
}

/// A list without a name, one that is known, or one that everybody has.
fn ours(ListName(name): &ListName, cx: &ReadContext<'_>) -> bool {
    let Some(name) = name else { return true };
    cx.known_list(name).is_some()
        || matches!(name.as_str(), "shopping" | "grocery" | "groceries" | "work" | "home" | "packing" | "wish")
}
