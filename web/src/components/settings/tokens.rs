//! Personal tokens in their list.

use super::SecretRow;
use crate::components::{clock::Clock, format};
use crate::text::settings as text;
use tandem_protocol::{enums::Scope, model::PersonalToken};

pub(crate) fn token_row(token: &PersonalToken, clock: &Clock) -> SecretRow {
    SecretRow {
        id: token.id.to_string(),
        name: token.name.clone(),
        tag: scopes(&token.scopes),
        note: usage_text(token, clock),
    }
}

/// The scopes as text: `Read, write`.
fn scopes(scopes: &[Scope]) -> &'static str {
    match (scopes.contains(&Scope::Read), scopes.contains(&Scope::Write)) {
        (true, true) => text::READ_WRITE,
        (false, true) => text::WRITE,
        _ => text::READ,
    }
}

/// Last use and end: `used today, 08:02 · expires Tue 23 Feb 2027`.
fn usage_text(token: &PersonalToken, clock: &Clock) -> String {
    let today = clock.today();
    let used = token
        .last_used_at
        .map_or_else(|| text::NEVER_USED.to_owned(), |at| text::token_used(format::moment(clock.local(at), today)));
    match token.expires_at {
        Some(at) => text::token_expires(&used, format::day(clock.local(at).date(), today)),
        None => used,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{clock, id, now};
    use tandem_protocol::id::TokenId;

    #[test]
    fn a_token_shows_its_last_use_and_its_end() {
        let mut token = PersonalToken {
            id: TokenId(id(1)),
            name: "Calendar".into(),
            scopes: vec![Scope::Read],
            created_at: now(),
            last_used_at: None,
            expires_at: None,
        };
        assert_eq!(usage_text(&token, &clock()), "never used");
        token.last_used_at = Some(now());
        token.expires_at = Some(now().plus_millis(24 * 60 * 60 * 1000));
        assert_eq!(usage_text(&token, &clock()), "used today, 09:31 · expires Tue 24 Nov");
    }
}
