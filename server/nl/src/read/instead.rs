//! "water the plants every other day instead": another date or rhythm for a task that there is.
//!
//! **Invariant:** "instead" says that something is replaced, so such a sentence adds nothing.

use crate::Response;
use crate::dates::find_all;
use crate::grammar::{Clause, is_command};
use crate::reference::{ReadContext, Target};
use crate::understood::Understood;

use super::{Outcome, reschedule};

pub(super) fn read(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let n = clause.tokens().len();
    if n < 2 || clause.word(n - 1) != "instead" || is_command(clause.word(0)) {
        return None;
    }
    let rest = clause.part(0, n - 1);
    let date = find_all(&cx.dates_in(&rest)).into_iter().next_back().filter(|date| date.end == n - 1 && date.start > 0);
    if let Some(date) = date {
        let object = rest.part(0, date.start);
        if let Target::Tasks(_) = reschedule::targets(&object, cx) {
            return Some(reschedule::on_date(clause, &object, Understood::mention(&date), cx));
        }
    }
    Some(Outcome::Respond(Response::NotUnderstood { words: clause.source().to_owned() }))
}
