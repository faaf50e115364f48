//! Signing in, registration, the link for a new password.

pub(crate) const ONLY_ON_THIS_DEVICE: &str = "If you sign out now, what you wrote is lost.";
pub(crate) const STAY: &str = "Stay";
pub(crate) const SIGN_OUT_ANYWAY: &str = "Sign out anyway";
pub(crate) const DELETE_ACCOUNT_QUESTION: &str = "Delete account?";
pub(crate) const ALL_IS_REMOVED: &str =
    "Every conversation and task is removed from this server, at once and for good.";
pub(crate) const CANCEL: &str = "Cancel";
pub(crate) const DELETE_ACCOUNT_FOR_GOOD: &str = "Delete account for good";
pub(crate) const SIGN_IN_AGAIN: &str = "Sign in again";
pub(crate) const SESSION_HAS_ENDED: &str = "Your session has ended. What you were writing is still here.";
pub(crate) const ENTER_YOUR_EMAIL_ADDRESS: &str = "Enter your email address";
pub(crate) const AT_LEAST_8_CHARACTERS: &str = "At least 8 characters";
pub(crate) const PASSWORD: &str = "Password";
pub(crate) const PASSWORD_HINT: &str = "At least 8 characters. A sentence is easy to keep.";
pub(crate) const HIDE_PASSWORD: &str = "Hide password";
pub(crate) const SHOW_PASSWORD: &str = "Show password";
pub(crate) const ENTER_YOUR_PASSWORD: &str = "Enter your password";
pub(crate) const EMAIL: &str = "Email";
pub(crate) const SIGN_IN: &str = "Sign in";
pub(crate) const PASTE_IT_HERE: &str = "Paste it here";
pub(crate) const CREATE_AN_ACCOUNT: &str = "Create an account";
pub(crate) const NAME: &str = "Name";
pub(crate) const CREATE_ACCOUNT: &str = "Create account";
pub(crate) const NEW_PASSWORD: &str = "New password";
pub(crate) const SET_PASSWORD: &str = "Set password";
pub(crate) const TANDEM_ON_YOUR_OWN_SERVER: &str = "Tandem, on your own server";
pub(crate) const EMAIL_AND_PASSWORD_DO_NOT: &str = "Email and password do not match";
pub(crate) const CHECK_BOTH_AND_TRY_AGAIN: &str = "Check both and try again.";
pub(crate) const TYPE_THE_PASSWORD_AGAIN: &str = "Type the password again";
pub(crate) const THE_PASSWORD_IS_WRONG: &str = "The password is wrong";
pub(crate) const TYPE_IT_AGAIN: &str = "Type it again";
pub(crate) const THIS_DID_NOT_WORK: &str = "This did not work";
pub(crate) const ADDRESS_MAY_BE_TAKEN: &str =
    "There may be an account with this address already: sign in, or use another address.";
pub(crate) const USE_ANOTHER_ADDRESS_OR_SIGN: &str = "Use another address, or sign in";
pub(crate) const THIS_LINK_DOES_NOT_WORK: &str = "This link does not work any more";
pub(crate) const THIS_INVITATION_DOES_NOT_WORK: &str = "This invitation does not work";
pub(crate) const WHY_IT_DOES_NOT_WORK: &str = "It was used, has ended, or is for another address.";
pub(crate) const THIS_IS_NOT_THE_CODE: &str = "This is not the set-up code";
pub(crate) const TOO_MANY_TRIES: &str = "Too many tries";
pub(crate) const SOMETHING_IS_NOT_RIGHT_YET: &str = "Something is not right yet";
pub(crate) const CHECK_THE_MARKED_FIELDS: &str = "Check the marked fields.";
pub(crate) const OPEN_TO_ALL: &str = "It stays on this server. No email is sent.";
pub(crate) const FIRST_ACCOUNT: &str = "It is the first one here: you will look after this server and invite others.";
pub(crate) const FIRST_ACCOUNT_WITH_CODE: &str =
    "It is the first one here, so it takes the set-up code that the server printed when it started.";
pub(crate) const INVITED: &str = "You are invited. Your account stays on this server, and no email is sent.";
pub(crate) const BY_INVITATION: &str = "This server takes new people by invitation. Ask whoever runs it for a link.";
pub(crate) const CLOSED: &str = "This server isn't taking new people.";
pub(crate) const SET_UP_CODE: &str = "Set-up code";
pub(crate) const WHERE_THE_CODE_IS: &str = "The start of the server prints it, unless TANDEM_SETUP_CODE is set";
pub(crate) const INVITATION: &str = "Invitation";
pub(crate) const THE_LINK_THAT_YOU_WERE: &str = "The link that you were given";
pub(crate) const ALREADY_HAVE_ONE: &str = "Already have one? ";
pub(crate) const NEW_ACCOUNTS_ARE_CLOSED: &str = "New accounts are closed";
pub(crate) const ASK_TO_BE_LET_IN: &str = "If you know who runs this server, ask them to let you in.";
pub(crate) const IT_IS_CHANGED_AND_EVERY: &str = "It is changed, and every device is signed out.";
pub(crate) const IT_REPLACES_THE_ONE_BEFORE: &str = "It replaces the one before.";
pub(crate) const YOUR_PASSWORD_IS_CHANGED: &str = "Your password is changed";
pub(crate) const SIGN_IN_WITH_THE_NEW: &str = "Sign in with the new one.";
pub(crate) const THE_LINK_IS_NOT_COMPLETE: &str = "The link is not complete";
pub(crate) const ASK_FOR_A_NEW_LINK: &str = "Open it once more, or ask whoever runs this server for a new one.";
pub(crate) const NEW_HERE: &str = "New here? ";
pub(crate) const YOUR_CONVERSATIONS_AND_TASKS_WHERE: &str = "Your conversations and tasks, where you left them.";
pub(crate) const YOUR_ACCOUNT_IS_DELETED: &str = "Your account is deleted, with everything in it.";
pub(crate) const FORGOT_YOUR_PASSWORD: &str = "Forgot your password?";
pub(crate) const HOW_TO_GET_BACK_IN: &str =
    "Ask whoever runs this server for a link: they find it in Settings, under People. If that is you, run ";
pub(crate) const COMMAND_FOR_A_LINK: &str = "tandem user reset-link you@example.com";
pub(crate) const ON_THE_SERVER: &str = " on the server.";

pub(crate) fn changes_not_sent(count: usize) -> String {
    match count {
        1 => "1 change has not been sent".to_owned(),
        _ => format!("{count} changes have not been sent"),
    }
}
