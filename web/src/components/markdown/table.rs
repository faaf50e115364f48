//! Tables: a heading, a ruler that says how columns are aligned, rows.

use super::{
    ast::{Align, Block, Inline},
    lines,
};
use std::borrow::Cow;

/// The table that begins at a line, and the line after it. A row has the cells that are written: with empty ones up to
/// the number of columns, a wide heading over many short rows would be far larger than its text.
pub(super) fn table(lines: &[Cow<'_, str>], at: usize, spans: &dyn Fn(&str) -> Vec<Inline>) -> Option<(Block, usize)> {
    let (head, columns) = heading(lines, at)?;
    let row = |line: &Cow<'_, str>| -> Vec<Vec<Inline>> {
        let mut row: Vec<_> = cells(line).iter().take(columns.len()).map(|cell| spans(cell)).collect();
        let written = row.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1);
        row.truncate(written);
        row
    };
    let rows: Vec<_> = lines[at + 2..].iter().take_while(|line| !lines::interrupts(line)).map(row).collect();
    let next = at + 2 + rows.len();
    let head = head.iter().map(|cell| spans(cell)).collect();
    Some((Block::Table { head, rows, columns }, next))
}

/// Whether a table begins at a line.
pub(super) fn begins(lines: &[Cow<'_, str>], at: usize) -> bool {
    heading(lines, at).is_some()
}

/// The cells of a heading, and how the ruler below it aligns them.
fn heading(lines: &[Cow<'_, str>], at: usize) -> Option<(Vec<String>, Vec<Align>)> {
    let heading = &*lines[at];
    if !heading.contains('|') || lines::indent(heading) >= 4 {
        return None;
    }
    let columns = ruler(lines.get(at + 1)?)?;
    let head = cells(heading);
    (head.len() == columns.len()).then_some((head, columns))
}

/// The line below the heading, such as `|---|:-:|--:|`: the alignment of each column.
fn ruler(line: &str) -> Option<Vec<Align>> {
    if lines::indent(line) >= 4 || !line.contains('-') || !line.contains(['|', ':']) {
        return None;
    }
    let align = |cell: String| {
        let dashes = cell.trim_matches(':');
        if dashes.is_empty() || !dashes.bytes().all(|byte| byte == b'-') {
            return None;
        }
        Some(match (cell.starts_with(':'), cell.ends_with(':')) {
            (true, true) => Align::Center,
            (false, true) => Align::End,
            (_, false) => Align::Start,
        })
    };
    cells(line).into_iter().map(align).collect()
}

/// The cells of a line, cut at each `|` that is not escaped; the escape is gone from the others.
fn cells(line: &str) -> Vec<String> {
    let line = line.trim();
    let inner = line.strip_prefix('|').unwrap_or(line);
    let mut cells = vec![String::new()];
    let mut escaped = false;
    for c in inner.chars() {
        let cell = cells.len() - 1;
        match c {
            '|' if escaped => {
                cells[cell].pop();
                cells[cell].push('|');
            }
            '|' => cells.push(String::new()),
            c => cells[cell].push(c),
        }
        escaped = c == '\\' && !escaped;
    }
    // What follows the closing mark is no cell.
    if cells.len() > 1 && cells.last().is_some_and(|last| last.trim().is_empty()) {
        cells.pop();
    }
    cells.iter().map(|cell| cell.trim().to_owned()).collect()
}
