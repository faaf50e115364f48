//! The tasks that a message may be about, for an assistant that reads it without a model.
//!
//! Such an assistant compares the words of a message with titles. It cannot be given all tasks of a user who has
//! thousands, so it gets those that are likely: the ends of the list, the last done, and what the message names.
//!
//! **Invariant:** the number of tasks is bounded, whatever the user has. With few open tasks they are all there.

use super::{Result, Services, runs::LeasedRun};
use tandem_domain::due::Today;
use tandem_protocol::{TaskId, enums::StatusFilter, model::Task};
use tandem_store::{TaskCounts, TaskFilter};

/// Open tasks from the start of the list, and the same number from its end.
const OPEN: usize = 400;
/// Tasks that were done last.
const DONE: usize = 200;
/// Tasks found by words of the message.
const FOUND: usize = 100;
/// Tasks named by number or id.
const NAMED: usize = 100;

/// What a message names.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Words that may be of a title.
    pub words: Vec<String>,
    /// Numbers that may be of tasks.
    pub numbers: Vec<i64>,
    /// Tasks that the conversation was about.
    pub ids: Vec<TaskId>,
}

impl Services {
    /// How many tasks there are, for the prompt of a reply.
    ///
    /// # Errors
    /// `ServiceError::Unavailable` or `ServiceError::Overloaded` when the database does not do it in time.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn task_counts_for_run(&self, claimed: &LeasedRun) -> Result<TaskCounts> {
        let today = Today::at(self.env().now(), &claimed.account.user.time_zone);
        Ok(self.store().read(&claimed.caller.owner).await?.task_counts(&today).await?)
    }

    /// Tasks that a message may be about, in the order of the list, without their descriptions: at most a thousand.
    ///
    /// # Errors
    /// `ServiceError::Unavailable` or `ServiceError::Overloaded` when the database does not do it in time.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn tasks_for_run(&self, claimed: &LeasedRun, wanted: &Wanted) -> Result<Vec<Task>> {
        let mut tx = self.store().read(&claimed.caller.owner).await?;
        // One more than both ends have: when it is not found, these are all open tasks.
        let mut tasks = tx.brief_tasks(&TaskFilter::status(StatusFilter::Open), 2 * OPEN + 1).await?;
        let all = tasks.len() <= 2 * OPEN;
        tasks.extend(tx.done_tasks(DONE).await?);
        if !all {
            // Of a long list the first tasks stay; the last ones are read from the other end.
            tasks.drain(OPEN..=2 * OPEN);
            tasks.extend(tx.last_tasks(OPEN).await?);
            // A search finds what is indexed, and a new snapshot what this has indexed.
            drop(tx);
            self.index_for(&claimed.caller.owner).await?;
            tx = self.store().read(&claimed.caller.owner).await?;
            let mut ids = tx.find_tasks(&wanted.words, FOUND).await?;
            ids.extend(wanted.ids.iter().take(NAMED));
            let numbers = &wanted.numbers[..wanted.numbers.len().min(NAMED)];
            tasks.extend(tx.named_tasks(numbers, &ids).await?);
        }
        tasks.sort_by(|a, b| (&a.position, a.number).cmp(&(&b.position, b.number)));
        // Equal tasks are neighbours now.
        tasks.dedup_by_key(|task| task.number);
        Ok(tasks)
    }
}
