//! The sizes of the client's files: a table at the end of a build, and the budget.
//!
//! Small additions go unnoticed one by one, so a build fails once their sum exceeds the budget.

use std::fmt::Write as _;

use anyhow::bail;

use crate::web::compress::Packed;

/// The maximum for all files of the client together, in bytes after brotli. A phone on a slow connection (1.6 Mbit/s) loads
/// this much in 2.4 seconds.
const BUDGET: usize = 480_000;

/// Sizes in bytes. A compressed form that is not smaller counts with the size of the file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Sizes {
    raw: usize,
    gzip: usize,
    brotli: usize,
}

impl Sizes {
    fn of(packed: &Packed) -> Self {
        let raw = packed.file.bytes.len();
        let or_raw = |form: &Option<Vec<u8>>| form.as_ref().map_or(raw, Vec::len);
        Self { raw, gzip: or_raw(&packed.gzip), brotli: or_raw(&packed.brotli) }
    }

    fn plus(self, other: Self) -> Self {
        Self { raw: self.raw + other.raw, gzip: self.gzip + other.gzip, brotli: self.brotli + other.brotli }
    }
}

/// One line for each file, largest first, then the total.
pub(crate) fn table(files: &[Packed]) -> String {
    let mut lines: Vec<_> = files.iter().map(|packed| (packed.file.name.as_str(), Sizes::of(packed))).collect();
    lines.sort_by_key(|(_, sizes)| std::cmp::Reverse(sizes.brotli));
    let total = lines.iter().fold(Sizes::default(), |sum, (_, sizes)| sum.plus(*sizes));

    let width = lines.iter().map(|(name, _)| name.len()).max().unwrap_or(0).max("in all".len());
    let mut text = format!("{:width$}  {:>10}  {:>10}  {:>10}\n", "", "raw", "gzip", "brotli");
    for (name, sizes) in lines.into_iter().chain([("in all", total)]) {
        let cells = [sizes.raw, sizes.gzip, sizes.brotli].map(kilobytes);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name:width$}  {:>10}  {:>10}  {:>10}", cells[0], cells[1], cells[2]);
    }
    text
}

pub(crate) fn check(files: &[Packed]) -> anyhow::Result<()> {
    let total = files.iter().fold(Sizes::default(), |sum, packed| sum.plus(Sizes::of(packed)));
    if total.brotli > BUDGET {
        let (size, budget) = (kilobytes(total.brotli), kilobytes(BUDGET));
        bail!("the web client weighs {size} in brotli, over its budget of {budget} (xtask/src/web/sizes.rs)");
    }
    Ok(())
}

/// A size in units of 1,000 bytes with one decimal, rounded up.
fn kilobytes(bytes: usize) -> String {
    // Rounded up, so that a size over the budget is never shown as equal to it.
    let tenths = (bytes * 10).div_ceil(1000);
    format!("{}.{} KB", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::file::File;

    fn packed(name: &str, raw: usize, brotli: Option<usize>) -> Packed {
        let form = |size: usize| vec![0; size];
        Packed {
            file: File { name: name.to_owned(), bytes: form(raw) },
            gzip: brotli.map(|size| form(size + 10)),
            brotli: brotli.map(form),
        }
    }

    #[test]
    fn the_table_lists_the_heaviest_file_first_and_adds_up() {
        let table = table(&[packed("a.css", 1000, None), packed("b.wasm", 10_000, Some(2000))]);
        let lines: Vec<_> = table.lines().collect();
        assert!(lines[1].starts_with("b.wasm"), "{table}");
        assert!(lines[2].starts_with("a.css"), "{table}");
        assert!(lines[3].ends_with("11.0 KB      3.1 KB      3.0 KB"), "{table}");
        assert_eq!(lines.len(), 4);
    }

    #[test]
    fn a_client_over_its_budget_is_refused() {
        let (half, rest) = (BUDGET / 2, BUDGET - BUDGET / 2);
        let client = |size| [packed("a.wasm", BUDGET * 2, Some(half)), packed("b.css", BUDGET * 2, Some(size))];
        assert!(check(&client(rest)).is_ok());
        assert!(check(&client(rest + 1)).unwrap_err().to_string().contains("over its budget"));
    }
}
