//! "Everything is done", "I did it all", "all my tasks for today are finished": a set that was done.
//!
//! It is a statement about many tasks, of which some may have been forgotten, so the user is asked first. What was listed last
//! is meant before all that is open.
//!
//! **Invariant:** nothing is completed before the user has agreed.

use crate::Action;
use crate::grammar::{Clause, patterns};
use crate::reference::{ReadContext, Risk, Scope, Target, group};
use crate::text::Text;
use crate::understood::Understood;
use tandem_protocol::TaskId;

use super::{Outcome, is_set};

#[derive(Debug, Clone, Copy)]
enum Form {
    /// Without words for the tasks.
    All,
    /// The words for the tasks.
    Set,
}

patterns! {
    TABLE: Form {
        All: "all|everything|it_all|all_of_it|all_of_them|all_of_these|all_of_those|they_all|all_tasks|all_my_tasks|all_the_tasks|all_of_my_tasks|my_tasks [is|are|'s|has_been|have_been] [now|all] done|finished|complete|completed [now|today]",
        All: "everything's|they're_all|all's|it's_all|that's_all done|finished|complete|completed [now]",
        All: "i|we|i've|we've|i_have|we_have [have] [just|already|now|finally] did|done|finished|completed everything|it_all|all_of_it|all_of_them|them_all|all_my_tasks|all_tasks [now|today]",
        Set: "* is|are|'s|has_been|have_been [now|all] done|finished|complete|completed",
    }
}

pub(super) fn read(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let (form, captured) = TABLE.best(clause.tokens())?;
    let ids = match form {
        Form::All => all(cx),
        Form::Set => {
            let object = captured.part(clause, 0).filter(is_set)?;
            match group(&object, None, cx, Scope::Open, Risk::Reversible)? {
                Target::Tasks(ids) => ids.get().clone(),
                _ => return None,
            }
        }
    };
    match ids[..] {
        [] => None,
        [id] => Some(Outcome::Ask { question: "Shall I mark this one as done?".to_owned(), choices: vec![id] }),
        _ => Some(Outcome::AskAll(ids)),
    }
}

/// Most tasks of a question that lists them; of more it says the number.
pub(super) const MOST_LISTED: usize = 20;

/// The open tasks that were listed last, else all of them. Read again, those of the question are the ones that it has listed.
fn all(cx: &ReadContext<'_>) -> Vec<TaskId> {
    let open = |id: &TaskId| cx.task(*id).is_some_and(|task| Scope::Open.holds(task));
    let shown: Vec<TaskId> = cx.context.shown.iter().copied().filter(open).collect();
    if (1..=MOST_LISTED).contains(&shown.len()) && cx.context.last_touched.is_empty() {
        return shown;
    }
    cx.context.tasks.iter().filter(|task| Scope::Open.holds(task)).map(|task| task.id).collect()
}

/// What becomes of tasks that the user has agreed are done.
pub(super) fn completed(ids: Vec<TaskId>) -> Understood<Vec<Action>> {
    let done = Text::new("done");
    let words = Understood::of_words(&Clause::new(&done, 0, done.len()));
    Understood::selected(ids, &words).act(|ids| vec![Action::Complete { ids }])
}
