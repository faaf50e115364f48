//! The conversation: messages, replies, the composer, the empty thread.

use std::fmt::Display;

pub(crate) const SEND: &str = "Send";
pub(crate) const ENTER_TO_SEND: &str = "Enter to send";
pub(crate) const STOP: &str = "Stop";
pub(crate) const ESC_TO_STOP: &str = "Esc to stop";
pub(crate) const QUEUE: &str = "Queue";
pub(crate) const ENTER_TO_QUEUE: &str = "Enter to queue";
pub(crate) const NEW_MESSAGE: &str = "New message";
pub(crate) const MESSAGE: &str = "Message";
pub(crate) const WHAT_TO_WRITE: &str = "Ask, or say what you need to get done";
pub(crate) const COMMANDS: &str = "Commands";
pub(crate) const MENTION_A_TASK: &str = "Mention a task";
pub(crate) const SUGGESTIONS: &str = "Suggestions";
pub(crate) const ADD_A_TASK_COMMAND: &str = "Add a task: ";
pub(crate) const WHAT_IS_DUE_TODAY: &str = "What is due today?";
pub(crate) const WHAT_IS_DUE_THIS_WEEK: &str = "What is due this week?";
pub(crate) const PLAN_MY_DAY: &str = "Plan my day";
pub(crate) const UNDO: &str = "Undo";
pub(crate) const WHAT_CAN_YOU_DO: &str = "What can you do?";
pub(crate) const ADD_A_TASK_BUY_MILK: &str = "Add a task: buy milk tomorrow";
pub(crate) const MARK_THE_LAST_TASK_DONE: &str = "Mark the last task done";
pub(crate) const CONVERSATION: &str = "Conversation";
pub(crate) const WHAT_NEEDS_DOING: &str = " What needs doing?";
pub(crate) const WHAT_THE_ASSISTANT_DOES: &str =
    "Write it the way you would say it. I keep your tasks, on every device, and tell you what comes next.";
pub(crate) const THE_BUILT_IN_ASSISTANT_ANSWERS: &str =
    "The built-in assistant answers. No key needed, nothing leaves this server.";
pub(crate) const MESSAGES: &str = "Messages";
pub(crate) const JUMP_TO_LATEST: &str = "Jump to latest";
pub(crate) const NOTE: &str = "Note";
pub(crate) const TIP: &str = "Tip";
pub(crate) const IMPORTANT: &str = "Important";
pub(crate) const WARNING: &str = "Warning";
pub(crate) const CAUTION: &str = "Caution";
pub(crate) const DONE_BEFORE: &str = "Done: ";
pub(crate) const TO_DO_BEFORE: &str = "To do: ";
pub(crate) const TABLE: &str = "Table";
pub(crate) const WRAP: &str = "Wrap";
pub(crate) const COPY: &str = "Copy";
pub(crate) const COPY_CODE: &str = "Copy code";
pub(crate) const PREVIOUS_VERSION: &str = "Previous version";
pub(crate) const NEXT_VERSION: &str = "Next version";
pub(crate) const NO_PROVIDER_CAN_BE_REACHED: &str = "No provider can be reached";
pub(crate) const THE_ANSWER_TOOK_TOO_LONG: &str = "The answer took too long";
pub(crate) const THE_PROVIDER_REFUSED_THIS: &str = "The provider refused this";
pub(crate) const THE_REPLY_REACHED_ITS_LENGTH: &str = "The reply reached its length limit";
pub(crate) const THE_REPLY_WAS_STOPPED_AT: &str = "The reply was stopped at a limit";
pub(crate) const THE_REPLY_WAS_INTERRUPTED: &str = "The reply was interrupted";
pub(crate) const SOMETHING_WENT_WRONG_ON_OUR: &str = "Something went wrong on our side";
pub(crate) const NOBODY_ANSWERED_THE_BUILT_IN: &str =
    "Nobody answered. The built-in assistant can still manage your tasks.";
