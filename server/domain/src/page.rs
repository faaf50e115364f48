//! Pages of lists: checked limits and opaque cursors.
//!
//! A cursor is the sort key of the last item as JSON in base64url, and not an offset: rows that are added or removed
//! meanwhile neither repeat nor hide others.
//!
//! **Invariant:** a cursor grants nothing. The owner is in every query, so a forged cursor shows nothing of other
//! users.

use super::Invalid;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};
use tandem_protocol::{
    limits::{DEFAULT_PAGE, MAX_PAGE},
    rest::Page,
};

/// Where a page starts and how long it may be; `K` is the sort key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest<K> {
    /// From 1 to 200 entries.
    pub limit: u32,
    /// The sort key of the last item of the page before.
    pub after: Option<K>,
}

/// Rows of a page, and whether others follow. A page ends at its limit, or earlier when its rows are large.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRows<T> {
    /// In the order of the list.
    pub rows: Vec<T>,
    /// Whether there are rows after the last one, apart from rows beyond the page's limit.
    pub more: bool,
}

impl<T> From<Vec<T>> for PageRows<T> {
    fn from(rows: Vec<T>) -> Self {
        Self { rows, more: false }
    }
}

impl<K: Serialize + DeserializeOwned> PageRequest<K> {
    /// Checks the limit and cursor of a client.
    ///
    /// # Errors
    /// [`Invalid`] when the limit is out of range, or the cursor is not one that we gave.
    pub fn parse(limit: Option<u32>, cursor: Option<&str>) -> Result<Self, Invalid> {
        let limit = limit.unwrap_or(DEFAULT_PAGE);
        if !(1..=MAX_PAGE).contains(&limit) {
            return Err(Invalid::new("limit", format!("expected 1 to {MAX_PAGE}")));
        }
        Ok(Self { limit, after: cursor.map(decode).transpose()? })
    }

    /// A first page of the usual length.
    pub fn first() -> Self {
        Self { limit: DEFAULT_PAGE, after: None }
    }

    /// Rows to fetch: one more than shown, which shows whether there is a next page.
    pub fn fetch(&self) -> i64 {
        i64::from(self.limit) + 1
    }

    /// Makes the page out of up to [`Self::fetch`] rows.
    pub fn page<T>(&self, rows: impl Into<PageRows<T>>, key: impl Fn(&T) -> K) -> Page<T> {
        let limit = self.limit as usize;
        let PageRows { mut rows, more } = rows.into();
        let more = more || rows.len() > limit;
        rows.truncate(limit);
        // Of the last row that is shown, not of the one beyond: the next page begins after its cursor.
        let next_cursor = if more { rows.last().map(|last| encode(&key(last))) } else { None };
        Page { items: rows, next_cursor }
    }

    /// Makes the page out of a whole list, which is short. `key` falls from item to item.
    pub fn page_of_all<T>(&self, all: Vec<T>, key: impl Fn(&T) -> K) -> Page<T>
    where
        K: Ord,
    {
        let follows = |item: &T| self.after.as_ref().is_none_or(|after| key(item) < *after);
        self.page(all.into_iter().filter(follows).collect::<Vec<_>>(), &key)
    }

    /// The same for rows of which only those up to a key were examined: the next page begins there, even when this one
    /// is not full.
    pub fn page_until<T>(&self, rows: impl Into<PageRows<T>>, key: impl Fn(&T) -> K, until: Option<&K>) -> Page<T> {
        let page = self.page(rows, key);
        let next_cursor = page.next_cursor.or_else(|| until.map(encode));
        Page { next_cursor, ..page }
    }
}

#[expect(clippy::expect_used, reason = "keys are tuples of text and numbers, which always serialise")]
fn encode<K: Serialize>(key: &K) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(key).expect("sort keys serialise"))
}

fn decode<K: DeserializeOwned>(cursor: &str) -> Result<K, Invalid> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
    bytes
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .ok_or_else(|| Invalid::new("cursor", "expected the next_cursor of the page before"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_ends_with_the_way_to_the_next() {
        let request = PageRequest::<(i64,)> { limit: 2, after: None };
        let page = request.page(vec![1, 2, 3], |n| (*n,));
        assert_eq!(page.items, [1, 2]);
        let next = PageRequest::<(i64,)>::parse(Some(2), page.next_cursor.as_deref());
        assert_eq!(next.map(|request| request.after), Ok(Some((2,))));
        assert_eq!(request.page(vec![1, 2], |n| (*n,)).next_cursor, None);
        let short = request.page(PageRows { rows: vec![1], more: true }, |n| (*n,));
        assert!(short.next_cursor.is_some(), "a page of large rows ends early");
    }

    #[test]
    fn a_short_list_has_pages_too() {
        let request = |cursor: Option<&str>| PageRequest::<(i64,)>::parse(Some(2), cursor).unwrap();
        let (mut all, mut seen, mut cursor) = (vec![5, 4, 3, 2, 1], Vec::new(), None);
        loop {
            let page = request(cursor.as_deref()).page_of_all(all.clone(), |n| (*n,));
            seen.extend(page.items);
            // The item of the cursor is removed.
            all.retain(|n| Some(n) != seen.last());
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen, [5, 4, 3, 2, 1]);
    }

    #[test]
    fn a_page_that_was_looked_for_up_to_a_place_goes_on_there() {
        let request = PageRequest::<(i64,)> { limit: 2, after: None };
        let after = |page: Page<i64>| {
            PageRequest::<(i64,)>::parse(None, page.next_cursor.as_deref()).map(|request| request.after)
        };
        assert_eq!(after(request.page_until(vec![], |n| (*n,), Some(&(7,)))), Ok(Some((7,))));
        assert_eq!(
            after(request.page_until(vec![1, 2, 3], |n| (*n,), Some(&(7,)))),
            Ok(Some((2,))),
            "the page is full"
        );
        assert_eq!(request.page_until(vec![1], |n| (*n,), None).next_cursor, None);
    }

    #[test]
    fn wrong_limits_and_cursors_are_refused() {
        for limit in [0, 201] {
            assert!(PageRequest::<(i64,)>::parse(Some(limit), None).is_err());
        }
        for cursor in ["bogus", "\0", "e30", "WyJ4Il0"] {
            assert!(PageRequest::<(i64,)>::parse(None, Some(cursor)).is_err());
        }
    }
}
