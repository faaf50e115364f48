//! The settings.

use std::fmt::Display;

pub(crate) const IN_30_DAYS: &str = "In 30 days";
pub(crate) const IN_90_DAYS: &str = "In 90 days";
pub(crate) const IN_A_YEAR: &str = "In a year";
pub(crate) const NEVER: &str = "Never";
pub(crate) const YOUR_NEW_TOKEN: &str = "Your new token";
pub(crate) const NEW_TOKEN: &str = "New token";
pub(crate) const SHOWN_ONCE: &str = "Copy it now: it is not shown again.";
pub(crate) const TOKEN: &str = "Token";
pub(crate) const DONE: &str = "Done";
pub(crate) const FOR_ONE_PROGRAM_REVOKE_IT: &str = "For one program. Revoke it when that program no longer needs it.";
pub(crate) const NAME_OF_THE_TOKEN: &str = "Name of the token";
pub(crate) const EXPIRES: &str = "Expires";
pub(crate) const MAY_ALSO_CHANGE_THINGS: &str = "May also change things";
pub(crate) const CANCEL: &str = "Cancel";
pub(crate) const CREATE_TOKEN: &str = "Create token";
pub(crate) const SIGNED_IN_DEVICES: &str = "Signed-in devices";
pub(crate) const SIGN_OUT_ALL_OTHER_DEVICES: &str = "Sign out all other devices";
pub(crate) const A_DEVICE: &str = "A device";
pub(crate) const THIS_DEVICE: &str = "This device";
pub(crate) const REVOKE: &str = "Revoke";
pub(crate) const ACTIVE_NOW: &str = "Active now";
pub(crate) const STORAGE: &str = "Storage";
pub(crate) const SYSTEM: &str = "System";
pub(crate) const LIGHT: &str = "Light";
pub(crate) const DARK: &str = "Dark";
pub(crate) const THEME: &str = "Theme";
pub(crate) const PERSONAL_TOKENS: &str = "Personal tokens";
pub(crate) const READ_WRITE: &str = "Read, write";
pub(crate) const WRITE: &str = "Write";
pub(crate) const READ: &str = "Read";
pub(crate) const NEVER_USED: &str = "never used";
pub(crate) const EXPORTED_EVERYTHING: &str = "Exported everything";
pub(crate) const COULD_NOT_SAVE_THE_FILE: &str = "Could not save the file. The browser did not allow it.";
pub(crate) const THE_PASSWORD_IS_WRONG: &str = "The password is wrong";
pub(crate) const YOUR_DATA: &str = "Your data";
pub(crate) const EVERYTHING_YOU_OWN_IN_ONE: &str = "Everything you own in one JSON file.";
pub(crate) const EXPORT: &str = "Export";
pub(crate) const DELETE_ACCOUNT: &str = "Delete account";
pub(crate) const REMOVES_EVERY_CONVERSATION_AND_TASK: &str =
    "Removes every conversation and task from this server, at once and for good. Asks for your password.";
pub(crate) const DEVICES: &str = "Devices";
pub(crate) const REVOKING_ENDS_A_SESSION_EVERYWHERE: &str = "Revoking ends a session everywhere within a second.";
pub(crate) const SETTINGS: &str = "Settings";
pub(crate) const CONVERSATIONS: &str = "Conversations";
pub(crate) const SIGN_OUT: &str = "Sign out";
pub(crate) const PEOPLE: &str = "People";
pub(crate) const WHO_MAY_COME_IN_AND: &str = "Who may come in, and help for those who are here.";
pub(crate) const MANAGE_PEOPLE: &str = "Manage people";
pub(crate) const APPEARANCE: &str = "Appearance";
pub(crate) const FOLLOWS_THIS_DEVICE_UNLESS_YOU: &str = "Follows this device unless you choose.";
pub(crate) const CLOCK: &str = "Clock";
pub(crate) const CLOCK_OF_12_HOURS: &str = "12 hours: 5:00 PM";
pub(crate) const DATES: &str = "Dates";
pub(crate) const DAY_BEFORE_MONTH: &str = "27 Nov";
pub(crate) const MONTH_BEFORE_DAY: &str = "Nov 27";
pub(crate) const WEEKS_BEGIN_ON: &str = "Weeks begin on";
pub(crate) const MONDAY: &str = "Monday";
pub(crate) const SUNDAY: &str = "Sunday";
pub(crate) const SATURDAY: &str = "Saturday";
pub(crate) const AS_IN_THIS_BROWSER: &str = "As in this browser";
pub(crate) const REMINDERS: &str = "Reminders";
pub(crate) const REPLIES_THAT_ENDED_WHILE_YOU: &str = "Replies that ended while you were away";
pub(crate) const QUESTIONS_OF_THE_ASSISTANT: &str = "Questions of the assistant";
pub(crate) const NOTIFICATIONS: &str = "Notifications";
pub(crate) const WHEN_NOTIFIED: &str = "Also while Tandem is closed, until you sign out or have not opened it for a week. What they say is encrypted for this device.";
pub(crate) const NOTIFY_ME_ON_THIS_DEVICE: &str = "Notify me on this device";
pub(crate) const SEND_A_TEST: &str = "Send a test";
pub(crate) const NOTIFICATIONS_ARE_BLOCKED: &str =
    "This browser blocks notifications. Allow them in its settings for this site, then come back.";
