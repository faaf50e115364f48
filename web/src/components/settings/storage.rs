//! How much of their storage quota a person uses.

use crate::text::settings as text;
use tandem_protocol::rest::Storage;
use yew::prelude::*;

const KIBIBYTE: u64 = 1024;
const MEBIBYTE: u64 = 1024 * KIBIBYTE;

pub(crate) fn storage_use(storage: &Storage) -> Html {
    let (used, most, words) = usage(storage);
    html! {
        <p class="storage">
            <meter aria-label={text::STORAGE} min="0" max={most.to_string()} high={(most / 10 * 9).to_string()}
                value={used.to_string()} />
            <span>{ words }</span>
        </p>
    }
}

/// The used amount, the limit, and a text. The number of rows is shown only if it is closer to its limit than the bytes
/// and over half of it, because it means little to a person.
fn usage(storage: &Storage) -> (u64, u64, String) {
    let Storage { bytes, max_bytes, rows, max_rows } = *storage;
    let share = |used: u64, most: u64| used.saturating_mul(1_000) / most.max(1);
    if share(rows, max_rows) > share(bytes, max_bytes) && rows > max_rows / 2 {
        let words = text::entries_used(grouped(rows), grouped(max_rows));
        return (rows, max_rows, words);
    }
    (bytes, max_bytes, text::space_used(size(bytes), size(max_bytes)))
}

/// A size as text: `3 MB`, `300 KB`.
pub(crate) fn size(bytes: u64) -> String {
    if bytes < MEBIBYTE { text::kilobytes(bytes.div_ceil(KIBIBYTE)) } else { text::megabytes(bytes.div_ceil(MEBIBYTE)) }
}

/// A number with thousands separators: `250,000`.
fn grouped(number: u64) -> String {
    if number < 1_000 { number.to_string() } else { format!("{},{:03}", grouped(number / 1_000), number % 1_000) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_shown_in_units_that_fit_and_rows_when_there_are_many() {
        let storage = Storage { bytes: 5_000, max_bytes: 128 * MEBIBYTE, rows: 10, max_rows: 250_000 };
        assert_eq!(usage(&storage), (5_000, 128 * MEBIBYTE, "5 KB of 128 MB used".into()));
        let small = Storage { bytes: 301 * KIBIBYTE, max_bytes: 300 * KIBIBYTE, ..storage };
        assert_eq!(usage(&small).2, "301 KB of 300 KB used");
        assert_eq!(usage(&Storage { bytes: 12 * MEBIBYTE + 1, ..storage }).2, "13 MB of 128 MB used");
        let many = Storage { rows: 249_001, ..storage };
        let words = "249,001 of 250,000 entries used: tasks, messages and their history";
        assert_eq!(usage(&many), (249_001, 250_000, words.into()));
    }
}
