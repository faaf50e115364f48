//! Three tasks to try the page with, and the way to be rid of them.
//!
//! They are tasks like others, with a label by which all of them are found.

use super::{TaskAction, panel::TaskPanelProps, sections::TaskFilter};
use crate::components::{button::TextButton, icon::Icon};
use crate::text::tasks as text;
use jiff::civil::Date;
use tandem_protocol::{
    calendar::days,
    rest::{DueInput, NewTask},
};
use yew::prelude::*;

const LABEL: &str = "sample";

/// The titles, and in how many days each is due.
const TITLES: [(&str, i64); 3] =
    [(text::TICK_ME_OFF_PRESS_THE, 0), (text::OPEN_ME_AND_WRITE_A, 0), (text::ASK_THE_ASSISTANT_TO_MOVE, 1)];

fn samples(today: Date) -> impl Iterator<Item = NewTask> {
    TITLES.into_iter().map(move |(title, later)| NewTask {
        title: title.to_owned(),
        due: days(today, later).map(DueInput::on),
        labels: Some(vec![LABEL.to_owned()]),
        // Nobody wants to be reminded of them.
        reminders: Some(Vec::new()),
        ..NewTask::default()
    })
}

/// The offer of an account without tasks.
pub(super) fn offer(props: &TaskPanelProps) -> Html {
    if props.tasks.iter().next().is_some() || props.filter == TaskFilter::Done {
        return Html::default();
    }
    let (on, today) = (props.on.clone(), props.clock.today());
    let add = Callback::from(move |()| samples(today).for_each(|task| on.emit(TaskAction::Create(task))));
    TextButton::new(text::ADD_THREE_SAMPLES, add).icon(Icon::Plus).html()
}

/// The button that deletes them, while there are some. Those that were ticked off may not be loaded, and are deleted too.
pub(super) fn removal(props: &TaskPanelProps) -> Html {
    if !props.tasks.iter().any(|task| task.labels.iter().any(|label| label == LABEL)) {
        return Html::default();
    }
    let delete = props.on.reform(|()| TaskAction::DeleteLabelled(LABEL));
    TextButton::new(text::DELETE_SAMPLES, delete).icon(Icon::Trash).html()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn samples_have_a_day_and_do_not_ring() {
        let all: Vec<NewTask> = samples(date(2026, 11, 30)).collect();
        let due: Vec<_> = all.iter().filter_map(|task| task.due.as_ref()).map(|due| due.date).collect();
        assert_eq!(due, [date(2026, 11, 30), date(2026, 11, 30), date(2026, 12, 1)]);
        assert!(all.iter().all(|task| task.reminders.as_ref().is_some_and(Vec::is_empty)));
    }
}
