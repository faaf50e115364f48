//! Sentences whose clauses depend on each other: "is bacon on my list? add it if not", "we're out of milk, so …",
//! "I don't need eggs any more, take them off".

use std::sync::LazyLock;

use crate::grammar::{Captured, Clause, ListName, Table};
use crate::reference::{ReadContext, Risk, Scope, Target, resolve};
use crate::title::finish;
use crate::{Action, Filter};
use tandem_protocol::rest::NewTask;

use super::{Outcome, on_target};

#[derive(Debug, Clone, Copy)]
enum Combined {
    /// Add it unless it is there.
    AddIfMissing,
    /// Said first, then put on a list.
    Add,
    /// It is not needed any more.
    Drop,
}

static TABLE: LazyLock<Table<Combined>> = LazyLock::new(|| Table::new(ROWS));

const ROWS: &[(&str, Combined)] = &[
    ("remind me [to] * ,|;|.|and [please] [and] put|add [it|that|this] to|on|onto|in <list>", Combined::Add),
    (
        "is|are * on|in <list> [,|?] [and] [please] add [it|them] if it's|it|they|they're [is|are] [not|n't|isn't|aren't]",
        Combined::AddIfMissing,
    ),
    (
        "is|are * on|in <list> [,|?] [and] if not|it's_not|they're_not|it_isn't|they_aren't [,] [please|then] add|put it|them|that|those|some [on_the_list|to_the_list|on_it|to_it]",
        Combined::AddIfMissing,
    ),
    (
        "is|are * on|in <list> [,|?] [and] if not|it's_not|they're_not|it_isn't|they_aren't [,] [please|then] add|put it|them|that|those|some to|on <list>",
        Combined::AddIfMissing,
    ),
    (
        "do|did i have|put|add * on|to|in <list> [,|?] [and] if not|i_don't|i_didn't [,] [please|then] add|put it|them|that|those|some [to|on] [it|the_list|my_list|there]",
        Combined::AddIfMissing,
    ),
    (
        "if * isn't|aren't|is_not|are_not [already] on|in <list> [,] [please|then] [go_ahead_and] add|put it|them|that [for_me] [to|on] [it|the_list|my_list|there]",
        Combined::AddIfMissing,
    ),
    ("i|we don't|do_not|no_longer need|want|have [to] * [anymore|any_more|any_longer] [on] <list>", Combined::Drop),
    ("i|we don't|do_not|no_longer need|want|have [to] * on|in <list> [anymore|any_more|any_longer]", Combined::Drop),
    (
        "i|we don't|do_not|no_longer need|want [that|the|my|to_be] [reminder|task|reminded] [for|to|about|of] * anymore|any_more|any_longer",
        Combined::Drop,
    ),
    (
        "i|we don't|do_not|no_longer need|want|have [to] * [anymore|any_more|any_longer] [,|;|.] [so] [you_can] [please] take|remove|delete|cancel|drop|erase|forget it|that|them|reminder|the_reminder|this",
        Combined::Drop,
    ),
    (
        "i|we don't|do_not|no_longer need|want|have [to] * [anymore|any_more|any_longer] [,|;|.] [so] [you_can] [please] take|remove|delete|drop it|that|them off|of|from|off_of [<list>] [<a>] *",
        Combined::Drop,
    ),
    ("i|we no_longer need|want|have_to|need_to *", Combined::Drop),
];

/// Reads a message of that kind.
pub(super) fn read(all: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let (tied, captured) = TABLE.best(all.tokens())?;
    let (from, to) = *captured.spans.first()?;
    let thing = all.part(from, to);
    match tied {
        Combined::AddIfMissing => Some(add_if_missing(&thing, &captured, cx)),
        Combined::Add => {
            let list = captured.list.as_ref().and_then(|ListName(name)| name.clone());
            let task = NewTask { title: finish(thing.source()), list, ..NewTask::default() };
            Some(Outcome::Act(vec![Action::Add(task)]))
        }
        Combined::Drop => {
            let target = resolve(&thing, cx, Scope::Open, Risk::Destructive);
            Some(on_target(target, "delete", |ids| vec![Action::Delete { ids }]))
        }
    }
}

fn add_if_missing(thing: &Clause<'_>, captured: &Captured, cx: &ReadContext<'_>) -> Outcome {
    let list = captured.list.as_ref().and_then(|ListName(name)| name.clone());
    match resolve(thing, cx, Scope::Open, Risk::Destructive) {
        Target::Tasks(_) => {
            let query = Some(thing.source().to_owned());
            Outcome::Act(vec![Action::List(Filter { query, ..Filter::default() })])
        }
        _ => Outcome::Act(vec![Action::Add(NewTask { title: finish(thing.source()), list, ..NewTask::default() })]),
    }
}
