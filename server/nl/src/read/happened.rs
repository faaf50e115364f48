//! Questions whether something was done: "did I buy the milk", "is the report done", "when did I water the plants last".
//!
//! The task itself is the answer: its line shows whether it is done, and when it is due.

use crate::grammar::{Clause, patterns};
use crate::reference::{ReadContext, Risk, rank};
use crate::{Action, Filter};
use tandem_protocol::TaskId;
use tandem_protocol::enums::StatusFilter;

use super::Outcome;
use super::filter::asked_for;

#[derive(Debug, Clone, Copy)]
enum Asked {
    Whether,
    When,
}

patterns! {
    TABLE: Asked {
        Whether: "did|didn't|have|haven't i|we [already|just|even|really|ever] *",
        Whether: "did|didn't|have|haven't i|we [already|just|even|really|ever] * yet|already|today",
        When: "when did i|we [last] *",
        When: "when did i|we * last",
        When: "when was the|my last time i|we *",
        When: "when have i|we [last] *",
    }
}

pub(super) fn read(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let (asked, captured) = TABLE.best(clause.tokens())?;
    let words = asked_for(&captured.part(clause, 0)?, cx)?;
    let [id] = rank(&words, cx.context.tasks, cx).all(Risk::Reversible)[..] else { return None };
    match asked {
        Asked::Whether => state_of(id, cx),
        Asked::When => look(id, StatusFilter::Done, cx),
    }
}

/// Shows one task, done or not.
pub(super) fn state_of(id: TaskId, cx: &ReadContext<'_>) -> Option<Outcome> {
    look(id, StatusFilter::All, cx)
}

fn look(id: TaskId, status: StatusFilter, cx: &ReadContext<'_>) -> Option<Outcome> {
    let query = Some(cx.task(id)?.title.clone());
    super::one_look(Action::List(Filter { status, query, ..Filter::default() }))
}
