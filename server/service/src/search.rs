//! Search: each word of the query must begin a word in a title or text; hits come with a snippet.
//!
//! The store finds and orders the hits; here the query becomes words, and the snippet is cut. Long texts are indexed in
//! the background, so a search first indexes what its user has written last.
//!
//! **Invariant:** the cost of a search is bounded: words, hits, the bytes of text that are looked through, and the wait
//! for the index.

use super::{Admitted, Result, Services};
use std::{ops::Range, time::Duration};
use tandem_auth::Owner;
use tandem_domain::page::PageRequest;
use tandem_protocol::{
    UserId,
    rest::{Page, SearchHit, SearchQuery, SnippetPiece},
};
use tandem_store::SearchRow;
use tokio::time::timeout;

/// Most words of a query; more are ignored.
const MAX_WORDS: usize = 6;
/// Longest wait for the index to include what the user has written last.
const INDEX_WAIT: Duration = Duration::from_secs(1);
/// Bytes of a text in which matches are looked up for the snippet.
const SHOWN_BYTES: usize = 64 * 1024;
/// Characters of a snippet.
const SNIPPET_CHARS: usize = 160;
/// Characters before the first match in a snippet.
const LEAD_CHARS: usize = 40;

impl Services {
    /// Finds conversations, messages and tasks.
    ///
    /// # Errors
    /// `ServiceError::Invalid` when limit or cursor are not valid, `ServiceError::Overloaded` when a statement takes
    /// too long.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn search(&self, caller: &Admitted, query: SearchQuery) -> Result<Page<SearchHit>> {
        let page = PageRequest::parse(query.limit, query.cursor.as_deref())?;
        let words = words(&query.q);
        if words.is_empty() {
            return Ok(Page::whole(Vec::new()));
        }
        self.index_for(&caller.owner).await?;
        let rows = self.store().read(&caller.owner).await?.search(&words, &page).await?;
        // The key of a hit is its number: hits have no order that a later search could continue from.
        let before = page.after.map_or(0, |(count,)| count);
        let next = before + i64::from(page.limit);
        Ok(page.page(rows, |_| (next,)).map(|row| hit(row, &words)))
    }

    /// Indexes what the user has written last, so that this search finds it. Gives up after a second and leaves the
    /// rest to the sweep.
    async fn index_for(&self, owner: &Owner) -> Result<()> {
        let all = async {
            while self.store().index_documents(owner.user()).await? {}
            Ok(())
        };
        timeout(INDEX_WAIT, all).await.unwrap_or(Ok(()))
    }

    /// Indexes some documents of the next user after this one who has any waiting. Returns that user; `None` when all
    /// is indexed.
    ///
    /// # Errors
    /// `ServiceError::Unavailable` or `ServiceError::Overloaded` when the database does not do it in time.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn index_next(&self, after: Option<&UserId>) -> Result<Option<UserId>> {
        let next = self.store().next_unindexed(after).await?;
        if let Some(user) = &next {
            self.store().index_documents(user).await?;
        }
        Ok(next)
    }
}

/// The words of a query: runs of letters and digits in lower case. Signs mean nothing, and neither do words that begin
/// another one: what has the longer one has them.
fn words(query: &str) -> Vec<String> {
    let split = query.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut kept: Vec<String> = Vec::new();
    for word in split.map(str::to_lowercase) {
        if kept.iter().any(|longer| longer.starts_with(&word)) {
            continue;
        }
        // A text with the longer word has the shorter one, too.
        kept.retain(|shorter| !word.starts_with(shorter.as_str()));
        kept.push(word);
        if kept.len() == MAX_WORDS {
            break;
        }
    }
    kept
}

fn hit(row: SearchRow, words: &[String]) -> SearchHit {
    let text = if row.body.is_empty() { &row.title } else { &row.body };
    let snippet = snippet(&text[..text.floor_char_boundary(SHOWN_BYTES)], words);
    SearchHit { kind: row.kind, id: row.id, conversation_id: row.conversation_id, title: row.title, snippet }
}

/// The part of a text around its first match, with the matches marked.
fn snippet(text: &str, words: &[String]) -> Vec<SnippetPiece> {
    let mut matches = matches(text, words).peekable();
    let first = matches.peek().map_or(0, |range| range.start);
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
    // The rest of a long text is not looked through.
    for range in matches.take_while(|range| range.end <= end) {
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

/// The ranges of words that begin with a searched word. The whole word is marked when case or accents make the lengths
/// differ.
fn matches(text: &str, words: &[String]) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    text.split(|c: char| !c.is_alphanumeric()).filter_map(move |word| {
        let start = at;
        at += word.len();
        at += text[at..].chars().next().map_or(0, char::len_utf8);
        let wanted = words.iter().filter(|wanted| begins(word, wanted)).max_by_key(|wanted| wanted.len())?;
        let chars = wanted.chars().count();
        let len = word.char_indices().nth(chars).map_or(word.len(), |(at, _)| at);
        Some(start..start + len)
    })
}

/// Whether a word, in lower case, begins with `wanted`. ASCII words are compared without a copy: a page of hits has up
/// to 3 MiB of text.
fn begins(word: &str, wanted: &str) -> bool {
    if word.is_ascii() {
        return word.get(..wanted.len()).is_some_and(|start| start.eq_ignore_ascii_case(wanted));
    }
    word.to_lowercase().starts_with(wanted)
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
        assert_eq!(marked("HALLO, Hall", "hallo"), "[HALLO], Hall");
        assert_eq!(marked("ΟΔΟΣ", "ΟΔΟΣ"), "[ΟΔΟΣ]");
    }

    #[test]
    fn a_snippet_is_cut_around_its_first_match() {
        let text = format!("{} needle {}", "hay ".repeat(100), "straw ".repeat(100));
        let shown = marked(&text, "needle");
        assert!(shown.starts_with('…') && shown.ends_with('…') && shown.contains("[needle]"), "{shown}");
        assert!(shown.chars().count() < 170);
    }

    #[test]
    fn a_word_that_begins_another_is_dropped() {
        assert_eq!(words("a A apple ap banana apple"), ["apple", "banana"]);
        assert_eq!(words("banana a b"), ["banana", "a"]);
    }

    #[test]
    fn six_words_are_looked_for() {
        assert_eq!(words("one two three four five six seven eight").len(), 6);
    }

    #[test]
    fn signs_are_no_words() {
        for query in ["%", "_", "\"", "*", "()", "-", "\\"] {
            assert!(words(query).is_empty(), "{query} became a word");
        }
        assert_eq!(words("NEAR(x col:y"), ["near", "x", "col", "y"]);
    }
}
