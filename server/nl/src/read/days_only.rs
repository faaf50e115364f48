//! Messages that are only a date: "today", "and next week?", "what about Saturday". Days are shown; a time of a day is when
//! something is to be done, and what that is has to be asked.

use crate::dates::whole;
use crate::grammar::Clause;
use crate::reference::ReadContext;
use crate::text::{Token, listed};
use crate::{Action, Filter};
use tandem_protocol::rest::NewTask;

use super::Outcome;
use super::filter::filter;
use super::show::names_only_days;

/// Words before the date of a question that goes on: "and on Friday?".
const LEADS: &str = "and so then ok okay what what's whats about how , please now also";

pub(super) fn read(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let (before, after) = (&clause.text.tokens[..clause.from], &clause.text.tokens[clause.to..]);
    let alone = before.iter().all(|token| listed(LEADS, &token.word)) && after.iter().all(Token::is_mark);
    // An answer and a correction belong to what was asked and done before.
    if !alone || (cx.context.previous.is_some() && !cx.again) || cx.context.request.is_some() || cx.chosen.is_some() {
        return None;
    }
    let led = clause.tokens().iter().take_while(|token| listed(LEADS, &token.word)).count();
    let date = clause.part(led, clause.tokens().len());
    // "the one on Thursday" is a task.
    if clause.longest_start("the one|that one|one on").is_some() {
        return None;
    }
    let read = whole(&cx.dates_in(&date));
    if let Some(draft) = read.as_ref().filter(|draft| draft.names_time()) {
        let due = draft.resolve(cx.context.now.datetime())?.due?;
        let task = NewTask { due: Some(due), ..NewTask::default() };
        return (!draft.repeats() && clause.from == 0 && led == 0).then(|| Outcome::AskTitle(Box::new(task)));
    }
    // "today is Monday" asks for nothing.
    if read.is_some_and(|draft| draft.repeats()) || date.has(&["is", "was", "are"]) {
        return None;
    }
    let found = filter(&date, cx);
    let shown = Filter { due: found.due, ..Filter::default() };
    if names_only_days(&date, &found, cx) { Outcome::look(Action::List(shown)) } else { None }
}
