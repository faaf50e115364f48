//! Components. They receive values and callbacks, and use neither the network nor the engine, so that tests can draw
//! each of them alone.
//!
//! Reading order: [`shared`] and [`clock`] are values that many components hold, [`format`](mod@format) turns dates and
//! numbers into text. [`icon`], [`button`], [`callout`], [`form`], [`editor`], [`menu`] are the small parts. [`shell`] is the
//! frame, with [`header`], [`thread_list`] and [`tab_bar`] around [`log`] (its [`message`]s with [`markdown`] and
//! [`tool`] cards), [`composer`] and [`tasks`]. [`dialog`], [`toast`] and [`connection`] are shown over it.
//! [`settings`] belongs to a page of its own.
//!
//! **Invariant:** roles and accessible names are an interface that tests outside of this crate use; changing one is a
//! breaking change. The style sheets are in `styles/`.

pub(crate) mod account_menu;
pub(crate) mod brand;
pub(crate) mod button;
pub(crate) mod callbacks;
pub(crate) mod callout;
pub(crate) mod clock;
pub(crate) mod composer;
pub(crate) mod connection;
pub(crate) mod dialog;
pub(crate) mod editor;
pub(crate) mod empty_thread;
pub(crate) mod form;
pub(crate) mod format;
pub(crate) mod header;
pub(crate) mod icon;
pub(crate) mod keys;
pub(crate) mod log;
pub(crate) mod markdown;
pub(crate) mod menu;
pub(crate) mod message;
pub(crate) mod reminders;
pub(crate) mod settings;
pub(crate) mod shared;
pub(crate) mod shell;
pub(crate) mod skeleton;
pub(crate) mod tab_bar;
pub(crate) mod tasks;
pub(crate) mod thread_list;
pub(crate) mod ticker;
pub(crate) mod toast;
pub(crate) mod tool;

#[cfg(test)]
mod tests;
