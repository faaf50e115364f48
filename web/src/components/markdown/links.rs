//! Links of replies, and plain text whose URLs are links.

use tandem_markdown::{TextPiece, split_urls};
use yew::prelude::*;

/// A link that opens in a new tab. The other page receives no referrer and no handle of this one.
pub(super) fn anchor(to: &str, text: Html) -> Html {
    html! { <a href={to.to_owned()} target="_blank" rel="noopener noreferrer nofollow">{ text }</a> }
}

/// Plain text whose URLs are links.
pub(crate) fn linkified(text: &str) -> Html {
    split_urls(text)
        .into_iter()
        .map(|piece| match piece {
            TextPiece::Text(text) => Html::from(text.to_owned()),
            TextPiece::Url(url) => anchor(url, Html::from(url.to_owned())),
        })
        .collect()
}
