//! Tasks. Each keeps its number, by which its user knows it.

use crate::{
    ImportError, Options,
    accounts::{Accounts, Standing},
    report::{Changes, Fate, Report},
    row::Row,
    source::Source,
    target::Target,
};
use futures_util::StreamExt as _;
use tandem_domain::{original, position, series::CompletionRecord, text};
use tandem_protocol::{
    CompletionId, TaskId, TaskRef, UserId,
    enums::{Priority, TaskStatus},
    limits::{MAX_DESCRIPTION_CHARS, MAX_TITLE_CHARS},
    live::EventBody,
    model::{Due, Task},
    time,
};
use tandem_store::{ImportedKind, WriteTx};

/// The names that the table has had, the newest first.
const TABLES: [&str; 2] = ["tasks_phaseiii", "tasks"];
const BY_USER: &str = "order by t.user_id::text collate \"C\", t.id";
/// Tasks of a transaction.
const AT_ONCE: usize = 200;
/// The largest number of the other system.
const MAX_NUMBER: i64 = i32::MAX as i64;

/// Tasks of one user that are written together.
struct Batch {
    owner: Option<(UserId, Standing)>,
    tasks: Vec<Task>,
}

pub(crate) async fn import(
    source: &mut Source,
    target: &Target<'_>,
    accounts: &Accounts,
    options: &Options,
    report: &mut Report,
    progress: &mut (dyn FnMut(&str, u64, u64) + Send),
) -> Result<(), ImportError> {
    let Some(table) = TABLES.into_iter().find(|table| source.has(table)) else { return Ok(()) };
    let all = source.count(table).await?;
    report.table(table);
    let mut batch = Batch { owner: None, tasks: Vec::new() };
    let mut rows = source.rows(table, BY_USER);
    while let Some(row) = rows.next().await {
        let row = row?;
        let mut changes = Changes::default();
        let read =
            accounts.owner_of(&row).and_then(|owner| Ok((task(&row, owner.0.as_str(), options, &mut changes)?, owner)));
        let id = row.text(&["id"]).unwrap_or_default();
        match read {
            Err(reason) => report.count(table, &id, Fate::LeftOut(reason)),
            Ok((task, owner)) => {
                report.change(table, &id, changes);
                if batch.owner.as_ref() != Some(&owner) || batch.tasks.len() >= AT_ONCE {
                    write(target, table, &mut batch, report).await?;
                    batch.owner = Some(owner);
                }
                batch.tasks.push(task);
            }
        }
        progress(table, report.table(table).rows, all);
    }
    write(target, table, &mut batch, report).await?;
    progress(table, report.table(table).rows, all);
    Ok(())
}

async fn write(target: &Target<'_>, table: &str, batch: &mut Batch, report: &mut Report) -> Result<(), ImportError> {
    let tasks = std::mem::take(&mut batch.tasks);
    let Some((user, standing)) = batch.owner.clone().filter(|_| !tasks.is_empty()) else { return Ok(()) };
    // There is no account yet that anything could be read from.
    if target.dry_run && standing == Standing::Fresh {
        for task in tasks {
            report.count(table, &task.number.to_string(), Fate::Imported);
        }
        return Ok(());
    }
    let mut tx = target.begin(&user).await?;
    let mut fates = Vec::new();
    for task in tasks {
        let fate = if standing == Standing::Fresh { Fate::Imported } else { fate(tx.as_mut(), &task).await? };
        if fate == Fate::Imported && !target.dry_run {
            add(target, tx.as_mut(), &user, &task, standing).await?;
        }
        fates.push((task.number, fate));
    }
    if !target.dry_run {
        tx.commit().await?;
    }
    for (number, fate) in fates {
        report.count(table, &number.to_string(), fate);
    }
    Ok(())
}

