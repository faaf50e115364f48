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
    // "… weekly instead of daily" names what is replaced, too.
    let said = clause.tokens().iter().rposition(|token| token.is("instead"))?;
    let rest = clause.part(0, said);
    let replaced = clause.part(said + 1, clause.tokens().len());
    let last = replaced.is_empty() || (replaced.word(0) == "of" && cx.dates_in(&replaced).tokens.len() > 1);
    if rest.is_empty() || !last || is_command(clause.word(0)) {
        return None;
    }
    if !replaced.is_empty() {
        let of = replaced.part(1, replaced.tokens().len());
        Understood::date(&cx.dates_in(&of)).or_else(|| Understood::bare_time(&of, cx))?;
    }
    let date = find_all(&cx.dates_in(&rest)).into_iter().next_back().filter(|date| date.end == said && date.start > 0);
    if let Some(date) = date {
        let object = rest.part(0, date.start);
        if let Target::Tasks(_) = reschedule::targets(&object, cx) {
            return Some(reschedule::on_date(clause, &object, Understood::mention(&date), cx));
        }
    }
    Some(Outcome::Respond(Response::NotUnderstood { words: clause.source().to_owned() }))
}
