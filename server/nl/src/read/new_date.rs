//! Where the new date stands in a sentence that moves a task: after "to", at its end, or as a bare hour.

use crate::dates::Draft;
use crate::grammar::Clause;
use crate::reference::ReadContext;
use crate::understood::Understood;

use super::new_due;

/// Small words between a task and its new date.
pub(super) const BETWEEN: &[&str] = &[
    "to", "until", "till", "for", "back", "forward", "out", "off", "over", "ahead", "due", "is", "are", "up", "as",
    "be", "instead", "now",
];

/// Places at which a date may begin; a sentence has one or two.
const MAX_JOINTS: usize = 20;

/// "… to Friday": where the small word stands, and the date after it.
pub(super) fn after_joint(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<(usize, Understood<Draft>)> {
    let (tokens, now) = (clause.tokens(), cx.context.now.datetime());
    (2..tokens.len())
        .filter(|&at| tokens[at - 1].is_any(&["to", "until", "till", "for", "on", "by"]))
        .take(MAX_JOINTS)
        .find_map(|at| {
            let rest = clause.part(at, tokens.len());
            let input = cx.dates_in(&rest);
            // "by two hours" is no moment, and does not count from the current one.
            let date =
                Understood::date(&input).filter(|_| !tokens[at - 1].is("by") || !new_due::is_amount(&input, now))?;
            date.get().resolve(now)?;
            Some((at - 1, date))
        })
}

/// "… to 11": a bare number is an hour where a task is moved to it.
pub(super) fn bare_hour(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<(usize, Understood<Draft>)> {
    let n = clause.tokens().len();
    let at = (2..n).rev().find(|&at| clause.word(at - 1) == "to")?;
    let figure = clause.word(at).starts_with(|c: char| c.is_ascii_digit()) && n - at <= 3;
    let time = if figure { Understood::bare_time(&clause.part(at, n), cx) } else { None };
    time.map(|time| (at - 1, time))
}

/// Without such a word: the shortest task that leaves nothing but a date.
pub(super) fn at_the_end(clause: &Clause<'_>, exact: bool, cx: &ReadContext<'_>) -> Option<(usize, Understood<Draft>)> {
    let (tokens, now) = (clause.tokens(), cx.context.now.datetime());
    (2..tokens.len()).find_map(|at| {
        let rest = &tokens[at..];
        let start = rest.iter().position(|token| !token.is_any(BETWEEN))?;
        if exact && start == 0 && !rest[0].is_any(&["on", "at", "by"]) {
            return None;
        }
        let date = Understood::date(&cx.dates_in(&clause.part(at + start, tokens.len())))?;
        date.get().resolve(now)?;
        Some((at, date))
    })
}
