//! A user's tasks through a conversation: each message is read, and what it does is done, so that the next one finds it.

use tandem_nl::{Action, Context, Reading, read};
use tandem_protocol::TaskId;
use tandem_protocol::enums::{Priority, TaskStatus};
use tandem_protocol::model::{Due, Recurrence, Task};
use tandem_protocol::rest::{DueInput, NewTask, RecurrenceInput, TaskPatch};

use crate::support::{monday, task};

/// The tasks, and what the conversation shows of them.
pub(crate) struct Conversation {
    tasks: Vec<Task>,
    shown: Vec<TaskId>,
    touched: Vec<TaskId>,
    question: Option<String>,
    request: Option<String>,
}

impl Conversation {
    /// With milk, a dentist and a report, a meeting that repeats, a task of a list with a label, and a task that is done.
    pub(crate) fn new() -> Self {
        let titles = [
            "Buy milk",
            "Call the dentist",
            "Write the report",
            "Team meeting",
            "Pay the rent",
            "Email Ann",
            "Renew passport",
        ];
        let mut tasks: Vec<Task> = titles.iter().zip(1..).map(|(title, number)| task(number, title)).collect();
        tasks[1].due = Some(due(&DueInput::on(jiff::civil::date(2026, 11, 24))));
        tasks[2].due = Some(due(&DueInput::at(jiff::civil::date(2026, 11, 26), jiff::civil::time(17, 0, 0, 0))));
        (tasks[2].labels, tasks[2].list) = (vec!["work".to_owned()], Some("Office".to_owned()));
        tasks[3].due = Some(due(&DueInput::at(jiff::civil::date(2026, 11, 25), jiff::civil::time(10, 0, 0, 0))));
        tasks[3].recurrence = recurrence("FREQ=WEEKLY;BYDAY=WE");
        tasks[4].due = Some(due(&DueInput::on(jiff::civil::date(2026, 11, 24))));
        tasks[6].status = TaskStatus::Done;
        Self { tasks, shown: Vec::new(), touched: Vec::new(), question: None, request: None }
    }

    /// Says one message and returns what it does, in short words: "add bread @2026-11-24; complete Buy milk".
    pub(crate) fn say(&mut self, message: &str) -> String {
        let reading = {
            let open = self.tasks.iter().filter(|task| task.status == TaskStatus::Open);
            let done = self.tasks.iter().filter(|task| task.status == TaskStatus::Done);
            let tasks: Vec<&Task> = open.chain(done).collect();
            let now = monday();
            let context = Context {
                now: &now,
                tasks: &tasks,
                shown: &self.shown,
                last_touched: &self.touched,
                previous: self.question.as_deref(),
                request: self.request.as_deref(),
            };
            read(message, &context)
        };
        (self.question, self.request) = (None, None);
        match reading {
            Reading::Act(actions) => {
                let mut touched = Vec::new();
                let words: Vec<String> = actions.iter().map(|action| self.perform(action, &mut touched)).collect();
                if actions.iter().any(Action::changes) {
                    (self.touched, self.request) = (touched, Some(message.to_owned()));
                }
                words.join("; ")
            }
            Reading::Ask { question, choices } => {
                self.question = Some(message.to_owned());
                if !choices.is_empty() {
                    self.touched = Vec::new();
                }
                self.shown = choices;
                format!("ask {question}")
            }
            Reading::Respond(response) => format!("say {response:?}"),
            Reading::Unknown { .. } => "unknown".to_owned(),
        }
    }

    fn title(&self, id: TaskId) -> String {
        self.tasks.iter().find(|task| task.id == id).map_or_else(|| "?".to_owned(), |task| task.title.clone())
    }

    fn perform(&mut self, action: &Action, touched: &mut Vec<TaskId>) -> String {
        let names = |all: &Self, ids: &[TaskId]| ids.iter().map(|id| all.title(*id)).collect::<Vec<_>>().join(", ");
        match action {
            Action::Add(new) => self.add(new, touched),
            Action::Complete { ids } | Action::Reopen { ids } => {
                let (status, verb) = match action {
                    Action::Complete { .. } => (TaskStatus::Done, "complete"),
                    _ => (TaskStatus::Open, "reopen"),
                };
                for task in self.tasks.iter_mut().filter(|task| ids.contains(&task.id)) {
                    task.status = status;
                }
                touched.extend(ids);
                format!("{verb} {}", names(self, ids))
            }
            Action::Delete { ids } => {
                let words = format!("delete {}", names(self, ids));
                self.tasks.retain(|task| !ids.contains(&task.id));
                words
            }
            Action::Update { id, patch, add_labels, remove_labels } => {
                let before = self.title(*id);
                touched.push(*id);
                self.update(*id, patch, add_labels, remove_labels);
                format!("update {before}{}", patched(patch, add_labels, remove_labels))
            }
            Action::Reschedule { id, patch, series } => {
                touched.push(*id);
                self.update(*id, patch, &[], &[]);
                let series = if *series && patch.recurrence.is_none() { " series" } else { "" };
                format!("move {}{}{series}", self.title(*id), patched(patch, &[], &[]))
            }
            Action::Skip { id } => {
                touched.push(*id);
                format!("skip {}", self.title(*id))
            }
            Action::Remind { id, before } => {
                touched.push(*id);
                format!("remind {} {before}", self.title(*id))
            }
            Action::Snooze { id, until } => format!("snooze {} {until}", self.title(*id)),
            Action::List(filter) => {
                self.touched = Vec::new();
                let within = |task: &&Task| match filter.due {
                    Some(tandem_nl::DueRange::Between(first, last)) => {
                        task.due.as_ref().is_some_and(|due| (first..=last).contains(&due.date))
                    }
                    _ => true,
                };
                self.shown = self
                    .tasks
                    .iter()
                    .filter(|task| task.status == TaskStatus::Open)
                    .filter(within)
                    .map(|task| task.id)
                    .collect();
                let parts = [
                    filter.due.map(|due| format!(" due {due:?}")),
                    filter.list.as_ref().map(|list| format!(" +{list}")),
                    filter.label.as_ref().map(|label| format!(" #{label}")),
                    filter.query.as_ref().map(|query| format!(" about {query}")),
                    filter.priority.map(|priority| format!(" !{priority}")),
                ];
                format!("list{}", parts.into_iter().flatten().collect::<String>())
            }
            Action::Search { query } => format!("search {query}"),
            Action::NoSuchTask { what } => format!("no task {what}"),
            Action::Undo => "undo".to_owned(),
            Action::Overview => "overview".to_owned(),
        }
    }

