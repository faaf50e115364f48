//! Pages that end by their size: rows are read one after the other, and no more once the page is large.
//!
//! A limit by rows alone would let a page of long messages take hundreds of megabytes.
//!
//! **Invariant:** a page has its first row whatever its size, so that reading always advances.

use super::{Row, rows::Columns as _};
use crate::Result;
use futures_util::{Stream, TryStreamExt as _};
use tandem_domain::page::PageRows;

/// Bytes of content after which a page gets no more rows.
const PAGE_BYTES: usize = 1024 * 1024;

/// Reads up to `limit` rows, each with its size.
pub(super) async fn read<T>(
    mut found: impl Stream<Item = sqlx::Result<(T, usize)>> + Unpin,
    limit: u32,
) -> Result<PageRows<T>> {
    let (mut rows, mut bytes) = (Vec::new(), 0);
    while let Some((row, size)) = found.try_next().await? {
        bytes += size;
        // The row that exceeds the page was read to know that there is one, and is dropped.
        if rows.len() >= limit as usize || (bytes > PAGE_BYTES && !rows.is_empty()) {
            return Ok(PageRows { rows, more: true });
        }
        rows.push(row);
    }
    Ok(PageRows { rows, more: false })
}

/// The same, with the row that exceeds the size: a reader of the log that is given nothing would read the same page
/// again and again.
pub(super) async fn read_through<T>(
    mut found: impl Stream<Item = sqlx::Result<(T, usize)>> + Unpin,
    limit: u32,
) -> Result<Vec<T>> {
    let (mut rows, mut bytes) = (Vec::new(), 0);
    while rows.len() < limit as usize
        && bytes <= PAGE_BYTES
        && let Some((row, size)) = found.try_next().await?
    {
        bytes += size;
        rows.push(row);
    }
    Ok(rows)
}

/// Reads a row with its size, which is that of these columns.
pub(super) fn sized<T>(
    row: &Row,
    texts: &[&str],
    read: impl FnOnce(&Row) -> sqlx::Result<T>,
) -> sqlx::Result<(T, usize)> {
    let mut bytes = 0;
    for text in texts {
        bytes += row.text_bytes(text)?;
    }
    Ok((read(row)?, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;

    async fn page(sizes: &[usize], limit: u32) -> (usize, bool) {
        let rows = stream::iter(sizes.iter().map(|size| Ok(((), *size))));
        let PageRows { rows, more } = read(rows, limit).await.unwrap();
        (rows.len(), more)
    }

    #[tokio::test]
    async fn a_piece_of_a_log_ends_with_the_row_that_is_too_much() {
        let piece = async |sizes: &[usize]| {
            let rows = stream::iter(sizes.iter().map(|size| Ok(((), *size))));
            read_through(rows, 3).await.unwrap().len()
        };
        assert_eq!((piece(&[1, 1]).await, piece(&[1, 1, 1, 1]).await), (2, 3));
        assert_eq!((piece(&[1, 2 * PAGE_BYTES, 1]).await, piece(&[2 * PAGE_BYTES, 1]).await), (2, 1));
    }

    #[tokio::test]
    async fn a_page_ends_at_its_limit_or_when_it_is_large() {
        assert_eq!(page(&[1, 1, 1], 3).await, (3, false));
        assert_eq!(page(&[1, 1, 1], 2).await, (2, true));
        assert_eq!(page(&[PAGE_BYTES, 1, 1], 3).await, (1, true));
        assert_eq!(page(&[1, PAGE_BYTES, 1], 3).await, (1, true));
        assert_eq!(page(&[2 * PAGE_BYTES, 1], 3).await, (1, true), "the first one is there in any case");
        assert_eq!(page(&[2 * PAGE_BYTES], 3).await, (1, false));
    }
}
