//! The pages. They connect components to the state, and own focus, titles and keyboard shortcuts.

mod form_error;
mod not_found;
mod notices;
mod register;
mod reminders;
mod reset;
mod settings;
mod sign_in;
mod sign_in_again;
mod unreachable;
mod workspace;

pub(crate) use not_found::NotFoundPage;
pub(crate) use notices::Notices;
pub(crate) use register::RegisterPage;
pub(crate) use reset::ResetPage;
pub(crate) use settings::{PeoplePage, SettingsPage};
pub(crate) use sign_in::SignInPage;
pub(crate) use sign_in_again::SignInAgain;
pub(crate) use unreachable::UnreachablePage;
pub(crate) use workspace::WorkspacePage;
