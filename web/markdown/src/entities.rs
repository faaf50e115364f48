//! Backslash escapes and character references: `\\*`, `&amp;`, `&#65;`.

/// The longest character reference that is looked for, in bytes.
const MAX_ENTITY: usize = 32;

/// Resolves the escapes and character references of a text.
pub(crate) fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['\\', '&']) {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        if rest[at..].starts_with('\\') && after.starts_with(|c: char| c.is_ascii_punctuation()) {
            out.push_str(&after[..1]);
            rest = &after[1..];
        } else if let (true, Some((c, length))) = (rest[at..].starts_with('&'), entity_at(after)) {
            out.push(c);
            rest = &after[length..];
        } else {
            out.push_str(&rest[at..=at]);
            rest = after;
        }
    }
    out + rest
}

/// The named references that occur in prose. The full list of HTML has 2,231 names and would weigh more than the
/// parser.
const NAMES: [(&str, char); 22] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", '\u{a0}'),
    ("copy", '©'),
    ("reg", '®'),
    ("trade", '™'),
    ("mdash", '—'),
    ("ndash", '–'),
    ("hellip", '…'),
    ("bull", '•'),
    ("middot", '·'),
    ("larr", '←'),
    ("rarr", '→'),
    ("times", '×'),
    ("deg", '°'),
    ("plusmn", '±'),
    ("euro", '€'),
    ("pound", '£'),
    ("sect", '§'),
];

/// The character of the reference after an `&`, and its length including the semicolon.
pub(crate) fn entity_at(text: &str) -> Option<(char, usize)> {
    let end = text.bytes().take(MAX_ENTITY + 1).position(|byte| byte == b';')?;
    Some((entity(&text[..end])?, end + 1))
}

/// Resolves the name or the number of a reference.
fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => number.parse(),
        };
        return char::from_u32(code.ok()?).map(|c| if c == '\0' { '\u{fffd}' } else { c });
    }
    NAMES.iter().find(|(known, _)| *known == name).map(|(_, c)| *c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_read_by_name_and_number() {
        assert_eq!(entity_at("amp; b"), Some(('&', 4)));
        assert_eq!(entity_at("#65;"), Some(('A', 4)));
        assert_eq!(entity_at("#x41;"), Some(('A', 5)));
        assert_eq!(unescaped("a\\*b&lt;c\\d"), "a*b<c\\d");
    }

    #[test]
    fn a_name_without_a_near_end_is_none() {
        assert_eq!(entity_at(&format!("{}amp;", "a".repeat(MAX_ENTITY))), None);
        assert_eq!(entity_at("amp"), None);
    }
}