pub(crate) const NOTIFICATIONS_NEED_THE_HOME_SCREEN: &str =
    "On an iPhone or iPad, first add Tandem to the home screen (Share, Add to Home Screen) and open it there.";
pub(crate) const NOTIFICATIONS_NEED_HTTPS: &str =
    "This browser receives none here. It needs an address that begins with https.";
pub(crate) const WHAT_TO_SEND: &str = "What to send";
pub(crate) const QUIET_FROM: &str = "Quiet from";
pub(crate) const UNTIL: &str = "Until";
pub(crate) const PASSWORD_CHANGED: &str = "Password changed";
pub(crate) const PASSWORD: &str = "Password";
pub(crate) const A_NEW_PASSWORD_SIGNS_OUT: &str =
    "A new password signs out your other devices and ends your personal tokens and calendar feeds.";
pub(crate) const CURRENT_PASSWORD: &str = "Current password";
pub(crate) const NEW_PASSWORD: &str = "New password";
pub(crate) const CHANGE_PASSWORD: &str = "Change password";
pub(crate) const PERSONAL_TOKENS_TO_KEEP: &str = "Personal tokens to keep";
pub(crate) const TOKENS_THAT_YOU_DO_NOT: &str = "Tokens that you do not keep end at once.";
pub(crate) const PROFILE: &str = "Profile";
pub(crate) const THE_TIME_ZONE_DECIDES_WHAT: &str = "The time zone decides what “tomorrow at five” means.";
pub(crate) const NAME: &str = "Name";
pub(crate) const EMAIL: &str = "Email";
pub(crate) const SAVE: &str = "Save";
pub(crate) const SAVED: &str = "Saved";
pub(crate) const TIME_ZONE: &str = "Time zone";
pub(crate) const WHEN_IT_IS_DUE: &str = "When it is due";
pub(crate) const TEN_MINUTES_BEFORE: &str = "10 minutes before";
pub(crate) const THIRTY_MINUTES_BEFORE: &str = "30 minutes before";
pub(crate) const ONE_HOUR_BEFORE: &str = "1 hour before";
pub(crate) const ONE_DAY_BEFORE: &str = "1 day before";
pub(crate) const NOT_BY_ITSELF: &str = "Not by itself";
pub(crate) const A_DUE_DATE_RINGS_BY: &str = "A due date rings by itself, unless its task has reminders of its own.";
pub(crate) const TASKS_WITH_A_TIME: &str = "Tasks with a time";
pub(crate) const TASKS_OF_A_WHOLE_DAY: &str = "Tasks of a whole day";
pub(crate) const TOKENS: &str = "Tokens";
pub(crate) const FOR_OTHER_PROGRAMS_THROUGH_THE: &str =
    "For other programs, through the API or MCP. A token is shown once.";
pub(crate) const CALENDAR_FEEDS: &str = "Calendar feeds";
pub(crate) const YOUR_TASKS_IN_CALENDARS: &str = "Your tasks in a calendar, which reads them and changes nothing.";
pub(crate) const NEW_FEED: &str = "New feed";
pub(crate) const WHOEVER_HAS_THE_ADDRESS: &str = "Whoever has the address can read these tasks.";
pub(crate) const NAME_OF_THE_FEED: &str = "Name of the feed";
pub(crate) const CREATE_FEED: &str = "Create feed";
pub(crate) const YOUR_NEW_FEED: &str = "Your new feed";
pub(crate) const ADDRESS: &str = "Address";
pub(crate) const SHOWN_AS: &str = "Shown as";
pub(crate) const AS_EVENTS: &str = "Events: tasks with a date";
pub(crate) const AS_TASKS: &str = "Tasks, with or without a date";
pub(crate) const ONLY_THESE_LISTS: &str = "Only these lists";
pub(crate) const ALSO_WHAT_IS_DONE: &str = "Also what is done";
pub(crate) const CALENDARS_STOP_AT_ONCE: &str = "Its address stops working at once.";
pub(crate) const REMOVE: &str = "Remove";
pub(crate) const ALL_LISTS: &str = "All lists";
pub(crate) const EVENTS: &str = "Events";
pub(crate) const TASKS: &str = "Tasks";
pub(crate) const MCP_CLIENT_JSON: &str = "MCP client, json";

pub(crate) fn active_ago(minutes: impl Display) -> String {
    format!("Active {minutes} ago")
}

pub(crate) fn last_seen(moment: impl Display) -> String {
    format!("Last seen {moment}")
}

pub(crate) fn entries_used(used: impl Display, most: impl Display) -> String {
    format!("{used} of {most} entries used: tasks, messages and their history")
}

pub(crate) fn space_used(used: impl Display, most: impl Display) -> String {
    format!("{used} of {most} used")
}

pub(crate) fn kilobytes(size: impl Display) -> String {
    format!("{size} KB")
}

pub(crate) fn megabytes(size: impl Display) -> String {
    format!("{size} MB")
}

pub(crate) fn token_used(moment: impl Display) -> String {
    format!("used {moment}")
}

pub(crate) fn token_expires(used: impl Display, day: impl Display) -> String {
    format!("{used} · expires {day}")
}

pub(crate) fn keep_token(name: impl Display) -> String {
    format!("Keep {name}")
}

pub(crate) fn remove_feed(name: impl Display) -> String {
    format!("Remove {name}?")
}

pub(crate) fn with_done(lists: impl Display) -> String {
    format!("{lists}, with what is done")
}
