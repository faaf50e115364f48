//! Tables: a heading row, a delimiter row with the alignments, and rows.

use crate::{
    lines,
    tree::{Align, Block, Inline},
};
use std::borrow::Cow;

/// Parses the table that starts at a line. Returns the index of the line after it. Rows keep only the cells that were
/// written: padding every short row to the width of a wide heading would make the tree far larger than the text.
pub(crate) fn table(lines: &[Cow<'_, str>], at: usize, spans: &dyn Fn(&str) -> Vec<Inline>) -> Option<(Block, usize)> {
    let (head, columns) = heading(lines, at)?;
    let row = |line: &Cow<'_, str>| -> Vec<Vec<Inline>> {
        let mut row: Vec<_> = cells(line).iter().take(columns.len()).map(|cell| broken(spans(cell))).collect();
        let written = row.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1);
        row.truncate(written);
        row
    };
    let rows: Vec<_> = lines[at + 2..].iter().take_while(|line| !lines::interrupts(line)).map(row).collect();
    let next = at + 2 + rows.len();
    let head = head.iter().map(|cell| spans(cell)).collect();
    Some((Block::Table { head, rows, columns }, next))
}

/// Makes line breaks of `<br>`: in a cell there is no other way to write one.
fn broken(cell: Vec<Inline>) -> Vec<Inline> {
    let mut out = Vec::new();
    for piece in cell {
        let Inline::Text(text) = piece else {
            out.push(piece);
            continue;
        };
        let mut rest = &*text;
        // A `>` ends at most one tag, so the time is linear.
        let mut from = 0;
        while let Some(end) = rest[from..].find('>').map(|end| from + end) {
            let start = rest[from..end].rfind('<').map_or(end, |start| from + start);
            let name = rest.get(start + 1..end).unwrap_or("").trim_end_matches(['/', ' ']);
            from = end + 1;
            if name.eq_ignore_ascii_case("br") {
                if start > 0 {
                    out.push(Inline::Text(rest[..start].to_owned()));
                }
                out.push(Inline::Break);
                (rest, from) = (&rest[end + 1..], 0);
            }
        }
        if !rest.is_empty() {
            out.push(Inline::Text(rest.to_owned()));
        }
    }
    out
}

pub(crate) fn begins(lines: &[Cow<'_, str>], at: usize) -> bool {
    heading(lines, at).is_some()
}

/// The cells of a heading row, and the alignments of the delimiter row below it.
fn heading(lines: &[Cow<'_, str>], at: usize) -> Option<(Vec<String>, Vec<Align>)> {
    let heading = &*lines[at];
    if !heading.contains('|') || lines::indent(heading) >= 4 {
        return None;
    }
    let columns = ruler(lines.get(at + 1)?)?;
    let head = cells(heading);
    // Otherwise it is no table by the GFM specification.
    (head.len() == columns.len()).then_some((head, columns))
}

/// Parses a delimiter row such as `|---|:-:|--:|`.
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

/// Splits a row at each `|` that is not escaped, and resolves `\|`.
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
    // The closing `|` starts no cell.
    if cells.len() > 1 && cells.last().is_some_and(|last| last.trim().is_empty()) {
        cells.pop();
    }
    cells.iter().map(|cell| cell.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_a_line_break_in_a_cell() {
        let text = |text: &str| Inline::Text(text.to_owned());
        assert_eq!(
            broken(vec![text("a<br>b <br/>c<BR />")]),
            [text("a"), Inline::Break, text("b "), Inline::Break, text("c"), Inline::Break]
        );
        assert_eq!(broken(vec![text("1 < 2 > 1 <b> >")]), [text("1 < 2 > 1 <b> >")]);
    }
}
