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

// The named references of HTML 4, and those of the characters that mean something in Markdown. All 2,231 of HTML would weigh
// more than the rest of the reader; most of them are signs of mathematics.

/// Those from U+00A0 on, in the order of the characters.
const LATIN: &str = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro \
    para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute \
    Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute \
    THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde \
    ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml";
/// Those from U+03B1 on. With a capital they name the characters 32 before.
const GREEK: &str = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigmaf sigma tau upsilon \
    phi chi psi omega";
/// The others, each with its character.
const OTHERS: &str = "amp & lt < gt > quot \" apos ' ast * lowbar _ grave ` bsol \\ vert | verbar | lsqb [ rsqb ] lpar ( rpar ) lbrace { \
    rbrace } lcub { rcub } num # excl ! dollar $ percnt % commat @ plus + equals = colon : sol / hellip … mdash — ndash – horbar ― \
    lsquo ‘ rsquo ’ sbquo ‚ ldquo “ rdquo ” bdquo „ lsaquo ‹ rsaquo › bull • dagger † Dagger ‡ permil ‰ prime ′ Prime ″ euro € \
    trade ™ check ✓ cross ✗ star ☆ starf ★ larr ← uarr ↑ rarr → darr ↓ harr ↔ crarr ↵ lArr ⇐ uArr ⇑ rArr ⇒ dArr ⇓ hArr ⇔ \
    ensp \u{2002} emsp \u{2003} thinsp \u{2009} zwnj \u{200c} zwj \u{200d} lrm \u{200e} rlm \u{200f} OElig Œ oelig œ Scaron Š \
    scaron š Yuml Ÿ fnof ƒ circ ˆ tilde ˜ thetasym ϑ upsih ϒ piv ϖ oline ‾ frasl ⁄ image ℑ weierp ℘ real ℜ alefsym ℵ forall ∀ \
    part ∂ exist ∃ empty ∅ nabla ∇ isin ∈ notin ∉ ni ∋ prod ∏ sum ∑ minus − lowast ∗ radic √ prop ∝ infin ∞ ang ∠ and ∧ or ∨ cap ∩ \
    cup ∪ int ∫ there4 ∴ sim ∼ cong ≅ asymp ≈ ne ≠ equiv ≡ le ≤ ge ≥ sub ⊂ sup ⊃ nsub ⊄ sube ⊆ supe ⊇ oplus ⊕ otimes ⊗ perp ⊥ \
    sdot ⋅ lceil ⌈ rceil ⌉ lfloor ⌊ rfloor ⌋ lang ⟨ rang ⟩ loz ◊ spades ♠ clubs ♣ hearts ♥ diams ♦";

fn named(name: &str) -> Option<char> {
    let place = |list: &str, name: &str| list.split_ascii_whitespace().position(|known| known == name);
    let at = |first: u32, place: usize| char::from_u32(first + u32::try_from(place).ok()?);
    if let Some(place) = place(LATIN, name) {
        return at(0xa0, place);
    }
    let uncapitalised = name.get(..1)?.to_ascii_lowercase() + &name[1..];
    if let Some(place) = place(GREEK, &uncapitalised) {
        // There is no capital of the sigma at the end of a word.
        return at(if name == uncapitalised { 0x3b1 } else { 0x391 }, place).filter(|c| c.is_alphabetic());
    }
    let mut words = OTHERS.split_ascii_whitespace();
    while let (Some(known), Some(sign)) = (words.next(), words.next()) {
        if known == name {
            return sign.chars().next();
        }
    }
    None
}

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
    named(name)
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
        let text =
            "caf&eacute; &check; &yuml;&times;&nbsp;&Omega;&sigma;&sigmaf; &vert; &rang; &&unknown; &Sigmaf; &é;";
        assert_eq!(unescaped(text), "café ✓ ÿ×\u{a0}Ωσς | ⟩ &&unknown; &Sigmaf; &é;");
    }

    #[test]
    fn a_name_without_a_near_end_is_none() {
        assert_eq!(entity_at(&format!("{}amp;", "a".repeat(MAX_ENTITY))), None);
        assert_eq!(entity_at("amp"), None);
    }
}
