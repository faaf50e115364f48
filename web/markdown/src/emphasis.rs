//! Matching of delimiter runs: `*`, `_` and `~` become emphasis, strong and struck text.
//!
//! This is the algorithm of the `CommonMark` specification ("process emphasis"), with the delimiter stack as a list of
//! openers.

use crate::tree::Inline;

/// Nesting of spans; what is deeper stays text.
pub(crate) const MAX_SPAN_DEPTH: usize = 24;

/// The kinds of closers in the table of lower bounds: three characters, whether the run can also open, and its length
/// modulo three.
const KINDS: usize = 18;

/// A node of a line whose delimiter runs are not matched yet.
pub(crate) enum Node {
    /// A finished inline, and the depth of its nesting.
    Piece(Inline, usize),
    DelimiterRun(DelimiterRun),
}

/// A run of `*`, `_` or `~`.
#[derive(Clone, Copy)]
pub(crate) struct DelimiterRun {
    pub(crate) kind: char,
    /// The length of the run in the text, for the rule of three.
    pub(crate) length: usize,
    /// The delimiters that are not matched yet.
    pub(crate) count: usize,
    pub(crate) opens: bool,
    pub(crate) closes: bool,
}

/// Matches the delimiter runs of a line. Returns the inlines, and the depth of the deepest one.
pub(crate) fn resolve(nodes: Vec<Node>) -> (Vec<Inline>, usize) {
    let mut line = Line::default();
    for node in nodes {
        match node {
            Node::DelimiterRun(mark) => line.close(mark),
            Node::Piece(piece, depth) => line.add(piece, depth),
        }
    }
    let depth = line.depth.max(deepest(&line.openers));
    (joined(line.done), depth)
}

/// A run that may still be matched by a closer.
struct Opener {
    index: usize,
    /// The depth of the deepest inline between this opener and the next.
    depth: usize,
}

/// The nodes that were read so far.
///
/// **Invariant:** a node is moved at most once for each level of its nesting, so the time is linear. Spans that are too
/// deep to be wrapped stay where they are, and depths are kept per opener, so that no search for them is necessary.
#[derive(Default)]
struct Line {
    done: Vec<Node>,
    openers: Vec<Opener>,
    /// The lower bound of the search for an opener, per kind of closer (`openers_bottom` in the specification). Without
    /// it each unmatched delimiter would search all openers.
    bottoms: [usize; KINDS],
    /// The depth of the deepest inline before all openers.
    depth: usize,
}

impl Line {
    fn add(&mut self, piece: Inline, depth: usize) {
        self.note(depth);
        self.done.push(Node::Piece(piece, depth));
    }

    fn note(&mut self, depth: usize) {
        let known = self.openers.last_mut().map_or(&mut self.depth, |opener| &mut opener.depth);
        *known = depth.max(*known);
    }

    /// Matches a run with the openers before it. What remains of it may become an opener.
    fn close(&mut self, mut mark: DelimiterRun) {
        let kind = kind(&mark);
        while mark.closes && mark.count > 0 {
            let lowest = self.bottoms[kind];
            let found = self.openers[lowest.min(self.openers.len())..]
                .iter()
                .rposition(|opener| matches!(&self.done[opener.index], Node::DelimiterRun(open) if pairs(open, &mark)));
            let Some(at) = found.map(|at| lowest + at) else {
                // No opener before this point fits this kind of closer.
                self.bottoms[kind] = self.openers.len();
                break;
            };
            self.pair(at, &mut mark);
        }
        if mark.count > 0 {
            if mark.opens {
                self.openers.push(Opener { index: self.done.len(), depth: 0 });
            }
            self.done.push(Node::DelimiterRun(mark));
        }
    }

    /// Wraps everything after an opener in a span, and removes the delimiters of that span from both runs.
    fn pair(&mut self, at: usize, mark: &mut DelimiterRun) {
        let depth = deepest(&self.openers[at..]);
        self.openers.truncate(at + 1);
        let opener = &mut self.openers[at];
        opener.depth = 0;
        let index = opener.index;
        let Node::DelimiterRun(open) = &mut self.done[index] else { return };
        // `~` and `~~` match only runs of the same length; otherwise two delimiters are strong and one is emphasis.
        let used = if mark.kind == '~' { mark.count } else { mark.count.min(open.count).min(2) };
        open.count -= used;
        mark.count -= used;
        let is_spent = open.count == 0;
        if is_spent {
            self.openers.pop();
        }
        // Openers above the matched one are gone, so no bound may lie above it.
        for bottom in &mut self.bottoms {
            *bottom = (*bottom).min(self.openers.len());
        }
        // Too deep: the delimiters are consumed, but no further span is made.
        if depth >= MAX_SPAN_DEPTH {
            self.note(depth);
            return;
        }
        let inside = joined(self.done.split_off(index + 1));
        if is_spent {
            self.done.pop();
        }
        self.add(wrapped(mark.kind, used, inside), depth + 1);
    }
}

/// The depth of the deepest inline after the first of these openers.
fn deepest(openers: &[Opener]) -> usize {
    openers.iter().map(|opener| opener.depth).max().unwrap_or(0)
}

/// Joins nodes to inlines; unmatched delimiters become text.
fn joined(nodes: Vec<Node>) -> Vec<Inline> {
    let mut pieces = Vec::new();
    for node in nodes {
        match node {
            Node::Piece(piece, _) => push(&mut pieces, piece),
            Node::DelimiterRun(mark) => push(&mut pieces, Inline::Text(text_of(&mark))),
        }
    }
    pieces
}

fn kind(mark: &DelimiterRun) -> usize {
    "*_~".find(mark.kind).unwrap_or(0) * 6 + usize::from(mark.opens) * 3 + mark.length % 3
}

fn wrapped(kind: char, used: usize, pieces: Vec<Inline>) -> Inline {
    match (kind, used) {
        ('~', _) => Inline::Strike(pieces),
        (_, 2) => Inline::Strong(pieces),
        _ => Inline::Emphasis(pieces),
    }
}

/// Whether a run can close an opener.
fn pairs(open: &DelimiterRun, close: &DelimiterRun) -> bool {
    if open.kind != close.kind || (open.kind == '~' && open.count != close.count) {
        return false;
    }
    // The rule of three of the specification: `*foo**bar*` must not match the single `*` with one of the two.
    let both = open.closes || close.opens;
    let thirds = open.length.is_multiple_of(3) && close.length.is_multiple_of(3);
    !both || thirds || !(open.length + close.length).is_multiple_of(3)
}

fn text_of(mark: &DelimiterRun) -> String {
    std::iter::repeat_n(mark.kind, mark.count).collect()
}

/// Appends an inline; adjacent texts are joined.
pub(crate) fn push(into: &mut Vec<Inline>, piece: Inline) {
    match (into.last_mut(), piece) {
        (Some(Inline::Text(last)), Inline::Text(text)) => last.push_str(&text),
        (_, Inline::Text(text)) if text.is_empty() => {}
        (_, piece) => into.push(piece),
    }
}
