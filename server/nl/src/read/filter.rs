//! The filter of a question about tasks: status, date, priority, list, label, and the words that are left.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::dates::{find_all, words_outside};
use crate::grammar::{Clause, ListName, is_task_noun, list_phrase};
use crate::period_filter::due_filter;
use crate::quick_add::{priority_digit, priority_word};
use crate::reference::{ReadContext, rank};
use crate::text::{WordSet, words};
use crate::{DueRange, Filter};
use tandem_protocol::enums::{Priority, StatusFilter};

/// Words of a question that are not about the content of a task.
static ASKING: LazyLock<WordSet> = LazyLock::new(|| {
    words(
        "show me my list lists what what's which are is do does did i have has all any the of for on in to at a an \
     display read tell give see view check get pull up bring open review can you could please need want know \
     about set there today pending completed complete done finished outstanding remaining left due overdue active \
     current currently everything anything something how many much that am was were it so far now still yet \
     already planned plan scheduled schedule calendar agenda with high low medium urgent important priority again \
     from off out over through go and or alarms be been stuff things thing would like hear put added made \
     remember wanted items item next first last latest recent most day time until til more minutes when where if \
     whether let find print look looks looking this week month weekend year rest starting going happening \
     available upcoming appointments events one ones 's - , ? # got without no date your contents content inform \
     exactly really remind labeled labelled tagged label tag who recite whole entire name running them plans anywhere event events free busy engagements supposed meant marked noted written should must shall tell's else",
    )
});

pub(super) fn filter(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Filter {
    let now = cx.context.now;
    let mut filter = Filter {
        status: status(clause),
        due: due_filter(clause, now),
        priority: priority(clause),
        ..Filter::default()
    };
    // "what did I get done today" is about when, not about due dates.
    if let (StatusFilter::Done, Some(DueRange::Between(first, last)), false) =
        (filter.status, filter.due, clause.has(&["due"]))
    {
        (filter.due, filter.completed) = (None, Some((first, last)));
    }
    filter.count = clause.word(0) == "how" && matches!(clause.word(1), "many" | "much")
        || clause.has(&["count"])
        || has_pair(clause, "how", "many");
    filter.label = label(clause, cx);
    let tokens = clause.tokens();
    let named = (0..tokens.len()).find_map(|at| list_phrase(tokens, at).map(|(ListName(name), next)| (name, at, next)));
    if let Some((Some(name), ..)) = &named {
        filter.list = Some(cx.known_list(name).unwrap_or(name).clone());
    }
    let named_otherwise = if named.is_none() { list_before_noun(clause, cx) } else { None };
    if let Some((name, _)) = &named_otherwise {
        filter.list = Some(name.clone());
    }
    let named = named.or_else(|| named_otherwise.map(|(name, at)| (Some(name), at, at + 1)));
    filter.query = query(clause, cx, named.map(|(_, from, to)| (from, to)), filter.label.as_deref());
    filter
}

/// A list by its name alone: "work tasks", "tasks in Home".
fn list_before_noun(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<(String, usize)> {
    (0..clause.tokens().len()).find_map(|at| {
        let before_noun = is_task_noun(clause.word(at + 1));
        let after = at > 0 && matches!(clause.word(at - 1), "in" | "from" | "under");
        let after_noun = after && (0..at).any(|before| is_task_noun(clause.word(before)));
        if !before_noun && !after_noun {
            return None;
        }
        Some((cx.known_list(clause.word(at))?.clone(), at))
    })
}

fn has_pair(clause: &Clause<'_>, first: &str, second: &str) -> bool {
    (0..clause.tokens().len()).any(|i| clause.word(i) == first && clause.word(i + 1) == second)
}

fn status(clause: &Clause<'_>) -> StatusFilter {
    let not_yet =
        clause.has_listed("not haven't yet pending incomplete unfinished left remaining outstanding open active todo");
    // "which tasks are not done yet" has "done" in it.
    if !not_yet && clause.has_listed("completed complete finished done accomplished finish accomplish closed achieved")
    {
        return StatusFilter::Done;
    }
    let everything =
        has_pair(clause, "all", "tasks") || (clause.has(&["all", "every"]) && clause.has(&["tasks", "task"]));
    if everything && !not_yet && !clause.has(&["due", "overdue", "today", "tomorrow", "for"]) {
        StatusFilter::All
    } else {
        StatusFilter::Open
    }
}

fn priority(clause: &Clause<'_>) -> Option<Priority> {
    (0..clause.tokens().len()).find_map(|i| match (clause.word(i), clause.word(i + 1)) {
        ("p", digit) => priority_digit(digit),
        (word @ ("urgent" | "important"), _) | (word, "priority" | "-" | "prio") => priority_word(word),
        _ => None,
    })
}

/// A label after "#" or "labelled", or the name of a known one before "tasks".
fn label(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<String> {
    let marked = (0..clause.tokens().len()).find_map(|i| {
        matches!(clause.word(i), "#" | "labeled" | "labelled" | "tagged" | "label" | "tag")
            .then(|| clause.word(i + 1))
            .filter(|word| !word.is_empty() && *word != "with" && !word.bytes().all(|b| b.is_ascii_digit()))
    });
    let marked = marked.map(str::to_owned);
    // A label that is misspelt is none, and would find nothing.
    let marked = marked.map(|label| cx.known_label(&label).unwrap_or(label));
    marked.or_else(|| {
        let words: HashSet<&str> = clause.tokens().iter().map(|token| token.word.as_str()).collect();
        let mut labels = cx.context.tasks.iter().flat_map(|task| &task.labels);
        labels.find(|label| words.contains(label.to_lowercase().as_str())).cloned()
    })
}

/// The words that are left, if some task has them.
fn query(
    clause: &Clause<'_>,
    cx: &ReadContext<'_>,
    list: Option<(usize, usize)>,
    label: Option<&str>,
) -> Option<String> {
    let words = content(clause, cx, list, label)?;
    // Words that fit no title are part of the question, not of a search: "what tasks do I have left over".
    let fits = !rank(&words, cx.context.tasks, cx).all(crate::reference::Risk::Reversible).is_empty();
    fits.then_some(words)
}

/// The words of a question that are about the content of a task, whether there is one or not.
pub(super) fn asked_for(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<String> {
    content(clause, cx, None, None)
}

fn content(
    clause: &Clause<'_>,
    cx: &ReadContext<'_>,
    list: Option<(usize, usize)>,
    label: Option<&str>,
) -> Option<String> {
    let input = cx.dates_in(clause);
    let words: Vec<&str> = words_outside(&input, &find_all(&input))
        .filter(|(at, _)| !list.is_some_and(|(from, to)| (from..to).contains(at)))
        .map(|(_, word)| word)
        .filter(|word| !ASKING.contains(word) && !is_task_noun(word) && Some(*word) != label)
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}
