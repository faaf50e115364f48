//! Answers to a request for approval: "yes", "no", "yes, all but milk", "the second", "only 1 and 3", "keep the milk".
//!
//! Changes that wait for approval are done because of this text alone, so it is read more strictly than a message: each of
//! its words agrees, refuses, joins, or points at one of the changes. A text with any other word is no answer, however it
//! begins ("yes, when I am home").
//!
//! **Invariant:** a change is approved only by a text of which every word was understood.

mod choice;
mod words;

use jiff::Zoned;
use tandem_protocol::model::Task;
use tandem_protocol::{TaskId, Timestamp};

use crate::Context;
use crate::grammar::Clause;
use crate::reference::{ReadContext, Titles};
use crate::text::Text;
use choice::{Choice, choice};
use words::Said;

/// A change that waits for the user's approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PendingChange<'a> {
    /// The number of its task, where there is a task yet.
    pub number: Option<i64>,
    /// The title of its task; empty for a change that has none.
    pub title: &'a str,
    pub kind: PendingKind,
}

/// What a change would do; it decides which verbs approve it ("delete them").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PendingKind {
    Add,
    Complete,
    Delete,
    Other,
}

/// Longest answer, in words and marks; more is a message of its own.
const MAX_TOKENS: usize = 40;

/// The user's decision on each of the changes: `true` approves, `false` refuses, `None` leaves it waiting. The outer `None`
/// when the text is no answer; otherwise at least one change is decided.
pub fn read_approval(message: &str, changes: &[PendingChange<'_>], now: &Zoned) -> Option<Vec<Option<bool>>> {
    let text = Text::new(crate::text::reaction(message).unwrap_or(message));
    let asks = text.tokens.iter().any(|token| token.is("?"));
    if asks || text.len() > MAX_TOKENS || changes.is_empty() {
        return None;
    }
    let tasks: Vec<Task> =
        changes.iter().enumerate().map(|(place, change)| task(place, change)).collect::<Option<_>>()?;
    let (tasks, ids): (Vec<&Task>, Vec<TaskId>) = tasks.iter().map(|task| (task, task.id)).unzip();
    let context = Context { shown: &ids, last_touched: &ids, ..Context::new(now, &tasks) };
    crate::work::within(|| read_answer(&text, &context, changes, &ids))?
}

fn read_answer(
    text: &Text,
    context: &Context<'_>,
    changes: &[PendingChange<'_>],
    ids: &[TaskId],
) -> Option<Vec<Option<bool>>> {
    let titles = Titles::default();
    let answer = Answer { text, cx: ReadContext::new(context, &titles), ids, changes };
    let mut decided = vec![None; changes.len()];
    answer.decide(&mut decided)?;
    decided.iter().any(Option::is_some).then_some(decided)
}

/// A change as a task, so that it is found by the same references as one.
fn task(place: usize, change: &PendingChange<'_>) -> Option<Task> {
    let id = format!("00000000-0000-0000-0000-{place:012x}").parse().ok()?;
    let number = change.number.unwrap_or_default();
    Some(Task { number, title: change.title.to_owned(), ..Task::empty(id, Timestamp::from_millis(0)) })
}

struct Answer<'a> {
    text: &'a Text,
    cx: ReadContext<'a>,
    ids: &'a [TaskId],
    changes: &'a [PendingChange<'a>],
}

