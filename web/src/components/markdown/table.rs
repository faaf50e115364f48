//! Tables: a heading, a ruler that says how columns are aligned, rows.

use super::{
    ast::{Align, Block, Inline},
    lines,
};
use std::borrow::Cow;

/// The table that begins at a line, and the line after it.
pub(super) fn table(lines: &[Cow<'_, str>], at: usize, spans: &dyn Fn(&str) -> Vec<Inline>) -> Option<(Block, usize)> {
    let heading = &*lines[at];
    if !heading.contains('|') || lines::indent(heading) >= 4 {
        return None;
    }
    let columns = ruler(lines.get(at + 1)?)?;
    let head: Vec<_> = cells(heading);
    if head.len() != columns.len() {
        return None;
    }
    let row = |cells: Vec<String>| -> Vec<Vec<Inline>> {
        let mut row: Vec<_> = cells.iter().take(columns.len()).map(|cell| spans(cell)).collect();
        row.resize(columns.len(), Vec::new());
        row
    };
    let body = lines[at + 2..].iter().take_while(|line| !lines::interrupts(line));
    let rows: Vec<_> = body.map(|line| row(cells(line))).collect();
    let next = at + 2 + rows.len();
    Some((Block::Table { head: row(head), rows, columns: columns.clone() }, next))
}

/// `|---|:-:|--:|`
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
