//! What the person does with tasks. Each action is one change, which one undo takes back.

use super::Engine;
use crate::text::tasks as text;
use crate::{
    platform::{clock, random},
    state::notice::{Notice, NoticeKind, PostedNotice},
};
use tandem_protocol::{
    CommandId, ErrorCode, TaskId,
    live::{
        Command,
        command::{TaskComplete, TaskRefArgs, TaskUpdate},
    },
    model::Due,
    rest::{NewTask, TaskPatch, UndoBody},
};
use wasm_bindgen_futures::spawn_local;
use yew::Callback;

impl Engine {
    pub(crate) fn add_task(&self, task: NewTask) {
        self.change(vec![Command::TaskCreate(NewTask { id: Some(random::task_id()), ..task })], None);
    }

    pub(crate) fn change_task(&self, id: TaskId, patch: TaskPatch) {
        self.change(vec![Command::TaskUpdate(TaskUpdate { task_id: id.into(), patch })], None);
    }

    /// Completes a task, for the date that is shown, or reopens it.
    pub(crate) fn complete_task(&self, id: TaskId, done: bool) {
        let (title, occurrence) = {
            let view = self.inner.model.borrow().task_view();
            let task = view.tasks.iter().find(|task| task.id == id);
            (task.map(|task| task.title.clone()), task.and_then(|task| task.occurrence))
        };
        let (verb, command) = if done {
            (text::COMPLETED, Command::TaskComplete(TaskComplete { task_id: id.into(), occurrence }))
        } else {
            (text::REOPENED, Command::TaskReopen(TaskRefArgs::from(id)))
        };
        self.change(vec![command], Some(Notice { object: title, ..Notice::done(verb) }));
    }

    pub(crate) fn delete_task(&self, id: TaskId) {
        let object = self
            .inner
            .model
            .borrow()
            .task_view()
            .tasks
            .iter()
            .find(|task| task.id == id)
            .map(|task| task.title.clone());
        let notice = Notice { kind: NoticeKind::Deleted, object, ..Notice::done(text::DELETED) };
        self.change(vec![Command::TaskDelete(TaskRefArgs::from(id))], Some(notice));
    }

    /// Submits commands that are one change, and says so with a way back.
    pub(crate) fn change(&self, commands: Vec<Command>, notice: Option<Notice>) {
        let ids: Vec<CommandId> = commands
            .into_iter()
            .map(|command| {
                let id = random::command_id();
                let effects = self.inner.model.borrow_mut().submit(id, command, clock::now());
                self.run(effects);
                id
            })
            .collect();
        self.inner.model.borrow_mut().record_change(ids.clone());
        if let Some(notice) = notice {
            self.notify(Notice { commands: ids, ..notice });
        }
        self.flush();
    }

    /// Takes commands of this device back, which are one change. Its notice has nothing more to offer.
    pub(crate) fn undo_change(&self, commands: &[CommandId]) {
        let effects = self.inner.model.borrow_mut().undo_change(commands);
        self.run(effects);
        self.drop_notice(commands);
        self.flush();
    }

    /// Takes the last change of this page back, or the last one of the account if this page has made none.
    pub(crate) fn undo_last(&self) {
        let last = self.inner.model.borrow().last_change();
        match last {
            Some(commands) => self.undo_change(&commands),
            None => {
                self.submit(Command::Undo(UndoBody::default()));
            }
        }
    }

    /// Adds to the notice of a completed task when it is due again.
    pub(super) fn amend_notice(&self, id: CommandId, next: &Due) {
        for posted in self.inner.notices.borrow_mut().iter_mut() {
            if posted.notice.commands == [id] {
                posted.notice.next = Some(next.clone());
            }
        }
        self.publish_notices();
    }

    /// Removes the notice of a change that has failed, or was taken back.
    pub(super) fn drop_notice(&self, commands: &[CommandId]) {
        let before = self.inner.notices.borrow().len();
        let is_its = |posted: &PostedNotice| !commands.is_empty() && posted.notice.commands == commands;
        self.inner.notices.borrow_mut().retain(|posted| !is_its(posted));
        if self.inner.notices.borrow().len() < before {
            self.publish_notices();
        }
    }

    /// Loads a task by its number. `missing` is called when there is none.
    pub(crate) fn load_task(&self, number: i64, missing: Callback<()>) {
        let engine = self.clone();
        spawn_local(async move {
            match engine.inner.api.task(number).await {
                Ok(task) => {
                    engine.inner.model.borrow_mut().load_tasks(vec![task]);
                    engine.schedule();
                }
                Err(error) if error.code() == Some(ErrorCode::NotFound) => missing.emit(()),
                Err(error) => engine.notify(Notice::failed(error.to_string())),
            }
        });
    }
}
