//! Whether an SPDX licence expression can be satisfied with a list of licences.
//!
//! The grammar is that of SPDX 2.3, annex D: `AND` binds tighter than `OR`, parentheses group, `WITH` adds an exception
//! to one licence. The slash of old packages (`MIT/Apache-2.0`) means `OR`.

use std::iter::Peekable;
use std::str::SplitWhitespace;

use anyhow::bail;

/// Evaluates an expression; an error when it does not follow the grammar.
pub(crate) fn is_allowed(expression: &str, allowed: &[&str]) -> anyhow::Result<bool> {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let mut reader = Reader { words: spaced.split_whitespace().peekable(), allowed };
    let verdict = reader.any_of()?;
    if let Some(word) = reader.words.next() {
        bail!("the licence expression `{expression}` cannot be read from `{word}` on");
    }
    Ok(verdict)
}

struct Reader<'a> {
    words: Peekable<SplitWhitespace<'a>>,
    allowed: &'a [&'a str],
}

impl Reader<'_> {
    /// Alternatives. Each is read to its end, also when the verdict is already known.
    fn any_of(&mut self) -> anyhow::Result<bool> {
        let mut verdict = self.all_of()?;
        while self.words.next_if_eq(&"OR").is_some() {
            verdict |= self.all_of()?;
        }
        Ok(verdict)
    }

    fn all_of(&mut self) -> anyhow::Result<bool> {
        let mut verdict = self.one()?;
        while self.words.next_if_eq(&"AND").is_some() {
            verdict &= self.one()?;
        }
        Ok(verdict)
    }

    fn one(&mut self) -> anyhow::Result<bool> {
        let Some(word) = self.words.next() else { bail!("a licence expression ends where a licence is expected") };
        if word == "(" {
            let verdict = self.any_of()?;
            if self.words.next() != Some(")") {
                bail!("a licence expression lacks a closing parenthesis");
            }
            return Ok(verdict);
        }
        if matches!(word, ")" | "OR" | "AND" | "WITH") {
            bail!("a licence expression has `{word}` where a licence is expected");
        }
        let mut licence = word.to_owned();
        if self.words.next_if_eq(&"WITH").is_some() {
            let Some(exception) = self.words.next() else { bail!("a licence expression ends after WITH") };
            licence = format!("{licence} WITH {exception}");
        }
        Ok(self.allowed.contains(&licence.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(expression: &str) -> bool {
        is_allowed(expression, &["MIT", "Unicode-3.0", "Apache-2.0 WITH LLVM-exception"]).unwrap()
    }

    #[test]
    fn one_alternative_is_enough_but_all_parts_are_needed() {
        assert!(allowed("MIT"));
        assert!(allowed("MIT OR GPL-3.0-only") && allowed("GPL-3.0-only OR MIT"));
        assert!(!allowed("GPL-3.0-only") && !allowed("MIT AND GPL-3.0-only"));
        assert!(allowed("MIT/Apache-2.0") && allowed("Apache-2.0 / MIT"));
    }

    #[test]
    fn and_binds_tighter_than_or_unless_parentheses_say_otherwise() {
        assert!(allowed("MIT OR GPL-3.0-only AND BSD-3-Clause"));
        assert!(!allowed("(MIT OR GPL-3.0-only) AND BSD-3-Clause"));
        assert!(allowed("(MIT OR Apache-2.0) AND Unicode-3.0"));
    }

    #[test]
    fn an_exception_belongs_to_its_licence() {
        assert!(allowed("Apache-2.0 WITH LLVM-exception OR GPL-3.0-only"));
        assert!(!allowed("Apache-2.0") && !allowed("MIT WITH LLVM-exception"));
    }

    #[test]
    fn what_is_no_expression_is_an_error() {
        for text in ["", "MIT OR", "(MIT", "MIT)", "MIT Apache-2.0", "AND MIT", "MIT WITH"] {
            assert!(is_allowed(text, &["MIT"]).is_err(), "{text:?}");
        }
    }
}
