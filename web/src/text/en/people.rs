//! The page on which an owner looks after accounts and invitations.

use std::fmt::Display;

pub(crate) const ACCOUNTS: &str = "Accounts";
pub(crate) const YOU_SEE_WHO_IS_HERE: &str = "You see who is here and how much they use, never what they write.";
pub(crate) const SEARCH_PEOPLE: &str = "Search people";
pub(crate) const SHOW_MORE: &str = "Show more";
pub(crate) const OWNER: &str = "Owner";
pub(crate) const DISABLED: &str = "Disabled";
pub(crate) const NO_RECENT_SIGN_IN: &str = "no recent sign-in";
pub(crate) const NOBODY_FOUND: &str = "Nobody found.";
pub(crate) const NO_INVITATIONS: &str = "No invitation is open.";
pub(crate) const NOT_A_NUMBER_THAT_WORKS: &str = "This number does not work";
pub(crate) const MAKE_A_MEMBER: &str = "Make a member";
pub(crate) const MAKE_AN_OWNER: &str = "Make an owner";
pub(crate) const LINK_FOR_A_NEW_PASSWORD: &str = "Link for a new password";
pub(crate) const SIGN_OUT_EVERYWHERE: &str = "Sign out everywhere";
pub(crate) const DAILY_LIMITS: &str = "Daily limits";
pub(crate) const DELETE: &str = "Delete";
pub(crate) const LET_IN_AGAIN: &str = "Let in again";
pub(crate) const DISABLE: &str = "Disable";
pub(crate) const A_NEW_PASSWORD_WITHIN_30: &str = "A new password, within 30 minutes";
pub(crate) const REPLIES_A_DAY: &str = "Replies a day";
pub(crate) const TOKENS_OF_PROVIDERS_A_DAY: &str = "Tokens of providers a day";
pub(crate) const SET_LIMITS: &str = "Set limits";
pub(crate) const EMPTY_AS_FOR_EVERYBODY_ON: &str = "Empty: as for everybody on this server. Days are those of UTC.";
pub(crate) const DELETE_ACCOUNT_FOR_GOOD: &str = "Delete account for good";
pub(crate) const EVERY_CONVERSATION_AND_TASK_OF: &str =
    "Every conversation and task of theirs is removed from this server, at once and for good.";
pub(crate) const EMAIL: &str = "Email";
pub(crate) const HOW_MANY_PEOPLE: &str = "How many people";
pub(crate) const DAYS: &str = "Days";
pub(crate) const INVITATIONS: &str = "Invitations";
pub(crate) const A_LINK_LETS_SOMEBODY_CREATE: &str =
    "A link lets somebody create an account, unless registration is closed.";
pub(crate) const INVITE_SOMEONE: &str = "Invite someone";
pub(crate) const CREATE_LINK: &str = "Create link";
pub(crate) const WITH_AN_ADDRESS_ONLY_THAT: &str =
    "With an address only that person may use the link; without one whoever has it.";
pub(crate) const ANYONE_WITH_THE_LINK: &str = "Anyone with the link";
pub(crate) const REVOKE: &str = "Revoke";
pub(crate) const PEOPLE: &str = "People";
pub(crate) const SETTINGS: &str = "Settings";
pub(crate) const PASS_THIS_LINK_ON_COPY: &str = "Pass this link on. Copy it now: it is not shown again.";
pub(crate) const LINK: &str = "Link";
pub(crate) const DONE: &str = "Done";
pub(crate) const THE_INVITATION: &str = "The invitation";
pub(crate) const CANCEL: &str = "Cancel";
pub(crate) const RECORD: &str = "Record";
pub(crate) const SIGN_INS_AND_WHAT_WAS: &str =
    "Sign-ins, and what was done with accounts. Nothing of what people write.";
pub(crate) const SHOW_OLDER: &str = "Show older";
pub(crate) const AND_REFUSED: &str = ": refused";
pub(crate) const BY: &str = "by ";
pub(crate) const TO: &str = "to ";
pub(crate) const FROM: &str = "from ";

pub(crate) fn whole_number(least: u32, most: u32) -> String {
    if most == u32::MAX {
        "A whole number, or nothing".to_owned()
    } else {
        format!("A whole number from {least} to {most}")
    }
}

/// What an entry of the record is about; the name of the server where there are no words for it.
pub(crate) fn recorded(action: &str) -> &str {
    match action {
        "register" => "Account created",
        "sign_in" => "Signed in",
        "session_revoke" => "Signed out",
        "refresh_reuse" => "Copied sign-in used, session ended",
        "password_change" => "Password changed",
        "password_reset" => "Password replaced by a link",
        "reset_link_create" => "Link for a new password made",
        "token_create" => "Token made",
        "token_delete" => "Token removed",
        "feed_create" => "Calendar feed made",
        "feed_delete" => "Calendar feed removed",
        "invitation_create" => "Invitation made",
        "invitation_revoke" => "Invitation revoked",
        "role_change" => "Role changed",
        "user_disable" => "Account disabled",
        "user_enable" => "Account let in again",
        "user_update" => "Account changed",
        "user_delete" => "Account deleted",
        "export" => "Everything exported",
        "import" => "Old system imported",
        "restore" => "Backup restored",
        other => other,
    }
}

/// Who did something, where it is no account.
pub(crate) fn nobody(who: &str) -> &str {
    match who {
        "operator" => "the command line",
        "deleted" => "a deleted account",
        who => who,
    }
}

pub(crate) fn menu_of(name: impl Display) -> String {
    format!("Menu of {name}")
}

pub(crate) fn last_seen(moment: impl Display) -> String {
    format!("last seen {moment}")
}

pub(crate) fn usage_of_account(
    seen: impl Display,
    devices: impl Display,
    tasks: impl Display,
    used: impl Display,
    replies: impl Display,
    tokens: impl Display,
) -> String {
    format!("{seen} · {devices} · {tasks} · {used} · today {replies}, {tokens}")
}

pub(crate) fn of_at_most(used: impl Display, most: impl Display) -> String {
    format!("{used} (limit {most})")
}

pub(crate) fn delete_account_of(email: impl Display) -> String {
    format!("Delete {email}?")
}

pub(crate) fn use_of_invitation(used: impl Display, uses: impl Display, ends: impl Display) -> String {
    format!("used {used} of {uses} · ends {ends}")
}
