//! Search: each word of the query must begin a word in a title or text; hits come with a snippet.
//!
//! The store finds and orders the hits, and `tandem_domain::search` makes words of texts and queries; here the snippet is
//! cut. Texts are indexed in the background, so a search first indexes what its user has written last.
//!
//! **Invariant:** the cost of a search is bounded: words, hits, the bytes of text that are looked through, and the wait
//! for the index.

use super::{Admitted, Result, Services};
use std::{ops::ControlFlow, time::Duration};
use tandem_auth::Owner;
use tandem_domain::{
    page::{PageRequest, PageRows},
    search,
    search_filter::{self, SearchFilter},
};
use tandem_protocol::{
    Timestamp, UserId,
    enums::{ObjectKind, StatusFilter, TaskStatus},
    id::TaskRef,
    model::Task,
    rest::{Page, SearchHit, SearchQuery, SnippetPiece},
};
use tandem_store::{ReadTx, SearchRow, TaskFilter, TaskKey};
use tokio::time::timeout;
use uuid::Uuid;

/// Longest wait for the index to include what the user has written last.
const INDEX_WAIT: Duration = Duration::from_secs(1);
/// Bytes of a text in which matches are looked up for the snippet.
const SHOWN_BYTES: usize = 64 * 1024;
/// The same for a page of hits: some milliseconds of processor time.
const PAGE_BYTES: usize = 1024 * 1024;
/// Hits that are looked at for a page with filters.
const EXAMINED: i64 = 400;
/// Hits that are read at once for it.
const PORTION: u32 = 100;
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
        let (text, filter) = search_filter::parse(&query.q);
        let words = search::query(&text);
        let mut left = PAGE_BYTES;
        if words.is_empty() {
            let page = PageRequest::parse(query.limit, query.cursor.as_deref())?;
            let found = self.tasks_of(&caller.owner, &filter, &page).await?;
            return Ok(found.map(|row| hit(row, &words, &mut left)));
        }
        let page = PageRequest::parse(query.limit, query.cursor.as_deref())?;
        self.index_for(&caller.owner).await?;
        let mut tx = self.store().read(&caller.owner).await?;
        if !filter.is_empty() {
            let (rows, until) = examined(tx.as_mut(), &words, &filter, &page).await?;
            return Ok(page.page_until(rows, |_| (0,), until.as_ref()).map(|row| hit(row, &words, &mut left)));
        }
        let rows = tx.search(&words, &page).await?;
        // The key of a hit is its number: hits have no order that a later search could continue from.
        let before = page.after.map_or(0, |(count,)| count);
        let next = before + i64::from(page.limit);
        Ok(page.page(rows, |_| (next,)).map(|row| hit(row, &words, &mut left)))
    }

    /// The tasks of a query that has filters and no words, in the order of the list. Filters that are about more than
    /// tasks find nothing by themselves.
    async fn tasks_of(
        &self,
        owner: &Owner,
        filter: &SearchFilter,
        page: &PageRequest<TaskKey>,
    ) -> Result<Page<SearchRow>> {
        if !filter.is_about_tasks()
            || filter.within.is_some()
            || filter.kind.is_some_and(|kind| kind != ObjectKind::Task)
        {
            return Ok(Page::whole(Vec::new()));
        }
        let status = match filter.done {
            Some(true) => StatusFilter::Done,
            Some(false) => StatusFilter::Open,
            None => StatusFilter::All,
        };
        let (list, label) = (filter.list.clone(), filter.label.clone());
        let wanted = TaskFilter { list, label, any_case: true, ..TaskFilter::status(status) };
        let mut tx = self.store().read(owner).await?;
        let (mut portion, mut left, mut found) = (PageRequest { limit: PORTION, ..page.clone() }, EXAMINED, Vec::new());
        // The time of writing is in no index: tasks are looked at one by one, a bounded number for each page.
        while left > 0 && found.len() <= page.limit as usize {
            let PageRows { rows, more } = tx.tasks(&wanted, &portion).await?;
            let is_last = !more && rows.len() <= PORTION as usize;
            for task in rows.into_iter().take(PORTION as usize) {
                left -= 1;
                portion.after = Some(place(&task));
                if filter.is_in_time(written_at(&task.id.to_string())) {
                    found.push(task);
                }
            }
            if is_last {
                return Ok(page.page(found, place).map(named));
            }
        }
        Ok(page.page_until(found, place, portion.after.as_ref()).map(named))
    }

    /// Indexes what the user has written last, so that this search finds it. Gives up after a second and leaves the
    /// rest to the sweep.
    pub(crate) async fn index_for(&self, owner: &Owner) -> Result<()> {
        let all = async {
            while self.store().index_documents(owner.user()).await? {}
            Ok(())
        };
        timeout(INDEX_WAIT, all).await.unwrap_or(Ok(()))
    }

    /// Indexes some documents of the next users after this one who have any waiting. Returns the last of them if more
    /// may wait.
    ///
    /// # Errors
    /// `ServiceError::Unavailable` or `ServiceError::Overloaded` when the database does not do it in time.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn index_next(&self, after: Option<&UserId>) -> Result<Option<UserId>> {
        Ok(self.store().index_next(after).await?)
    }
}

