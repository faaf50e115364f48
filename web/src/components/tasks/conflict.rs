//! The box that asks what becomes of an edit, because others have changed or deleted the task meanwhile.

use super::{recurrence_text, reminder_words};
use crate::text::tasks as text;
use crate::{
    components::{callout::callout, format, icon::Icon},
    state::{
        model::{EditDecision, RefusedEdit},
        task_merge::TaskField,
    },
};
use jiff::civil::{Date, Time};
use tandem_protocol::{model::Recurrence, rest::TaskPatch};
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct EditConflictProps {
    pub edit: RefusedEdit,
    /// Who has changed the task: `on Ann's phone`.
    pub by: AttrValue,
    pub today: Date,
    pub on: Callback<EditDecision>,
}

/// Shows both values. The person keeps one of them; nothing is dropped before they have chosen.
#[component]
pub(crate) fn EditConflict(props: &EditConflictProps) -> Html {
    let edit = &props.edit;
    let button = |name: &'static str, decision: EditDecision| {
        html! {
            <button type="button" class="btn btn-s" onclick={props.on.reform(move |_: MouseEvent| decision)}>{ name }</button>
        }
    };
    let (title, text, buttons) = if edit.deleted {
        let buttons =
            [button(text::SAVE_AS_NEW, EditDecision::SaveAsNew), button(text::DISCARD, EditDecision::Discard)];
        (text::was_deleted(&edit.title, &props.by), text::CHANGES_ARE_KEPT.to_owned(), buttons)
    } else {
        let buttons =
            [button(text::USE_MINE, EditDecision::UseMine), button(text::KEEP_THEIRS, EditDecision::KeepTheirs)];
        (text::was_not_changed(&edit.title), differences(edit, &props.by, props.today), buttons)
    };
    html! {
        <div class="conflict" role="status">
            { callout(Some(Icon::Alert), title, text, Html::from_iter(buttons)) }
        </div>
    }
}

/// A sentence for each field with the values of both.
fn differences(edit: &RefusedEdit, by: &str, today: Date) -> String {
    let named = edit.fields.len() > 1;
    let sentences = edit.fields.iter().map(|&field| {
        let (mine, theirs) = (value(field, &edit.mine, today), value(field, &edit.theirs, today));
        let what = if named { name(field) } else { text::IT };
        text::field_was_changed(what, &theirs, by, &mine)
    });
    sentences.collect::<Vec<_>>().join(" ")
}

fn name(field: TaskField) -> &'static str {
    match field {
        TaskField::Title => text::THE_TITLE,
        TaskField::Notes => text::THE_NOTE,
        TaskField::Due => text::THE_DUE_DATE,
        TaskField::Repeats => text::THE_RECURRENCE,
        TaskField::Priority => text::THE_PRIORITY,
        TaskField::Labels => text::THE_SET_OF_LABELS,
        TaskField::List => text::THE_LIST,
        TaskField::Reminders => text::THE_SET_OF_REMINDERS,
    }
}

/// The value of a field as text.
fn value(field: TaskField, patch: &TaskPatch, today: Date) -> String {
    let quoted = |text: &String| format!("“{text}”");
    let text = match field {
        TaskField::Title => patch.title.as_ref().map(quoted),
        TaskField::Notes => patch.description.as_ref().filter(|text| !text.is_empty()).map(quoted),
        TaskField::Due => patch.due.clone().flatten().map(|due| format::due(&due.in_zone(""), today)),
        TaskField::Repeats => {
            patch.recurrence.clone().flatten().map(|recurrence| recurrence_text(&Recurrence::from(recurrence)))
        }
        TaskField::Priority => patch.priority.map(|priority| format::priority(priority).to_owned()),
        TaskField::Labels => patch.labels.as_ref().filter(|labels| !labels.is_empty()).map(|labels| labels.join(", ")),
        TaskField::List => patch.list.clone().flatten(),
        TaskField::Reminders => {
            let all = patch.reminders.clone().filter(|all| !all.is_empty());
            all.map(|all| reminder_words::text_of(all, None, Time::midnight()))
        }
    };
    text.unwrap_or_else(|| text::NOTHING.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{components::tests::drawn, testing::id};
    use jiff::civil::date;
    use tandem_protocol::{CommandId, rest::DueInput};

    fn due(day: i8) -> TaskPatch {
        TaskPatch { due: Some(Some(DueInput::on(date(2026, 11, day)))), ..TaskPatch::default() }
    }

    fn html(deleted: bool) -> String {
        let edit = RefusedEdit {
            id: CommandId(id(1)),
            title: "Call the landlord".into(),
            deleted,
            by: None,
            fields: vec![TaskField::Due],
            mine: due(27),
            theirs: due(26),
        };
        let today = date(2026, 11, 23);
        drawn::<EditConflict>(EditConflictProps { edit, by: "on your phone".into(), today, on: Callback::noop() })
    }

    #[test]
    fn a_conflict_shows_both_values_and_who_set_the_other() {
        let html = html(false);
        assert!(html.contains("Your change of “Call the landlord” was not saved"), "{html}");
        assert!(html.contains("It was changed to Thu 26 Nov on your phone. Yours said Fri 27 Nov."), "{html}");
        assert!(html.contains(">Use mine</button>") && html.contains(">Keep theirs</button>"));
    }

    #[test]
    fn an_edit_of_a_deleted_task_can_become_a_new_one() {
        let html = html(true);
        assert!(html.contains("“Call the landlord” was deleted on your phone"), "{html}");
        assert!(html.contains(">Save as new</button>") && html.contains(">Discard</button>"));
    }
}
