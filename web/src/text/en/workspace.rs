//! What stands around the conversation and the tasks: header, list of conversations, dialogs, search, shortcuts.

use std::fmt::Display;

pub(crate) const SWITCH_TO_LIGHT: &str = "Switch to light";
pub(crate) const SWITCH_TO_DARK: &str = "Switch to dark";
pub(crate) const SETTINGS: &str = "Settings";
pub(crate) const KEYBOARD_SHORTCUTS: &str = "Keyboard shortcuts";
pub(crate) const SIGN_OUT: &str = "Sign out";
pub(crate) const ACCOUNT: &str = "Account";
pub(crate) const TANDEM: &str = "Tandem";
pub(crate) const CHAT_AND_TASKS_ON_YOUR_OWN: &str = "Chat and tasks, on your own server";
pub(crate) const CONNECTED: &str = "Connected";
pub(crate) const CONNECTING: &str = "Connecting";
pub(crate) const RECONNECTING: &str = "Reconnecting";
pub(crate) const OFFLINE: &str = "Offline: messages will be sent when you are back";
pub(crate) const CATCHING_UP: &str = "Catching up";
pub(crate) const CONNECTION: &str = "Connection";
pub(crate) const RETRY_NOW: &str = "Retry now";
pub(crate) const UPDATE: &str = "Update";
pub(crate) const NEW_VERSION: &str = "A new version is ready. Your draft stays.";
pub(crate) const RELOAD: &str = "Reload";
pub(crate) const ASSISTANT_STATUS: &str = "Assistant status";
pub(crate) const SEARCH_EVERYTHING: &str = "Search everything";
pub(crate) const SEARCH: &str = "Search";
pub(crate) const CONVERSATIONS_MESSAGES_TASKS: &str = "Conversations, messages, tasks";
pub(crate) const ESC: &str = "Esc";
pub(crate) const RESULTS: &str = "Results";
pub(crate) const SEARCH_FILTERS: &str = "Narrow it down: in:holidays list:home label:urgent is:done before:2026-11-01";
pub(crate) const SEARCH_DID_NOT_WORK: &str = "Search did not work";
pub(crate) const NOTHING_FOUND: &str = "Nothing found";
pub(crate) const OTHER_WORDS_MAY_HELP: &str = "Other words may help.";
pub(crate) const TASK: &str = "Task";
pub(crate) const CONVERSATION: &str = "Conversation";
pub(crate) const MESSAGE: &str = "Message";
pub(crate) const ENTER: &str = "Enter";
pub(crate) const COMMAND: &str = "Command";
pub(crate) const NEW_CONVERSATION: &str = "New conversation";
pub(crate) const NEXT_OR_PREVIOUS_CONVERSATION: &str = "Next or previous conversation";
pub(crate) const EDIT_YOUR_LAST_MESSAGE: &str = "Edit your last message";
pub(crate) const STOP_THE_REPLY: &str = "Stop the reply";
pub(crate) const BREAK_THE_LINE: &str = "Break the line";
pub(crate) const COMMANDS_TASKS: &str = "Commands, tasks";
pub(crate) const ADD_A_TASK: &str = "Add a task";
pub(crate) const NEXT_OR_PREVIOUS_TASK: &str = "Next or previous task";
pub(crate) const OPEN_THE_TASK: &str = "Open the task";
pub(crate) const EDIT_THE_TASK: &str = "Edit the task";
pub(crate) const SET_ITS_DATE: &str = "Set its date";
pub(crate) const SET_ITS_PRIORITY: &str = "Set its priority";
pub(crate) const DELETE_IT: &str = "Delete it";
pub(crate) const SELECT_IT_FOR_A_CHANGE: &str = "Select it, for a change of several";
pub(crate) const MOVE_A_TASK_IN_ITS: &str = "Move a task in its list";
pub(crate) const MAKE_IT_A_SUBTASK_OR: &str = "Make it a subtask, or not";
pub(crate) const MOVE_IT_TO_THE_NEXT: &str = "Move it to the next or previous day";
pub(crate) const TAKE_BACK_THE_LAST_CHANGE: &str = "Take back the last change";
pub(crate) const CLOSE: &str = "Close";
pub(crate) const CANCEL: &str = "Cancel";
pub(crate) const MENU: &str = "Menu";
pub(crate) const TASKS: &str = "Tasks";
pub(crate) const TITLE_OF_THE_CONVERSATION: &str = "Title of the conversation";
pub(crate) const RENAME_CONVERSATION: &str = "Rename conversation";
pub(crate) const CONVERSATION_MENU: &str = "Conversation menu";
pub(crate) const PRINT: &str = "Print";
pub(crate) const BACK_TO_THE_USUAL_ORDER: &str = "Back to the usual order";
pub(crate) const NOTHING_LEAVES_THIS_SERVER: &str = "Nothing leaves this server";
pub(crate) const BUILT_IN: &str = "Built-in";
pub(crate) const REMINDERS: &str = "Reminders";
pub(crate) const OPEN: &str = "Open";
pub(crate) const SNOOZE: &str = "Snooze";
pub(crate) const DONE: &str = "Done";
pub(crate) const THIS_EVENING: &str = "This evening";
pub(crate) const TOMORROW: &str = "Tomorrow";
pub(crate) const SKIP_TO_MESSAGE: &str = "Skip to message";
pub(crate) const VIEWS: &str = "Views";
pub(crate) const CHAT: &str = "Chat";
pub(crate) const SOMETHING_IS_OVERDUE: &str = "Something is overdue";
pub(crate) const THREADS: &str = "Threads";
pub(crate) const SOMETHING_IS_UNREAD: &str = "Something is unread";
pub(crate) const RENAME: &str = "Rename";
pub(crate) const UNPIN: &str = "Unpin";
pub(crate) const PIN: &str = "Pin";
pub(crate) const TAKE_OUT_OF_THE_ARCHIVE: &str = "Take out of the archive";
pub(crate) const ARCHIVE: &str = "Archive";
pub(crate) const EXPORT_AS_MARKDOWN: &str = "Export as Markdown";
pub(crate) const DELETE: &str = "Delete";
pub(crate) const CONVERSATIONS: &str = "Conversations";
pub(crate) const CTRL_K: &str = "Ctrl K";
pub(crate) const NO_CONVERSATIONS_YET: &str = "No conversations yet. Write something, and it is kept here.";
pub(crate) const SHOW_OLDER: &str = "Show older";
pub(crate) const REPLY_RUNNING: &str = ", reply running";
pub(crate) const ARCHIVED: &str = "Archived";
pub(crate) const PINNED: &str = "Pinned";
pub(crate) const TODAY: &str = "Today";
pub(crate) const YESTERDAY: &str = "Yesterday";
pub(crate) const PREVIOUS_7_DAYS: &str = "Previous 7 days";
pub(crate) const OLDER: &str = "Older";
pub(crate) const NOTICES: &str = "Notices";
pub(crate) const RETRY: &str = "Retry";
pub(crate) const UNDO: &str = "Undo";
pub(crate) const DISMISS: &str = "Dismiss";
pub(crate) const PAGE_NOT_FOUND: &str = "Page not found";
pub(crate) const GO_TO_CONVERSATIONS: &str = "Go to conversations";
pub(crate) const THERE_IS_NOTHING_AT_THIS: &str = "There is nothing at this address.";
pub(crate) const THE_SERVER_DOES_NOT_ANSWER: &str = "The server does not answer";
pub(crate) const TRIED_AGAIN_BY_ITSELF: &str = "It is tried again by itself. Nothing that you wrote is lost.";
pub(crate) const SHOW_TASKS: &str = "Show tasks";

pub(crate) fn who_answers(provider: impl Display) -> String {
    format!("Who answers: {provider}")
}

pub(crate) fn not_available_now(model: impl Display) -> String {
    format!("{model} · not available now")
}

pub(crate) fn due_at(moment: impl Display) -> String {
    format!("Due {moment}")
}

pub(crate) fn reminder_of(moment: impl Display) -> String {
    format!("Reminder of {moment}")
}

pub(crate) fn title_of(conversation: impl Display) -> String {
    format!("Title of {conversation}")
}

pub(crate) fn menu_of(conversation: impl Display) -> String {
    format!("Menu of {conversation}")
}

pub(crate) fn next_on(day: impl Display) -> String {
    format!(", next on {day}")
}
