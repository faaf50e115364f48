//! "How many days until Christmas?"

use crate::Response;
use crate::dates::whole;
use crate::grammar::{Clause, patterns};
use crate::reference::ReadContext;

use super::Outcome;

#[derive(Debug, Clone, Copy)]
enum Asked {
    Days,
}

patterns! {
    TABLE: Asked {
        Days: "how many days|weeks [is|are] [it|there|left] [left] until|till|to|before *",
        Days: "how long [is] [it] until|till *",
    }
}

pub(super) fn read(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let (Asked::Days, captured) = TABLE.best(clause.tokens())?;
    let date = whole(&cx.dates_in(&captured.part(clause, 0)?))?.day(cx.context.now.datetime())?;
    Some(Outcome::Respond(Response::DaysUntil(date)))
}