/// Whether an account that was there before has a task already.
async fn fate(tx: &mut dyn WriteTx, task: &Task) -> Result<Fate, ImportError> {
    // Also one that was deleted here: it is not brought back.
    if tx.kept_task(task.id).await?.is_some() {
        return Ok(Fate::Present);
    }
    let taken =
        tx.task(TaskRef::Number(task.number)).await?.is_some() || tx.account().await?.next_task_number > task.number;
    Ok(if taken { Fate::left_out("another task here has its number") } else { Fate::Imported })
}

async fn add(
    target: &Target<'_>,
    tx: &mut dyn WriteTx,
    user: &UserId,
    task: &Task,
    standing: Standing,
) -> Result<(), ImportError> {
    tx.insert_task(task).await?;
    if let Some(at) = task.completed_at {
        let id = CompletionId(original::id(user.as_str(), "completion", task.number));
        tx.insert_completion(&CompletionRecord::new(id, task, at)).await?;
    }
    if standing == Standing::Present {
        target.record(tx, EventBody::TaskCreated { task: task.clone() }).await?;
        tx.note_imported(target.run, ImportedKind::Task, task.id.0).await?;
    }
    Ok(())
}

fn task(row: &Row, user: &str, options: &Options, changes: &mut Changes) -> Result<Task, String> {
    let number = row.number("id").filter(|id| (1..=MAX_NUMBER).contains(id)).ok_or("its number cannot be kept")?;
    let title = changes.line(
        row.text(&["title"]),
        MAX_TITLE_CHARS,
        "its title was shortened, or has spaces for line breaks and control characters",
    );
    let description = text::block("description", row.text(&["description"]).unwrap_or_default(), MAX_DESCRIPTION_CHARS);
    let time = |name| row.time(&[name], &options.time_zone).map(|at| at.min(options.now));
    let created_at = time("created_at").unwrap_or(options.now);
    let updated_at = time("updated_at").unwrap_or(created_at).max(created_at);
    let done = row.flag(&["completed"]);
    Ok(Task {
        id: TaskId(original::id(user, "task", number)),
        number,
        title: title.ok_or("its title is empty")?,
        description: description.map_err(|_| "its description is too long, or holds NUL")?,
        status: if done { TaskStatus::Done } else { TaskStatus::Open },
        priority: priority(row, changes),
        due: due(row, changes),
        recurrence: None,
        occurrence: None,
        reminders: Vec::new(),
        labels: text::labels(row.texts("tags")).map_err(|_| "its tags are too many or too long")?,
        list: list(row)?,
        parent_id: None,
        position: position::of_number(number),
        rev: 1,
        created_at,
        updated_at,
        completed_at: done.then(|| time("completed_at").unwrap_or(updated_at)),
    })
}

fn list(row: &Row) -> Result<Option<String>, String> {
    let Some(name) = row.text(&["category"]).filter(|name| !name.trim().is_empty()) else { return Ok(None) };
    text::labels(vec![name]).map(|names| names.into_iter().next()).map_err(|_| "its category is too long".into())
}

fn priority(row: &Row, changes: &mut Changes) -> Priority {
    match row.text(&["priority"]).unwrap_or_default().to_lowercase().as_str() {
        "urgent" | "critical" => Priority::Urgent,
        "high" => Priority::High,
        "medium" | "normal" => Priority::Medium,
        "low" => Priority::Low,
        "" | "none" => Priority::None,
        _ => {
            changes.lost("its priority is none of ours: it has none here");
            Priority::None
        }
    }
}

/// A day, or a day and a clock time, as it stands there.
fn due(row: &Row, changes: &mut Changes) -> Option<Due> {
    let text = row.text(&["due_date", "due"]).filter(|text| !text.trim().is_empty())?;
    let Some(date) = text.get(..10).and_then(time::parse_date) else {
        changes.lost("its due date cannot be read: it has none here");
        return None;
    };
    let clock = text.get(11..16).and_then(time::parse_clock).filter(|clock| *clock != jiff::civil::Time::midnight());
    Some(Due { date, time: clock, time_zone: "UTC".into() })
}
