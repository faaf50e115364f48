//! What is drawn: components that take values and callbacks, and know neither network nor application state.
//!
//! Reading order: [`shared`] and [`clock`] are the values that many hold, [`words`] how dates and numbers are said;
//! [`icon`], [`button`], [`notice`], [`form`], [`editor`] the small things; [`shell`] the frame, with [`header`],
//! [`thread_list`] and [`tab_bar`] around [`log`] (its [`message`]s, their [`markdown`] and [`tool`] cards), [`composer`]
//! and [`tasks`]; [`dialog`], [`toast`] and [`connection`] lie over it; [`settings`] is a page of its own.
//!
//! Names and roles are a contract with whoever drives the page from outside. Style sheets: `styles/`.

pub mod account_menu;
pub mod brand;
pub mod button;
pub mod clock;
pub mod composer;
pub mod connection;
pub mod dialog;
pub mod editor;
pub mod empty_thread;
pub mod form;
pub mod header;
pub mod icon;
pub mod keys;
pub mod log;
pub mod markdown;
pub mod message;
pub mod notice;
pub mod settings;
pub mod shared;
pub mod shell;
pub mod skeleton;
pub mod tab_bar;
pub mod tasks;
pub mod thread_list;
pub mod ticker;
pub mod toast;
pub mod tool;
pub mod words;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod names;
#[cfg(test)]
mod refused;
