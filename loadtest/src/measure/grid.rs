//! Tables of figures, for scenarios that measure the same for each of many cases.

use serde::Serialize;
use std::fmt::{self, Display, Formatter};

/// A table of figures as text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Grid {
    pub title: String,
    /// The headings; the first one is that of the row names.
    pub columns: Vec<&'static str>,
    /// One cell for each column.
    pub rows: Vec<Vec<String>>,
}

impl Grid {
    fn widths(&self) -> Vec<usize> {
        let width = |column: usize, name: &str| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).chain([name.chars().count()]).max().unwrap_or_default()
        };
        self.columns.iter().enumerate().map(|(column, name)| width(column, name)).collect()
    }
}

impl Display for Grid {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let widths = self.widths();
        writeln!(f, "{}", self.title)?;
        let head = self.columns.iter().map(|name| (*name).to_owned()).collect();
        for row in [&head].into_iter().chain(&self.rows) {
            for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
                // Names are aligned to the left, figures to the right.
                if column == 0 { write!(f, "{cell:<width$}")? } else { write!(f, "  {cell:>width$}")? }
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let row = |name: &str, figure: &str| vec![name.to_owned(), figure.to_owned()];
        let rows = vec![row("a", "1"), row("long name", "12345")];
        let grid = Grid { title: "Costs".into(), columns: vec!["what", "ms"], rows };
        assert_eq!(grid.to_string(), "Costs\nwhat          ms\na              1\nlong name  12345\n");
    }
}
