//! The list of personal tokens, which other programs use.

use crate::components::{callbacks::press, clock::Clock, format, icon::Icon};
use crate::text::settings as text;
use tandem_protocol::{enums::Scope, id::TokenId, model::PersonalToken};
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct TokenListProps {
    /// The tokens, newest first.
    pub tokens: Vec<PersonalToken>,
    pub clock: Clock,
    pub on_revoke: Callback<TokenId>,
    pub on_new: Callback<()>,
}

#[component]
pub(crate) fn TokenList(props: &TokenListProps) -> Html {
    html! {
        <>
            if !props.tokens.is_empty() {
                <ul class="panel rowlist" aria-label={text::PERSONAL_TOKENS}>
                    { for props.tokens.iter().map(|token| row(props, token)) }
                </ul>
            }
            <p class="acts">
                <button type="button" class="btn" onclick={press(&props.on_new)}>
                    { Icon::Plus.html() }{ text::NEW_TOKEN }
                </button>
            </p>
        </>
    }
}

fn row(props: &TokenListProps, token: &PersonalToken) -> Html {
    let id = token.id;
    html! {
        <li key={id.to_string()}>
            { Icon::Key.large() }
            <div class="t">
                <b>{ token.name.clone() }</b><i class="tag tag-plain">{ scopes(&token.scopes) }</i>
                <span class="num">{ usage_text(token, &props.clock) }</span>
            </div>
            <button type="button" class="btn btn-s" onclick={press(&props.on_revoke.reform(move |()| id))}>
                { text::REVOKE }
            </button>
        </li>
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