pub(crate) const NOTHING_ARRIVED_FOR_A_WHILE: &str = "Nothing arrived for a while. The text so far is kept.";
pub(crate) const THE_PROVIDER: &str = "The provider";
pub(crate) const IT_ENDS_HERE_MID_SENTENCE: &str = "It ends here, mid-sentence.";
pub(crate) const WHAT_WAS_DONE_STAYS_DONE: &str = "What was done stays done and can be undone.";
pub(crate) const YOUR_MESSAGE_IS_SAFE: &str = "Your message is safe.";
pub(crate) const THINKING_NOW: &str = "Thinking…";
pub(crate) const THOUGHT_FOR_A_MOMENT: &str = "Thought for a moment";
pub(crate) const EARLIER_MESSAGES_WERE_SUMMARISED: &str = "Earlier messages were summarised";
pub(crate) const ASSISTANT: &str = "Assistant";
pub(crate) const WAITS_FOR_YOUR_ANSWER: &str = "Waits for your answer";
pub(crate) const YOU_STOPPED_THIS_REPLY: &str = "You stopped this reply";
pub(crate) const CONTINUE: &str = "Continue";
pub(crate) const RETRY: &str = "Retry";
pub(crate) const DETAILS: &str = "Details";
pub(crate) const RETRY_WITH_ANOTHER: &str = "Retry with another";
pub(crate) const EDIT: &str = "Edit";
pub(crate) const SHOW_ALL_OF_IT: &str = "Show all of it";
pub(crate) const ANOTHER_DEVICE_SENT_A_NEW: &str = "Another device sent a new version. Yours becomes one more.";
pub(crate) const EDIT_MESSAGE: &str = "Edit message";
pub(crate) const SENDING: &str = "Sending";
pub(crate) const WAITING_FOR_THE_CONNECTION: &str = "Waiting for the connection";
pub(crate) const QUEUED_GOES_OUT_AFTER_THIS: &str = "Queued, goes out after this reply";
pub(crate) const REMOVE_FROM_QUEUE: &str = "Remove from queue";
pub(crate) const WAITING_FOR_YOUR_OTHER_REPLIES: &str = "Waiting for your other replies";
pub(crate) const NOT_SENT: &str = "Not sent";
pub(crate) const WRITING: &str = "Writing";
pub(crate) const THINKING: &str = "Thinking";
pub(crate) const PROVIDER_IS_SLOW: &str = "Still working, the provider is slow";
pub(crate) const WAITING_FOR_YOUR_ANSWER_ABOVE: &str = "Waiting for your answer above";
pub(crate) const THE_MESSAGES_COULD_NOT_BE: &str = "The messages could not be loaded";
pub(crate) const THE_SERVER_DID_NOT_ANSWER: &str = "The server did not answer. Nothing is lost.";
pub(crate) const TRY_AGAIN: &str = "Try again";
pub(crate) const THIS_CONVERSATION_IS_GONE: &str = "This conversation is gone";
pub(crate) const IT_WAS_DELETED_PERHAPS_ON: &str = "It was deleted, perhaps on another device.";
pub(crate) const THIS_CONVERSATION_IS_NOT_HERE: &str = "This conversation is not here";
pub(crate) const IT_IS_NOT_YOURS_OR: &str = "It is not yours, or it does not exist any more.";
pub(crate) const YOUR_DRAFT_WAS_KEPT_AND: &str = "Your draft was kept and moved to a new conversation.";
pub(crate) const OPEN_THE_DRAFT: &str = "Open the draft";
pub(crate) const YOUR_TASKS_ARE_STILL_THERE: &str = "Your tasks are still there.";
pub(crate) const BEGIN_A_NEW_ONE: &str = "Begin a new one";
pub(crate) const THE_CONVERSATION_COULD_NOT_BE: &str = "The conversation could not be exported. Try again in a moment.";
pub(crate) const YOU: &str = "You";
pub(crate) const CONTINUE_WHERE_YOU_STOPPED: &str = "Continue where you stopped.";
pub(crate) const ASSISTANT_IS_REPLYING: &str = "Assistant is replying";
pub(crate) const STILL_WORKING: &str = "Still working";
pub(crate) const REPLY_COMPLETE: &str = "Reply complete";
pub(crate) const REPLY_STOPPED: &str = "Reply stopped";
pub(crate) const THE_REPLY_FAILED: &str = "The reply failed";

pub(crate) fn send_as_messages(count: impl Display) -> String {
    format!("Send as {count} messages")
}

pub(crate) fn characters_of(count: impl Display, most: impl Display) -> String {
    format!("{count} of {most} characters")
}

pub(crate) fn task_reference(number: impl Display) -> String {
    format!("task {number} ")
}

pub(crate) fn due_today(count: impl Display) -> String {
    format!("{count} due today")
}

pub(crate) fn new_messages_jump_to_latest(new: impl Display) -> String {
    format!("{new}, jump to latest")
}

pub(crate) fn code_in(language: impl Display) -> String {
    format!("Code, {language}")
}

pub(crate) fn refused_by_content_rules(who: impl Display) -> String {
    format!("{who} did not answer because of its content rules. Other words may help.")
}

pub(crate) fn thought_for(seconds: impl Display) -> String {
    format!("Thought for {seconds}")
}

pub(crate) fn by_assistant_at(at: impl Display) -> String {
    format!("Assistant, {at}")
}

pub(crate) fn retry_with(provider: impl Display) -> String {
    format!("Retry with {provider}")
}

pub(crate) fn other_provider_answered(answered: impl Display, expected: impl Display) -> String {
    format!("{answered} answered, {expected} was not available")
}

pub(crate) fn first_word_after(duration: impl Display) -> String {
    format!("first word {duration}")
}

pub(crate) fn tokens(count: impl Display) -> String {
    format!("{count} tokens")
}

pub(crate) fn by_you_at(at: impl Display) -> String {
    format!("You, {at}")
}

pub(crate) fn seconds_left(left: impl Display) -> String {
    format!("{left} s")
}

pub(crate) fn needs_your_approval_of(request: impl Display) -> String {
    format!("Needs your approval: {request}")
}