/// The sort key of a task.
fn place(task: &Task) -> TaskKey {
    (task.position.clone(), task.number)
}

/// A task that was found by its filters, of which the title is shown.
fn named(task: Task) -> SearchRow {
    SearchRow {
        kind: ObjectKind::Task,
        id: task.id.to_string(),
        conversation_id: None,
        title: task.title,
        body: String::new(),
    }
}

/// The hits of a page that a filter lets through, and where the next page goes on. Filters are about what the index does
/// not have, so hits are looked at one by one, a bounded number for each page.
async fn examined(
    tx: &mut dyn ReadTx,
    words: &[String],
    filter: &SearchFilter,
    page: &PageRequest<(i64,)>,
) -> Result<(Vec<SearchRow>, Option<(i64,)>)> {
    let mut at = page.after.map_or(0, |(count,)| count);
    let end = at + EXAMINED;
    let mut rows = Vec::new();
    while at < end {
        let portion = PageRequest { limit: PORTION, after: Some((at,)) };
        let found = tx.search(words, &portion).await?;
        let is_last = found.len() <= PORTION as usize;
        for row in found.into_iter().take(PORTION as usize) {
            at += 1;
            if fits(tx, filter, &row).await? {
                rows.push(row);
                if rows.len() == page.limit as usize {
                    return Ok((rows, Some((at,))));
                }
            }
        }
        if is_last {
            return Ok((rows, None));
        }
    }
    Ok((rows, Some((at,))))
}

async fn fits(tx: &mut dyn ReadTx, filter: &SearchFilter, row: &SearchRow) -> Result<bool> {
    if filter.kind.is_some_and(|kind| kind != row.kind) || !filter.is_in_time(written_at(&row.id)) {
        return Ok(false);
    }
    if let Some(title) = &filter.within
        && (row.conversation_id.is_none() || !row.title.to_lowercase().contains(title))
    {
        return Ok(false);
    }
    if !filter.is_about_tasks() {
        return Ok(true);
    }
    let id = row.id.parse::<TaskRef>().ok().filter(|_| row.kind == ObjectKind::Task);
    let Some(id) = id else { return Ok(false) };
    let Some(task) = tx.task(id).await? else { return Ok(false) };
    let same = |name: &String, wanted: &String| name.to_lowercase() == wanted.to_lowercase();
    Ok(filter.done.is_none_or(|done| done == (task.status == TaskStatus::Done))
        && filter.list.as_ref().is_none_or(|wanted| task.list.as_ref().is_some_and(|list| same(list, wanted)))
        && filter.label.as_ref().is_none_or(|wanted| task.labels.iter().any(|label| same(label, wanted))))
}

/// The time in an id of version 7, which is that of the writing; other ids are those of imported objects.
fn written_at(id: &str) -> Option<Timestamp> {
    let id: Uuid = id.parse().ok()?;
    let millis = i64::try_from(id.as_u128() >> 80).ok()?;
    (id.get_version_num() == 7).then(|| Timestamp::from_millis(millis))
}

/// `left` are the bytes that may still be looked through.
fn hit(row: SearchRow, words: &[String], left: &mut usize) -> SearchHit {
    let text = if row.body.is_empty() { &row.title } else { &row.body };
    let text = &text[..text.floor_char_boundary(SHOWN_BYTES)];
    let (snippet, looked) = snippet(text, words, *left);
    *left -= looked.min(*left);
    let at = written_at(&row.id);
    SearchHit { kind: row.kind, id: row.id, conversation_id: row.conversation_id, title: row.title, snippet, at }
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
            kind: ObjectKind::Task,
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
