//! Search: each word of the query must begin a word in a title or text; hits come with a snippet.
//!
//! The store finds and orders the hits, and `tandem_domain::search` makes words of texts and queries; here the snippet is
//! cut. Long texts are indexed in the background, so a search first indexes what its user has written last.
//!
//! **Invariant:** the cost of a search is bounded: words, hits, the bytes of text that are looked through, and the wait
//! for the index.

use super::{Admitted, Result, Services};
use std::{ops::ControlFlow, time::Duration};
use tandem_auth::Owner;
use tandem_domain::{page::PageRequest, search};
use tandem_protocol::{
    UserId,
    rest::{Page, SearchHit, SearchQuery, SnippetPiece},
};
use tandem_store::SearchRow;
use tokio::time::timeout;

/// Longest wait for the index to include what the user has written last.
const INDEX_WAIT: Duration = Duration::from_secs(1);
/// Bytes of a text in which matches are looked up for the snippet.
const SHOWN_BYTES: usize = 64 * 1024;
/// The same for a page of hits: some milliseconds of processor time.
const PAGE_BYTES: usize = 1024 * 1024;
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
        let words = search::query(&query.q);
        if words.is_empty() {
            return Ok(Page::whole(Vec::new()));
        }
        self.index_for(&caller.owner).await?;
        let rows = self.store().read(&caller.owner).await?.search(&words, &page).await?;
        let mut left = PAGE_BYTES;
        // The key of a hit is its number: hits have no order that a later search could continue from.
        let before = page.after.map_or(0, |(count,)| count);
        let next = before + i64::from(page.limit);
        Ok(page.page(rows, |_| (next,)).map(|row| hit(row, &words, &mut left)))
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

/// `left` are the bytes that may still be looked through.
fn hit(row: SearchRow, words: &[String], left: &mut usize) -> SearchHit {
    let text = if row.body.is_empty() { &row.title } else { &row.body };
    let text = &text[..text.floor_char_boundary(SHOWN_BYTES)];
    let (snippet, looked) = snippet(text, words, *left);
    *left -= looked.min(*left);
    SearchHit { kind: row.kind, id: row.id, conversation_id: row.conversation_id, title: row.title, snippet }
}

/// The part of a text around its first match, with the matches marked, and how many bytes were looked through. Matches
/// are looked for in the first `most` bytes.
fn snippet(text: &str, words: &[String], most: usize) -> (Vec<SnippetPiece>, usize) {
    let (mut part, mut places) = (None, Vec::new());
    search::matches(&text[..text.floor_char_boundary(most)], words, |place| {
        let (_, end) = *part.get_or_insert_with(|| around(text, place.start));
        // The rest of a long text is not looked through.
        if place.end > end {
            return ControlFlow::Break(());
        }
        places.push(place);
        ControlFlow::Continue(())
    });
    let looked = part.map_or(text.len(), |(_, end)| end);
    let (start, end) = part.unwrap_or_else(|| around(text, 0));
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
    for place in places {
        push(&text[at..place.start], false);
        push(&text[place.clone()], true);
        at = place.end;
    }
    push(&text[at..end], false);
    if end < text.len() {
        push("…", false);
    }
    (pieces, looked)
}

/// Where a snippet begins and ends, in bytes, whose first match begins at `first`.
fn around(text: &str, first: usize) -> (usize, usize) {
    let start = text[..first].char_indices().rev().nth(LEAD_CHARS - 1).map_or(0, |(at, _)| at);
    let end = text[start..].char_indices().nth(SNIPPET_CHARS).map_or(text.len(), |(at, _)| start + at);
    (start, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(text: &str, query: &str) -> String {
        let mark = |piece: SnippetPiece| if piece.is_match { format!("[{}]", piece.text) } else { piece.text };
        snippet(text, &search::query(query), PAGE_BYTES).0.into_iter().map(mark).collect()
    }

    #[test]
    fn matches_are_marked_without_case() {
        assert_eq!(marked("hello, the Zanzibar trip", "zanz TRIP"), "hello, the [Zanz]ibar [trip]");
        assert_eq!(marked("Übung macht den Meister", "übung"), "[Übung] macht den Meister");
        assert_eq!(marked("HALLO, Hall", "hallo"), "[HALLO], Hall");
        assert_eq!(marked("no such word", "hallo"), "no such word");
    }

    #[test]
    fn a_snippet_is_cut_around_its_first_match() {
        let text = format!("{} needle {}", "hay ".repeat(100), "straw ".repeat(100));
        let shown = marked(&text, "needle");
        assert!(shown.starts_with('…') && shown.ends_with('…') && shown.contains("[needle]"), "{shown}");
        assert!(shown.chars().count() < 170);
    }

    #[test]
    fn a_page_looks_through_a_bounded_part_of_its_texts() {
        let row = |body: &str| SearchRow {
            kind: tandem_protocol::enums::ObjectKind::Task,
            id: String::new(),
            conversation_id: None,
            title: "needle".to_owned(),
            body: body.to_owned(),
        };
        let (words, mut left) = (search::query("needle"), 100);
        let marked = |hit: SearchHit| hit.snippet.iter().any(|piece| piece.is_match);
        assert!(marked(hit(row("a needle"), &words, &mut left)));
        assert!(!marked(hit(row(&"hay ".repeat(100)), &words, &mut left)));
        assert_eq!(left, 0);
        let late = hit(row("a needle"), &words, &mut left);
        assert_eq!(late.snippet, [SnippetPiece { text: "a needle".to_owned(), is_match: false }]);
    }
}
