//! The state of the workspace that the server does not know: views, panels, dialogs.

use crate::components::shell::{Layout, View};
use std::rc::Rc;
use tandem_protocol::{ConversationId, MessageId, TaskId};
use yew::Reducible;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Overlay {
    Search,
    Shortcuts,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ui {
    pub(super) layout: Layout,
    /// The visible view of a narrow page.
    pub(super) view: View,
    /// Whether the list of conversations is visible, on pages where it can be hidden.
    pub(super) nav_open: bool,
    pub(super) tasks_open: bool,
    pub(super) overlay: Option<Overlay>,
    pub(super) editing: Option<MessageId>,
    /// The conversation whose title is edited in the list.
    pub(super) renaming: Option<ConversationId>,
    /// Whether the title is edited in the header.
    pub(super) editing_title: bool,
    /// The task that a search leads to, and the number of such searches.
    pub(super) target: Option<(TaskId, u32)>,
    /// Counts the messages that the person has sent. Each one scrolls to the end.
    pub(super) own_sends: u32,
}

/// A change of the workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UiChange {
    Layout(Layout),
    Show(View),
    /// Shows or hides the list of conversations.
    ToggleNav,
    /// Shows or hides the tasks.
    ToggleTasks,
    CloseTasks,
    /// Shows the tasks at any width.
    ShowTasks,
    /// Scrolls to this task and marks it.
    SeekTask(TaskId),
    Open(Overlay),
    Close,
    /// Opens or closes the editor of a message.
    Edit(Option<MessageId>),
    /// Opens or closes the editor of a title in the list.
    Rename(Option<ConversationId>),
    /// Opens or closes the editor of the title in the header.
    EditTitle(bool),
    /// The person has sent a message.
    Sent,
    /// Another conversation was opened.
    Moved,
}

impl Ui {
    /// The initial state for a width.
    pub(super) fn new(layout: Layout) -> Self {
        Self {
            layout,
            view: View::default(),
            nav_open: true,
            tasks_open: layout == Layout::Wide,
            overlay: None,
            editing: None,
            renaming: None,
            editing_title: false,
            target: None,
            own_sends: 0,
        }
    }

    fn after(&self, change: UiChange) -> Self {
        let mut next = self.clone();
        match change {
            UiChange::Layout(layout) if layout != self.layout => {
                next.layout = layout;
                next.tasks_open = layout == Layout::Wide;
            }
            UiChange::Layout(_) => {}
            UiChange::Show(view) => next.view = view,
            UiChange::ToggleNav if self.layout == Layout::Narrow => {
                next.view = if self.view == View::Threads { View::Chat } else { View::Threads };
            }
            UiChange::ToggleNav => next.nav_open = !self.nav_open,
            UiChange::ToggleTasks => next.tasks_open = !self.tasks_open,
            UiChange::CloseTasks => next.tasks_open = false,
            UiChange::ShowTasks if self.layout == Layout::Narrow => next.view = View::Tasks,
            UiChange::ShowTasks => next.tasks_open = true,
            UiChange::SeekTask(task) => {
                next = self.after(UiChange::ShowTasks);
                next.target = Some((task, self.target.map_or(0, |(_, count)| count + 1)));
            }
            UiChange::Open(overlay) => next.overlay = Some(overlay),
            UiChange::Close => next.overlay = None,
            UiChange::Edit(message) => next.editing = message,
            UiChange::Rename(conversation) => next.renaming = conversation,
            UiChange::EditTitle(editing) => next.editing_title = editing,
            UiChange::Sent => {
                next.own_sends += 1;
                next.editing = None;
            }
            UiChange::Moved => {
                next.editing = None;
                next.editing_title = false;
                next.view = View::Chat;
            }
        }
        next
    }
}

impl Reducible for Ui {
    type Action = UiChange;

    fn reduce(self: Rc<Self>, change: UiChange) -> Rc<Self> {
        let next = self.after(change);
        if next == *self { self } else { Rc::new(next) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(layout: Layout, changes: impl IntoIterator<Item = UiChange>) -> Rc<Ui> {
        changes.into_iter().fold(Rc::new(Ui::new(layout)), Reducible::reduce)
    }

    #[test]
    fn tasks_are_open_on_wide_pages_and_can_be_opened_on_narrower_ones() {
        assert!(after(Layout::Wide, []).tasks_open);
        assert!(!after(Layout::Medium, []).tasks_open);
        assert!(!after(Layout::Wide, [UiChange::Layout(Layout::Medium)]).tasks_open);
        assert!(after(Layout::Medium, [UiChange::ToggleTasks]).tasks_open);
    }

    #[test]
    fn on_a_phone_the_menu_is_the_view_of_threads_and_choosing_one_leads_back() {
        let threads = after(Layout::Narrow, [UiChange::ToggleNav]);
        assert_eq!(threads.view, View::Threads);
        assert_eq!(threads.reduce(UiChange::Moved).view, View::Chat);
    }

    #[test]
    fn a_resize_within_one_layout_leaves_what_was_closed_closed() {
        let ui = after(Layout::Wide, [UiChange::CloseTasks, UiChange::Layout(Layout::Wide)]);
        assert!(!ui.tasks_open);
    }

    #[test]
    fn a_search_for_a_task_shows_the_tasks_at_every_width() {
        let task = TaskId(uuid::Uuid::nil());
        assert_eq!(after(Layout::Narrow, [UiChange::SeekTask(task)]).view, View::Tasks);
        let twice = after(Layout::Medium, [UiChange::SeekTask(task), UiChange::CloseTasks, UiChange::SeekTask(task)]);
        assert_eq!((twice.tasks_open, twice.target), (true, Some((task, 1))));
    }

    #[test]
    fn sending_counts_and_ends_an_edit() {
        let editing = Some(MessageId(uuid::Uuid::nil()));
        let ui = after(Layout::Wide, [UiChange::Edit(editing), UiChange::Sent]);
        assert_eq!((ui.own_sends, ui.editing), (1, None));
    }
}
