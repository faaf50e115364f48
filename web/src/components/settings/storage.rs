//! How much of their room a person uses.

use tandem_protocol::rest::Storage;
use yew::prelude::*;

const MEBIBYTE: u64 = 1024 * 1024;

/// Properties of [`StorageUse`].
#[derive(Clone, PartialEq, Properties)]
pub struct StorageUseProps {
    /// As the server counts it.
    pub storage: Storage,
}

/// A bar with a line of words.
#[component]
pub fn StorageUse(props: &StorageUseProps) -> Html {
    let (used, most, words) = in_words(&props.storage);
    html! {
        <p class="storage">
            <meter aria-label="Storage" min="0" max={most.to_string()} high={(most / 10 * 9).to_string()}
                value={used.to_string()} />
            <span>{ words }</span>
        </p>
    }
}

/// What is nearer to its limit, bytes or rows: used, at most, and both in words.
fn in_words(storage: &Storage) -> (u64, u64, String) {
    let Storage { bytes, max_bytes, rows, max_rows } = *storage;
    if u128::from(rows) * u128::from(max_bytes) > u128::from(bytes) * u128::from(max_rows) {
        return (rows, max_rows, format!("{rows} of {max_rows} entries used"));
    }
    let words = match bytes.div_ceil(MEBIBYTE) {
        0 | 1 => format!("Less than 1 MB of {} MB used", max_bytes / MEBIBYTE),
        used => format!("{used} MB of {} MB used", max_bytes / MEBIBYTE),
    };
    (bytes, max_bytes, words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nearer_to_its_limit_is_shown() {
        let storage = Storage { bytes: 5_000, max_bytes: 128 * MEBIBYTE, rows: 0, max_rows: 1_000 };
        assert_eq!(in_words(&storage), (5_000, 128 * MEBIBYTE, "Less than 1 MB of 128 MB used".into()));
        let more = Storage { bytes: 12 * MEBIBYTE + 1, rows: 20, ..storage };
        assert_eq!(in_words(&more).2, "13 MB of 128 MB used");
        let many = Storage { rows: 990, ..more };
        assert_eq!(in_words(&many), (990, 1_000, "990 of 1000 entries used".into()));
    }
}