impl Answer<'_> {
    /// Reads the text as one statement, or as several: "yes to the milk, no to the rest".
    fn decide(&self, decided: &mut [Option<bool>]) -> Option<()> {
        let n = self.text.len();
        if let Some(statement) = self.statement(0, n) {
            return self.apply(&statement, true, decided);
        }
        // From the end: what the words after each place say, if all of them are understood.
        let mut from: Vec<Option<Vec<Statement>>> = vec![None; n + 1];
        from[n] = Some(Vec::new());
        for at in (0..n).rev() {
            let ends = (at + 1..=n).filter(|&end| end == n || words::joins(&self.text.tokens[end]));
            from[at] = ends.into_iter().find_map(|end| {
                let rest = from[(end + 1).min(n)].clone()?;
                let first = self.statement(at, end)?;
                Some([vec![first], rest].concat())
            });
        }
        let statements = from.swap_remove(0).filter(|statements| statements.len() > 1)?;
        statements.iter().try_for_each(|statement| self.apply(statement, false, decided))
    }

    /// One statement: what is said, and of which changes.
    fn statement(&self, from: usize, to: usize) -> Option<Statement> {
        let clause = Clause::new(self.text, from, to);
        // Polite openings are no part of the clause: "can I delete them", "let me keep them" decide nothing.
        let opening = &self.text.tokens[clause.start..clause.from];
        if clause.is_empty() || opening.iter().any(|token| token.is_any(&["i", "let", "let's", "possible"])) {
            return None;
        }
        let led = words::lead(&clause, self.changes);
        let object = clause.part(led.end, clause.tokens().len());
        if object.is_empty() {
            let approves = match led.said? {
                Said::Yes => true,
                Said::No => false,
                Said::YesBut => return None,
            };
            return Some(Statement { approves, of: Choice::All, only: false });
        }
        let (said, object) = match (led.said, words::trailing(&object)) {
            (None, Some((said, object))) => (Some(said), object),
            (said, None) => (said, object),
            (Some(_), Some(_)) => return None,
        };
        // "don't delete any of them".
        let none =
            said == Some(Said::No) && object.longest_start("any|anything|any of them") == Some(object.tokens().len());
        // "yes except the report".
        let excepted = if said == Some(Said::Yes) { choice::excepted(&object, &self.cx, self.ids) } else { None };
        let of = if let Some(kept) = excepted {
            Choice::AllBut(kept)
        } else if none {
            Choice::All
        } else {
            choice(&object, &self.cx, self.ids)?
        };
        let statement = |approves, only| Some(Statement { approves, of: of.clone(), only });
        match (said, &of) {
            // "the second", "everything": what is pointed at is wanted.
            (None, Choice::These(_)) => statement(true, true),
            (None, Choice::All | Choice::AllBut(_)) => statement(true, false),
            (Some(Said::Yes), _) => statement(true, led.only),
            // "no, only the second".
            (Some(Said::No), Choice::These(_)) if led.only && led.plain => statement(true, true),
            (Some(Said::No), Choice::These(_) | Choice::All | Choice::Rest) if !led.only => statement(false, false),
            // "yes, but not the milk".
            (Some(Said::YesBut), Choice::These(ids)) if !led.only => {
                Some(Statement { approves: true, of: Choice::AllBut(ids.clone()), only: false })
            }
            _ => None,
        }
    }

    /// Notes what a statement decides; `None` when another one has said the opposite.
    fn apply(&self, statement: &Statement, alone: bool, decided: &mut [Option<bool>]) -> Option<()> {
        for (id, decision) in self.ids.iter().zip(decided) {
            let said = match &statement.of {
                Choice::All => Some(statement.approves),
                Choice::Rest => decision.is_none().then_some(statement.approves),
                Choice::These(ids) if ids.contains(id) => Some(statement.approves),
                // Of several statements none means all that it does not name.
                Choice::These(_) => (statement.only && alone).then_some(!statement.approves),
                Choice::AllBut(ids) => Some(statement.approves != ids.contains(id)),
            };
            match (said, *decision) {
                (Some(now), Some(before)) if now != before => return None,
                (Some(now), _) => *decision = Some(now),
                (None, _) => {}
            }
        }
        Some(())
    }
}

/// A part of an answer.
#[derive(Debug, Clone)]
struct Statement {
    approves: bool,
    of: Choice,
    /// Whether the opposite holds for what it does not name.
    only: bool,
}
