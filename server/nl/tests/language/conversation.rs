//! A user's tasks through a conversation: each message is read, and what it does is done, so that the next one finds it.

use proptest::prelude::*;
use tandem_nl::{ASKED_AGAIN, Action, Context, Reading, read};
use tandem_protocol::duration::IsoDuration;
use tandem_protocol::enums::{Priority, ReminderState, TaskStatus};
use tandem_protocol::model::{Due, Recurrence, Task};
use tandem_protocol::reminder::{Reminder, ReminderInput};
use tandem_protocol::rest::{DueInput, NewTask, RecurrenceInput, TaskPatch};
use tandem_protocol::settings::DateStyle;
use tandem_protocol::{ReminderId, TaskId, Timestamp};

use crate::support::{monday, task};

/// The tasks, and what the conversation shows of them.
pub(crate) struct Conversation {
    tasks: Vec<Task>,
    shown: Vec<TaskId>,
    touched: Vec<TaskId>,
    question: Option<String>,
    request: Option<String>,
    /// Whether what a message does is written with the reminders that it sets.
    shows_reminders: bool,
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
        let (shown, touched) = (Vec::new(), Vec::new());
        Self { tasks, shown, touched, question: None, request: None, shows_reminders: false }
    }

    /// The same, where reminders of these tasks ring, the last one first.
    pub(crate) fn with_reminders(ringing: &[&str], only: bool) -> Self {
        let mut conversation = Self { shows_reminders: true, ..Self::new() };
        if only {
            conversation.tasks.truncate(1);
        }
        for (title, second) in ringing.iter().zip((1..).map(|second: i64| 100 - second)) {
            let task = conversation.tasks.iter_mut().find(|task| task.title == *title).expect("a task");
            task.reminders = vec![reminder(ReminderInput::before(IsoDuration::zero()), ReminderState::Fired, second)];
        }
        conversation
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
                all_day: tandem_nl::MORNING,
                style: DateStyle::default(),
                tasks: &tasks,
                shown: &self.shown,
                last_touched: &self.touched,
                previous: self.question.as_deref(),
                request: self.request.as_deref(),
            };
            read(message, &context)
        };
        let asked = self.question.take();
        self.request = None;
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
                // A question that is asked again is still about the message before.
                let again = question.starts_with(ASKED_AGAIN);
                self.question = asked.filter(|_| again).or_else(|| Some(message.to_owned()));
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
            Action::Remind { id, reminder: rule } => {
                touched.push(*id);
                let words = reminder_words(rule);
                for task in self.tasks.iter_mut().filter(|task| task.id == *id) {
                    task.reminders.push(reminder(rule.clone(), ReminderState::Pending, 0));
                }
                format!("remind {} {words}", self.title(*id))
            }
            Action::Dismiss { id } => format!("dismiss {}", self.title(*id)),
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
        added.priority = new.priority.unwrap_or(added.priority);
        let pending = |rule: &ReminderInput| reminder(rule.clone(), ReminderState::Pending, 0);
        added.reminders = new.reminders.iter().flatten().map(pending).collect();
        touched.push(added.id);
        self.tasks.push(added);
        let parts = [
            new.due.as_ref().map(|due| format!(" @{}", due.to_iso())),
            new.recurrence.as_ref().map(|rule| format!(" {}", rule_words(rule))),
            new.priority.filter(|priority| *priority != Priority::None).map(|priority| format!(" !{priority}")),
            new.list.as_ref().map(|list| format!(" +{list}")),
            new.labels.as_ref().map(|labels| marked(" #", labels)),
            new.reminders.as_ref().filter(|_| self.shows_reminders).map(|all| reminders_words(all)),
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
        task.priority = patch.priority.unwrap_or(task.priority);
        if let Some(list) = &patch.list {
            task.list.clone_from(list);
        }
        if let Some(rule) = &patch.recurrence {
            task.recurrence = rule.as_ref().and_then(|rule| recurrence(&rule.rule));
        }
        if let Some(reminders) = &patch.reminders {
            let pending = |rule: &ReminderInput| reminder(rule.clone(), ReminderState::Pending, 0);
            task.reminders = reminders.iter().map(pending).collect();
        }
        task.labels.extend(add_labels.iter().cloned());
        task.labels.retain(|label| !remove_labels.contains(label));
    }
}

fn due(input: &DueInput) -> Due {
    Due { date: input.date, time: input.time, time_zone: "Europe/Berlin".to_owned() }
}

fn reminder(rule: ReminderInput, state: ReminderState, second: i64) -> Reminder {
    let (before, at) = (rule.before, rule.at.map(|at| at.in_zone("Europe/Berlin")));
    let (id, fires_at) = (ReminderId(uuid::Uuid::nil()), Timestamp::from_millis(second * 1_000));
    Reminder { id, before, at, state, fires_at, snoozed_until: None }
}

/// " ^PT1H" for each reminder, " ^none" for none at all.
fn reminders_words(all: &[ReminderInput]) -> String {
    let words = all.iter().map(|rule| format!(" ^{}", reminder_words(rule))).collect::<Vec<_>>().concat();
    if words.is_empty() { " ^none".to_owned() } else { words }
}

