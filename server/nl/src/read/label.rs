//! Labels that are put on a task or taken off: "tag the milk as home and shop".

use crate::Action;
use crate::grammar::Clause;
use crate::reference::{ReadContext, Risk, Scope, Target, resolve_each};
use crate::understood::Understood;
use tandem_protocol::TaskId;
use tandem_protocol::rest::TaskPatch;

use super::{Outcome, change_target, set_or_each, without_noun};

pub(super) fn label(name: &Clause<'_>, object: &Clause<'_>, cx: &ReadContext<'_>, on: bool) -> Option<Outcome> {
    let labels = Understood::read(name, cx, labels)?;
    let target = set_or_each(object, cx);
    let add: fn(Vec<TaskId>, &Vec<String>, &ReadContext<'_>) -> Vec<Action> =
        |ids, labels, _| ids.into_iter().map(|id| labelled(id, labels.clone(), Vec::new())).collect();
    let remove: fn(Vec<TaskId>, &Vec<String>, &ReadContext<'_>) -> Vec<Action> =
        |ids, labels, _| ids.into_iter().map(|id| labelled(id, Vec::new(), labels.clone())).collect();
    Some(change_target(target, "change", &labels, cx, if on { add } else { remove }))
}

/// "tag it home": the shortest phrase that means a task leaves the label.
pub(super) fn label_after(words: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let n = words.tokens().len();
    // "tag the milk and the rent home" names both before the label.
    let joint = |at: usize| matches!(words.word(at), "and" | "," | "&");
    let ends = |at: usize| !joint(at) && !joint(at - 1) && !matches!(words.word(at - 1), "the" | "my" | "a");
    (1..n).filter(|at| ends(*at)).find_map(|at| {
        let object = words.part(0, at);
        let found = resolve_each(&without_noun(&object), cx, Scope::Any, Risk::Destructive);
        matches!(found, Target::Tasks(_)).then(|| label(&words.part(at, n), &object, cx, true))?
    })
}

fn labelled(id: TaskId, add_labels: Vec<String>, remove_labels: Vec<String>) -> Action {
    Action::Update { id, patch: TaskPatch::default(), add_labels, remove_labels }
}

/// One label or several: "home and shop". A label is short; a longer name is a sentence about something else.
fn labels(names: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Vec<String>> {
    const LONGEST: usize = 3;
    let joint = |at: &usize| names.tokens()[*at].is_any(&["and", ",", "&"]);
    let n = names.tokens().len();
    let mut from = 0;
    let mut found: Vec<String> = Vec::new();
    for end in (0..n).filter(joint).chain([n]) {
        let name = names.part(from, end.max(from));
        let label = name.source().trim_matches(['"', '\'', '#']).trim();
        if name.tokens().len() > LONGEST {
            return None;
        }
        if !label.is_empty() {
            found.push(cx.known_label(label).unwrap_or_else(|| label.to_owned()));
        }
        from = end + 1;
    }
    (!found.is_empty()).then_some(found)
}
