//! Search: words, each the start of a word in a title or text, with the places shown.

use super::{Admitted, Result, Services};
use crate::{domain::page::PageRequest, store::SearchRow};
use tandem_protocol::rest::{Page, SearchHit, SearchQuery, SnippetPiece};

/// Most words of a query; more are ignored.
const MAX_WORDS: usize = 16;
/// Characters of a snippet.
const SNIPPET_CHARS: usize = 160;
/// Characters before the first match in a snippet.
const LEAD_CHARS: usize = 40;

impl Services {
    /// Finds conversations, messages and tasks.
    pub async fn search(&self, caller: &Admitted, query: SearchQuery) -> Result<Page<SearchHit>> {
        let page = PageRequest::parse(query.limit, query.cursor.as_deref())?;
        let words = words(&query.q);
        if words.is_empty() {
            return Ok(Page::whole(Vec::new()));
        }
        let rows = self.store().read(&caller.owner).await?.search(&words, &page).await?;
        let before = page.after.map_or(0, |(count,)| count);
        let next = before + i64::from(page.limit);
        Ok(page.page(rows, |_| (next,)).map(|row| hit(row, &words)))
    }
}

/// The words of a query: runs of letters and digits in lower case. Signs mean nothing.
fn words(query: &str) -> Vec<String> {
    let split = query.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    split.take(MAX_WORDS).map(str::to_lowercase).collect()
}

fn hit(row: SearchRow, words: &[String]) -> SearchHit {
    let text = if row.body.is_empty() { &row.title } else { &row.body };
    let snippet = snippet(text, words);
    SearchHit { kind: row.kind, id: row.id, conversation_id: row.conversation_id, title: row.title, snippet }
}

/// The part of a text around its first match, with the matches marked.
fn snippet(text: &str, words: &[String]) -> Vec<SnippetPiece> {
    let matches = matches(text, words);
    let first = matches.first().map_or(0, |range| range.start);
    let start = text[..first].char_indices().rev().nth(LEAD_CHARS - 1).map_or(0, |(at, _)| at);
    let end = text[start..].char_indices().nth(SNIPPET_CHARS).map_or(text.len(), |(at, _)| start + at);
    let mut pieces = Vec::new();
    let mut push = |text: &str, is_match: bool| {
        if !text.is_empty() {
            pieces.push(SnippetPiece { text: text.to_owned(), is_match });
        }
    };
    if start > 0 {
        push("…", false);
    }
    let mut at = start;
    for range in matches.into_iter().filter(|range| range.start >= start && range.end <= end) {
        push(&text[at..range.start], false);
        push(&text[range.clone()], true);
        at = range.end;
    }
    push(&text[at..end], false);
    if end < text.len() {
        push("…", false);
    }
    pieces
}

/// Where a searched word begins a word of the text. A whole word is marked when only its case or accents make the
/// lengths differ.
fn matches(text: &str, words: &[String]) -> Vec<std::ops::Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    for word in text.split(|c: char| !c.is_alphanumeric()) {
        let start = at;
        at += word.len();
        at += text[at..].chars().next().map_or(0, char::len_utf8);
        let lower = word.to_lowercase();
        if let Some(wanted) = words.iter().filter(|wanted| lower.starts_with(wanted.as_str())).max_by_key(|w| w.len()) {
            let chars = wanted.chars().count();
            let len = word.char_indices().nth(chars).map_or(word.len(), |(at, _)| at);
            found.push(start..start + len);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(text: &str, query: &str) -> String {
        let mark = |piece: SnippetPiece| if piece.is_match { format!("[{}]", piece.text) } else { piece.text };
        snippet(text, &words(query)).into_iter().map(mark).collect()
    }

    #[test]
    fn matches_are_marked_without_case() {
        assert_eq!(marked("hello, the Zanzibar trip", "zanz TRIP"), "hello, the [Zanz]ibar [trip]");
        assert_eq!(marked("Übung macht den Meister", "übung"), "[Übung] macht den Meister");
    }

    #[test]
    fn a_snippet_is_cut_around_its_first_match() {
        let text = format!("{} needle {}", "hay ".repeat(100), "straw ".repeat(100));
        let shown = marked(&text, "needle");
        assert!(shown.starts_with('…') && shown.ends_with('…') && shown.contains("[needle]"), "{shown}");
        assert!(shown.chars().count() < 170);
    }

    #[test]
    fn signs_are_no_words() {
        for query in ["%", "_", "\"", "*", "()", "-", "\\"] {
            assert!(words(query).is_empty(), "{query} became a word");
        }
        assert_eq!(words("NEAR(x col:y"), ["near", "x", "col", "y"]);
    }
}
