//! What is drawn: components that take values and callbacks, and know neither network nor application state.
//!
//! Reading order: [`shared`] and [`clock`] are the values that many hold, [`words`] how dates and numbers are said;
//! [`icon`], [`button`], [`notice`], [`form`], [`editor`] the small things; [`shell`] the frame, with [`header`],
//! [`thread_list`] and [`tab_bar`] around [`log`] (its [`message`]s, their [`markdown`] and [`tool`] cards), [`composer`]
//! and [`tasks`]; [`dialog`], [`toast`] and [`connection`] lie over it; [`settings`] is a page of its own.
//!
//! Names and roles are a contract with whoever drives the page from outside. Style sheets: `styles/`.

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
pub(crate) mod message;
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
