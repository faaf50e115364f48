//! The pages: they compose components, and own focus, titles and what the keyboard does.

mod form_error;
mod not_found;
mod notices;
mod out_of_reach;
mod register;
mod settings;
mod sign_in;
mod sign_in_again;
mod workspace;

pub use not_found::NotFoundPage;
pub use notices::Notices;
pub use out_of_reach::OutOfReachPage;
pub use register::RegisterPage;
pub use settings::SettingsPage;
pub use sign_in::SignInPage;
pub use sign_in_again::SignInAgain;
pub use workspace::WorkspacePage;
