//! Reads what the server says of accounts, invitations and the record.

use crate::components::{clock::Clock, format};
use serde_json::Value;
use tandem_protocol::Timestamp;

/// A text; empty when it is not there.
pub(super) fn text<'a>(item: &'a Value, name: &str) -> &'a str {
    item[name].as_str().unwrap_or_default()
}

/// A number; 0 when it is not there.
pub(super) fn number(item: &Value, name: &str) -> usize {
    item[name].as_u64().and_then(|number| usize::try_from(number).ok()).unwrap_or_default()
}

/// A moment in words, such as `today, 09:31`.
pub(super) fn moment(item: &Value, name: &str, clock: &Clock) -> Option<String> {
    let at = Timestamp::parse(text(item, name))?;
    Some(format::moment(clock.local(at), clock.today()))
}