    fn add(&mut self, new: &NewTask, touched: &mut Vec<TaskId>) -> String {
        let number = i64::try_from(self.tasks.len()).expect("few tasks") + 10;
        let mut added = task(number, &new.title);
        added.due = new.due.as_ref().map(due);
        added.recurrence = new.recurrence.as_ref().and_then(|rule| recurrence(&rule.rule));
        added.list.clone_from(&new.list);
        touched.push(added.id);
        self.tasks.push(added);
        let parts = [
            new.due.as_ref().map(|due| format!(" @{}", due.to_iso())),
            new.recurrence.as_ref().map(|rule| format!(" {}", rule_words(rule))),
            new.priority.filter(|priority| *priority != Priority::None).map(|priority| format!(" !{priority}")),
            new.list.as_ref().map(|list| format!(" +{list}")),
            new.labels.as_ref().map(|labels| marked(" #", labels)),
        ];
        format!("add {}{}", new.title, parts.into_iter().flatten().collect::<String>())
    }

    fn update(&mut self, id: TaskId, patch: &TaskPatch, add_labels: &[String], remove_labels: &[String]) {
        let Some(task) = self.tasks.iter_mut().find(|task| task.id == id) else { return };
        if let Some(title) = &patch.title {
            task.title.clone_from(title);
        }
        if let Some(new) = &patch.due {
            task.due = new.as_ref().map(due);
        }
        if let Some(list) = &patch.list {
            task.list.clone_from(list);
        }
        if let Some(rule) = &patch.recurrence {
            task.recurrence = rule.as_ref().and_then(|rule| recurrence(&rule.rule));
        }
        task.labels.extend(add_labels.iter().cloned());
        task.labels.retain(|label| !remove_labels.contains(label));
    }
}

fn due(input: &DueInput) -> Due {
    Due { date: input.date, time: input.time, time_zone: "Europe/Berlin".to_owned() }
}

/// Each name with a mark before it.
fn marked(mark: &str, names: &[String]) -> String {
    names.iter().flat_map(|name| [mark, name]).collect()
}

fn recurrence(rule: &str) -> Option<Recurrence> {
    serde_json::from_value(serde_json::json!({ "rule": rule, "anchor": "due", "start": "2026-11-25" })).ok()
}

fn rule_words(rule: &RecurrenceInput) -> String {
    rule.rule.clone()
}

fn patched(patch: &TaskPatch, add_labels: &[String], remove_labels: &[String]) -> String {
    let parts = [
        patch.title.as_ref().map(|title| format!(" = {title}")),
        patch.due.as_ref().map(|due| format!(" @{}", due.as_ref().map_or_else(|| "none".to_owned(), DueInput::to_iso))),
        patch
            .recurrence
            .as_ref()
            .map(|rule| format!(" {}", rule.as_ref().map_or_else(|| "no rule".to_owned(), rule_words))),
        patch.priority.map(|priority| format!(" !{priority}")),
        patch.list.as_ref().map(|list| format!(" +{}", list.as_deref().unwrap_or("none"))),
        (!add_labels.is_empty()).then(|| marked(" #", add_labels)),
        (!remove_labels.is_empty()).then(|| marked(" -#", remove_labels)),
    ];
    parts.into_iter().flatten().collect()
}

/// Reads each line of the corpus: messages between "|", then "=>" and what the last one does. "/" is a new line.
#[test]
fn conversations_come_out_as_written() {
    let corpus = include_str!("corpus/conversations.txt");
    let wrong: Vec<String> = corpus
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
        .filter_map(|line| {
            let (messages, want) = line.split_once(" => ").expect("messages and what the last one does");
            let mut conversation = Conversation::new();
            let said = messages.split(" | ").map(|message| conversation.say(&message.replace(" / ", "\n")));
            let got = said.last().unwrap_or_default();
            (got != want.trim()).then(|| format!("{messages} => {got}\n    not {want}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{} came out wrong:\n{}", wrong.len(), wrong.join("\n"));
}