fn reminder_words(rule: &ReminderInput) -> String {
    match (&rule.before, &rule.at) {
        (Some(before), _) => before.to_string(),
        (None, Some(at)) => format!("{}T{}", at.date, at.time),
        (None, None) => "usual".to_owned(),
    }
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
        patch.reminders.as_ref().map(|all| reminders_words(all)),
        (!add_labels.is_empty()).then(|| marked(" #", add_labels)),
        (!remove_labels.is_empty()).then(|| marked(" -#", remove_labels)),
    ];
    parts.into_iter().flatten().collect()
}

/// The lines of a corpus that come out otherwise: messages between "|", then "=>" and what the last one does. "/" is a new
/// line.
fn wrong_lines(corpus: &str, begin: impl Fn(&str) -> (Conversation, &str)) -> Vec<String> {
    corpus
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
        .filter_map(|line| {
            let (messages, want) = line.split_once(" => ").expect("messages and what the last one does");
            let (mut conversation, rest) = begin(messages);
            let said = rest.split(" | ").map(|message| conversation.say(&message.replace(" / ", "\n")));
            let got = said.last().unwrap_or_default();
            (got != want.trim()).then(|| format!("{messages} => {got}\n    not {want}"))
        })
        .collect()
}

#[test]
fn conversations_come_out_as_written() {
    let wrong = wrong_lines(include_str!("corpus/conversations.txt"), |messages| (Conversation::new(), messages));
    assert!(wrong.is_empty(), "{} came out wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// As above; "[Call the dentist, Buy milk]" before the messages: their reminders ring, the last one first. "[only]": there is
/// one task, the milk.
#[test]
fn reminders_come_out_as_written() {
    let wrong = wrong_lines(include_str!("corpus/reminders.txt"), |messages| {
        let (state, rest) = match messages.strip_prefix('[').and_then(|rest| rest.split_once("] ")) {
            Some((state, rest)) => (state, rest),
            None => ("", messages),
        };
        let titles: Vec<&str> = state.split(", ").filter(|title| !title.is_empty() && *title != "only").collect();
        (Conversation::with_reminders(&titles, state.contains("only")), rest)
    });
    assert!(wrong.is_empty(), "{} came out wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// The messages of all corpora, each once.
fn messages() -> Vec<String> {
    let conversations = [include_str!("corpus/conversations.txt"), include_str!("corpus/reminders.txt")];
    let lines = conversations.iter().flat_map(|corpus| corpus.lines()).filter_map(|line| line.split_once(" => "));
    let said = lines.flat_map(|(messages, _)| messages.split(" | ")).map(|message| message.replace(" / ", "\n"));
    let writes = include_str!("corpus/writes.txt").lines().filter_map(|line| line.split_once(" = "));
    let mut all: Vec<String> = said.chain(writes.map(|(message, _)| message.to_owned())).collect();
    all.extend(include_str!("corpus/nothing.txt").lines().map(str::to_owned));
    all.extend(include_str!("corpus/talk.txt").lines().map(str::to_owned));
    all.sort_unstable();
    all.dedup();
    all
}

/// Stack of a thread that reads whole conversations. The smallest that a server gives a thread is eight times as large.
const STACK: usize = 256 * 1024;

/// Reads in a thread with a small stack, which ends the process when it is full.
fn on_a_small_stack(read: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(read).expect("a thread");
    thread.join().expect("no panic");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_conversation_is_read_without_end(said in prop::collection::vec(prop::sample::select(messages()), 2..5)) {
        on_a_small_stack(move || {
            let mut conversation = Conversation::new();
            for message in &said {
                let _ = conversation.say(message);
            }
        });
    }

    /// As above, with what corrects and answers more often than people do.
    #[test]
    fn no_correction_is_read_without_end(
        said in prop::sample::select(messages()),
        corrections in prop::collection::vec((prop::sample::select(OPENINGS), prop::sample::select(VALUES)), 1..4),
    ) {
        on_a_small_stack(move || {
            let mut conversation = Conversation::new();
            let _ = conversation.say(&said);
            for (opening, value) in corrections {
                let _ = conversation.say(&format!("{opening} {value}"));
            }
        });
    }
}

const OPENINGS: &[&str] = &[
    "no,",
    "not urgent, just",
    "not that,",
    "I meant",
    "set it to",
    "make it",
    "make that",
    "change it to",
    "move it to",
    "it should be",
    "wait no,",
    "",
    "actually",
    "all but",
    "yes, but",
    "the",
    "and then",
    "call it",
];
const VALUES: &[&str] = &[
    "high",
    "low priority",
    "urgent",
    "friday",
    "two hours",
    "an hour later",
    "the milk",
    "the report",
    "Bill",
    "every day",
    "6",
    "pm",
    "done",
    "not done",
    "it",
    "them all",
    "the other one",
    "both",
    "delete it",
    "remind me an hour before",
    "the due date",
    "oat milk",
    "no wait, monday",
    "from now on",
];
