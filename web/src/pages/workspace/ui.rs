//! The state of the workspace that the server does not know: views, panels, dialogs.

use crate::{
    components::shell::{Layout, View},
    state::route::Route,
};
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
    /// The visible view of a narrow page. It follows the address, so that the browser's Back leads through the views.
    pub(super) view: View,
    /// The number of the task whose details are shown. It follows the address.
    pub(super) task: Option<i64>,
    /// Whether the list of conversations is visible, on pages where it can be hidden. On a narrow page it follows the
    /// address.
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
    /// Leads to this task: in the list, and to its details.
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
            task: None,
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

    /// The state at an address. `threads`: whether the list of conversations covers it, where there is one view only.
    pub(super) fn at(&self, route: Route, threads: bool) -> Self {
        let at_tasks = matches!(route, Route::Tasks | Route::Task(_));
        Self {
            view: match route {
                _ if threads => View::Threads,
                Route::Tasks | Route::Task(_) => View::Tasks,
                _ => View::Chat,
            },
            task: if let Route::Task(number) = route { Some(number) } else { None },
            nav_open: if self.layout == Layout::Narrow { threads } else { self.nav_open },
            tasks_open: at_tasks || (self.layout == Layout::Wide && self.tasks_open),
            ..self.clone()
        }
    }

    /// The view to go to for a change that concerns the address.
    pub(super) fn destination(&self, change: UiChange) -> Option<View> {
        let narrow = self.layout == Layout::Narrow;
        let opens = |is_open: bool, view: View| if is_open { View::Chat } else { view };
        match change {
            UiChange::Show(view) => Some(view),
            UiChange::ToggleNav if narrow => Some(opens(self.view == View::Threads, View::Threads)),
            // On a wide page the tasks stand beside the conversation, at any address.
            UiChange::ShowTasks if self.layout != Layout::Wide => Some(View::Tasks),
            UiChange::ToggleTasks if self.layout != Layout::Wide => Some(opens(self.tasks_open, View::Tasks)),
            UiChange::ToggleTasks | UiChange::CloseTasks if self.view == View::Tasks => Some(View::Chat),
            _ => None,
        }
    }

    fn after(&self, change: UiChange) -> Self {
        let mut next = self.clone();
        match change {
            UiChange::Layout(layout) if layout != self.layout => {
                next.layout = layout;
                next.tasks_open = layout == Layout::Wide;
            }
            UiChange::ToggleNav => next.nav_open = !self.nav_open,
            UiChange::ToggleTasks => next.tasks_open = !self.tasks_open,
            UiChange::CloseTasks => next.tasks_open = false,
            UiChange::ShowTasks => next.tasks_open = true,
            UiChange::SeekTask(task) => next.target = Some((task, self.target.map_or(0, |(_, count)| count + 1))),
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
            }
            UiChange::Layout(_) | UiChange::Show(_) => {}
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
    fn tasks_are_open_on_wide_pages_and_at_their_address_on_narrower_ones() {
        assert!(after(Layout::Wide, []).at(Route::Home, false).tasks_open);
        assert!(!after(Layout::Wide, [UiChange::CloseTasks]).at(Route::Home, false).tasks_open);
        assert!(!after(Layout::Medium, []).at(Route::Home, false).tasks_open);
        assert!(!after(Layout::Wide, [UiChange::Layout(Layout::Medium)]).at(Route::Home, false).tasks_open);
        for layout in [Layout::Wide, Layout::Medium, Layout::Narrow] {
            let ui = after(layout, []).at(Route::Task(3), false);
            assert_eq!((ui.tasks_open, ui.task, ui.view), (true, Some(3), View::Tasks));
        }
    }

    #[test]
    fn where_there_is_room_for_one_view_a_change_of_the_view_is_a_change_of_the_address() {
        let phone = Ui::new(Layout::Narrow);
        let (chat, threads) = (phone.at(Route::Home, false), phone.at(Route::Home, true));
        assert!(!chat.nav_open && threads.nav_open);
        assert_eq!(chat.destination(UiChange::ToggleNav), Some(View::Threads));
        assert_eq!(threads.destination(UiChange::ToggleNav), Some(View::Chat));
        assert_eq!(chat.destination(UiChange::ShowTasks), Some(View::Tasks));
        let tablet = Ui::new(Layout::Medium);
        assert_eq!(tablet.at(Route::Home, false).destination(UiChange::ToggleTasks), Some(View::Tasks));
        assert_eq!(tablet.at(Route::Tasks, false).destination(UiChange::CloseTasks), Some(View::Chat));
        assert_eq!(tablet.at(Route::Home, false).destination(UiChange::ToggleNav), None);
    }

    #[test]
    fn on_a_wide_page_tasks_open_and_close_beside_the_conversation() {
        let wide = Ui::new(Layout::Wide);
        assert_eq!(wide.at(Route::Home, false).destination(UiChange::ToggleTasks), None);
        assert_eq!(wide.at(Route::Task(1), false).destination(UiChange::CloseTasks), Some(View::Chat));
    }

    #[test]
    fn a_resize_within_one_layout_leaves_what_was_closed_closed() {
        let ui = after(Layout::Wide, [UiChange::CloseTasks, UiChange::Layout(Layout::Wide)]);
        assert!(!ui.tasks_open);
    }

    #[test]
    fn each_search_for_a_task_is_a_new_one() {
        let task = TaskId(uuid::Uuid::nil());
        let twice = after(Layout::Medium, [UiChange::SeekTask(task), UiChange::SeekTask(task)]);
        assert_eq!(twice.target, Some((task, 1)));
    }

    #[test]
    fn sending_counts_and_ends_an_edit() {
        let editing = Some(MessageId(uuid::Uuid::nil()));
        let ui = after(Layout::Wide, [UiChange::Edit(editing), UiChange::Sent]);
        assert_eq!((ui.own_sends, ui.editing), (1, None));
    }
}
