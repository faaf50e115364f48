//! Moving a task in the order of its user's tasks.
//!
//! A client names the task that another one goes behind; the position between two tasks is computed here, in the
//! transaction that writes it, so that no client needs to know the positions around it. Where positions have become
//! too long (`tandem_domain::position`), the tasks around get new ones in the same change, and one undo takes all of
//! it back.
//!
//! **Invariant:** a move changes the order of the moved task only.

use super::{Result, ServiceError, UnitOfWork};
use tandem_domain::{
    change::TaskChange,
    page::PageRequest,
    position::{self, LONGEST, LONGEST_ACCEPTED},
    task,
};
use tandem_protocol::{enums::StatusFilter, model::Task, rest::TaskPatch};
use tandem_store::{TaskFilter, TaskKey};

/// How many tasks on each side get new positions: the fewest that makes them short.
const REACHES: [u32; 3] = [16, 64, 256];
/// Characters of positions that leave room for many moves more.
const SHORT: usize = 24;

/// Replaces `after` of a patch, or a position that is too long, by a position. Returns the token that undoes what was
/// changed of other tasks.
///
/// # Errors
/// [`ServiceError::Invalid`] when the patch also has a position, when there is no such task, or when it is the same
/// one.
pub(super) async fn place(unit: &mut UnitOfWork, moved: &Task, patch: &mut TaskPatch) -> Result<Option<String>> {
    let gap: TaskKey = match (patch.after.take(), &patch.position) {
        (Some(_), Some(_)) => return Err(ServiceError::invalid("after", "give either this or a position")),
        (Some(None), None) => (String::new(), i64::MIN),
        (Some(Some(other)), None) => {
            let no_such = || ServiceError::invalid("after", "there is no such task");
            let other = unit.reads().task(other).await?.ok_or_else(no_such)?;
            if other.id == moved.id {
                return Err(ServiceError::invalid("after", "a task cannot be behind itself"));
            }
            (other.position, other.number)
        }
        // A client halves gaps without end.
        (None, Some(given)) if given.len() > LONGEST && position::is_valid(given) => (given.clone(), moved.number),
        (None, _) => return Ok(None),
    };
    let around = Neighbours::read(unit, moved, &gap, 1).await?;
    if patch.position.is_none() && around.has_moved {
        return Ok(None);
    }
    let new = position::between(around.last_before(), around.first_after());
    if let Some(new) = new.filter(|new| new.len() <= LONGEST) {
        patch.position = Some(new);
        return Ok(None);
    }
    let (own, token) = make_room(unit, moved, &gap).await?;
    patch.position = Some(own);
    Ok(Some(token))
}

/// Gives the tasks around a gap new positions, with one in the gap, which is returned with the token for the rest.
async fn make_room(unit: &mut UnitOfWork, moved: &Task, gap: &TaskKey) -> Result<(String, String)> {
    // The position of the next new task, which has to stay behind those that are here.
    let end = position::of_number(unit.account.next_task_number);
    for (reach, most) in REACHES.into_iter().zip([SHORT, SHORT, LONGEST_ACCEPTED]) {
        let around = Neighbours::read(unit, moved, gap, reach).await?;
        let (low, high) = (around.low.as_deref(), around.high.as_deref());
        let high = high.or(Some(end.as_str()).filter(|end| low.is_none_or(|low| low < *end)));
        let count = around.before.len() + 1 + around.after.len();
        let Some(mut new) = position::spread(low, high, count) else { continue };
        if new.iter().any(|position| position.len() > most) {
            continue;
        }
        let own = new.remove(around.before.len());
        let mut changes = Vec::new();
        for (before, position) in around.before.into_iter().chain(around.after).zip(new) {
            let after = task::touched(&before, Task { position, ..before.clone() }, unit.now);
            if after != before {
                unit.update_task(&after, false).await?;
                changes.push(TaskChange { before: Some(before), after: Some(after) });
            }
        }
        return Ok((own, unit.save_undo(changes).await?));
    }
    Err(ServiceError::conflict("There is no room here. Move the tasks around this one first."))
}

/// The tasks on both sides of a gap, without the moved one.
struct Neighbours {
    /// The position that limits those of `before`.
    low: Option<String>,
    before: Vec<Task>,
    after: Vec<Task>,
    high: Option<String>,
    /// Whether the moved task is the first one behind the gap.
    has_moved: bool,
}

impl Neighbours {
    async fn read(unit: &mut UnitOfWork, moved: &Task, gap: &TaskKey, reach: u32) -> Result<Self> {
        // One more for the task that moves, and one for the limit.
        let fetched = reach + 2;
        let filter = TaskFilter::status(StatusFilter::All);
        let request = PageRequest { limit: fetched, after: Some(gap.clone()) };
        let page = unit.reads().tasks(&filter, &request).await?;
        let has_moved = page.rows.first().is_some_and(|task| task.id == moved.id);
        let (after, high) = limited(page.rows, moved, reach, page.more);
        let rows = unit.reads().tasks_before(gap, fetched).await?;
        let (mut before, low) = limited(rows, moved, reach, false);
        before.reverse();
        Ok(Self { low, before, after, high, has_moved })
    }

    fn last_before(&self) -> Option<&str> {
        self.before.last().map(|task| task.position.as_str()).or(self.low.as_deref())
    }

    fn first_after(&self) -> Option<&str> {
        self.after.first().map(|task| task.position.as_str()).or(self.high.as_deref())
    }
}

/// The first `reach` tasks, and the position of the next one. `more` is whether others follow that were not read.
fn limited(mut tasks: Vec<Task>, moved: &Task, reach: u32, more: bool) -> (Vec<Task>, Option<String>) {
    tasks.retain(|task| task.id != moved.id);
    let reach = reach as usize;
    let kept = if more { reach.min(tasks.len().saturating_sub(1)) } else { reach };
    let limit = tasks.get(kept).map(|task| task.position.clone());
    tasks.truncate(kept);
    (tasks, limit)
}

/// One token for a change and for what [`place`] changed before it.
///
/// # Errors
/// A failure of the database.
pub(super) async fn join(unit: &mut UnitOfWork, room: Option<String>, own: Option<String>) -> Result<Option<String>> {
    match (room, own) {
        (Some(room), Some(own)) => Ok(Some(super::undo::join(unit, &[room, own]).await?)),
        (room, own) => Ok(own.or(room)),
    }
}
