//! Which URLs may be linked, and the URLs in plain text.
//!
//! **Invariant:** every link of the tree passes [`safe_url`], so no text can produce a `javascript:` or `data:` link.

/// The URL if its scheme is `http`, `https` or `mailto`. URLs with white space or control characters are refused,
/// because browsers skip these when they read the scheme.
pub(crate) fn safe_url(url: &str) -> Option<&str> {
    let url = url.trim();
    if url.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return None;
    }
    let (scheme, rest) = url.split_once(':')?;
    let known = ["http", "https", "mailto"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    (known && !rest.is_empty()).then_some(url)
}

/// A part of a plain text; see [`split_urls`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextPiece<'a> {
    Text(&'a str),
    Url(&'a str),
}

/// Splits plain text at its `http` and `https` URLs, which are safe to link. The pieces are not empty, and joined they
/// are the text.
pub fn split_urls(text: &str) -> Vec<TextPiece<'_>> {
    let mut pieces = Vec::new();
    let mut plain_from = 0;
    let mut search_from = 0;
    while let Some(found) = text[search_from..].find("://") {
        let colon = search_from + found;
        search_from = colon + 3;
        let before = &text[plain_from..colon];
        let Some(start) = ["https", "http"]
            .iter()
            .filter_map(|scheme| {
                let end = before.get(before.len().checked_sub(scheme.len())?..)?;
                end.eq_ignore_ascii_case(scheme).then_some(colon - scheme.len())
            })
            // Not in the middle of a word, as in `xhttp://`.
            .find(|&start| !text[..start].ends_with(|c: char| c.is_alphanumeric()))
        else {
            continue;
        };
        let end = url_end(text, colon + 3);
        if end == colon + 3 {
            continue;
        }
        if start > plain_from {
            pieces.push(TextPiece::Text(&text[plain_from..start]));
        }
        pieces.push(TextPiece::Url(&text[start..end]));
        plain_from = end;
        search_from = end;
    }
    if plain_from < text.len() {
        pieces.push(TextPiece::Text(&text[plain_from..]));
    }
    pieces
}

/// The end of a URL: before white space, controls, quotes and angle brackets, without the punctuation of the
/// surrounding sentence.
fn url_end(text: &str, from: usize) -> usize {
    let rest = &text[from..];
    let stop = rest.find(|c: char| {
        // The punctuation of words without spaces is that of the sentence; in a URL it would be encoded.
        let wide = matches!(c, '\u{3001}'..='\u{301b}' | '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}'
            | '\u{ff3b}'..='\u{ff3d}' | '\u{ff5b}'..='\u{ff65}' | '\u{2018}'..='\u{201f}' | '…');
        c.is_whitespace() || c.is_control() || wide || matches!(c, '<' | '>' | '"' | '`')
    });
    let mut url = &rest[..stop.unwrap_or(rest.len())];
    // A closing parenthesis belongs to the URL only if the URL has opened it, as those of Wikipedia do.
    let (opened, mut closed) = (url.matches('(').count(), url.matches(')').count());
    while let Some(last) = url.chars().next_back() {
        let unpaired = last == ')' && closed > opened;
        closed -= usize::from(unpaired);
        if !unpaired && !matches!(last, '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '_' | ']') {
            break;
        }
        url = &url[..url.len() - last.len_utf8()];
    }
    from + url.len()
}

#[cfg(test)]
mod tests {
    use super::{
        TextPiece::{Text, Url},
        *,
    };

    #[test]
    fn only_web_and_mail_addresses_are_links() {
        for good in ["http://a", "https://example.org/x?y#z", "HTTPS://EXAMPLE.ORG", "mailto:ann@example.org"] {
            assert_eq!(safe_url(good), Some(good));
        }
        let hostile = [
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "java\nscript:alert(1)",
            "\u{1}javascript:alert(1)",
            "data:text/html,<script>",
            "vbscript:x",
            "file:///etc/passwd",
            "//example.org",
            "/settings",
            "#x",
            "http:",
            "",
        ];
        for bad in hostile {
            assert_eq!(safe_url(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn addresses_in_plain_text_are_found() {
        assert_eq!(
            split_urls("See https://example.org/a_(b), and http://x.y."),
            [Text("See "), Url("https://example.org/a_(b)"), Text(", and "), Url("http://x.y"), Text(".")]
        );
        assert_eq!(split_urls("(https://a.b)"), [Text("("), Url("https://a.b"), Text(")")]);
    }

    #[test]
    fn a_url_ends_before_wide_punctuation() {
        assert_eq!(
            split_urls("見て https://a.b/c。次（https://d.e）"),
            [Text("見て "), Url("https://a.b/c"), Text("。次（"), Url("https://d.e"), Text("）")]
        );
    }

    #[test]
    fn what_only_looks_like_an_address_stays_text() {
        for plain in ["ftp://a.b", "://", "xhttp://a", "http://", "javascript://a", "http:// a"] {
            assert_eq!(split_urls(plain), [Text(plain)], "{plain}");
        }
        assert!(split_urls("").is_empty());
    }
}
