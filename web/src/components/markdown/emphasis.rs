//! Marks paired up: `*`, `_` and `~` to emphasis, strong and struck text.

use super::ast::Inline;

/// Links of links and emphasis in emphasis; what is deeper is text.
pub(super) const MAX_SPAN_DEPTH: usize = 24;

/// Marks that find the same openers: by sign, by whether they could open, and by their length over three.
const KINDS: usize = 18;

/// What was read and is not yet put together.
pub(super) enum Node {
    /// Finished; and how deep it is.
    Piece(Inline, usize),
    /// A run of `*`, `_` or `~`.
    DelimiterRun(DelimiterRun),
}

/// A run of marks that may open or close a span.
#[derive(Clone, Copy)]
pub(super) struct DelimiterRun {
    pub(super) kind: char,
    /// How many there were.
    pub(super) length: usize,
    /// How many are left.
    pub(super) count: usize,
    pub(super) opens: bool,
    pub(super) closes: bool,
}

/// Nodes put together, by the delimiter stack of `CommonMark`; and how deep the deepest of them is.
pub(super) fn resolve(nodes: Vec<Node>) -> (Vec<Inline>, usize) {
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

/// A run of marks that may still be closed.
struct Opener {
    /// Its index among the nodes.
    index: usize,
    /// How deep the deepest piece is that stands behind it and before the next opener.
    depth: usize,
}

/// What was put together so far.
///
/// **Invariant:** a node is moved at most once for each level that it ends in. Pieces that are too deep to be wrapped
/// once more stay where they are; depths are kept by opener, so that none is looked for.
#[derive(Default)]
struct Line {
    done: Vec<Node>,
    openers: Vec<Opener>,
    /// Below these there is nothing for a mark of this kind: else every lone mark would look at all before it.
    bottoms: [usize; KINDS],
    /// How deep the deepest piece is that stands before all openers.
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

    /// Closes what a run of marks closes; what is left of it may open.
    fn close(&mut self, mut mark: DelimiterRun) {
        let kind = kind(&mark);
        while mark.closes && mark.count > 0 {
            let lowest = self.bottoms[kind];
            let found = self.openers[lowest.min(self.openers.len())..]
                .iter()
                .rposition(|opener| matches!(&self.done[opener.index], Node::DelimiterRun(open) if pairs(open, &mark)));
            let Some(at) = found.map(|at| lowest + at) else {
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

    /// Makes a span of what stands behind an opener, with the marks that both runs have for it.
    fn pair(&mut self, at: usize, mark: &mut DelimiterRun) {
        let depth = deepest(&self.openers[at..]);
        self.openers.truncate(at + 1);
        let opener = &mut self.openers[at];
        opener.depth = 0;
        let index = opener.index;
        let Node::DelimiterRun(open) = &mut self.done[index] else { return };
        let used = if mark.kind == '~' { mark.count } else { mark.count.min(open.count).min(2) };
        open.count -= used;
        mark.count -= used;
        let is_spent = open.count == 0;
        if is_spent {
            self.openers.pop();
        }
        for bottom in &mut self.bottoms {
            *bottom = (*bottom).min(self.openers.len());
        }
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

/// How deep the deepest piece behind one of these openers is.
fn deepest(openers: &[Opener]) -> usize {
    openers.iter().map(|opener| opener.depth).max().unwrap_or(0)
}

/// The pieces in a row; marks that nothing came of are text.
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

/// Whether one run closes what the other opens.
fn pairs(open: &DelimiterRun, close: &DelimiterRun) -> bool {
    if open.kind != close.kind || (open.kind == '~' && open.count != close.count) {
        return false;
    }
    // A run that could be both must not be cut into three.
    let both = open.closes || close.opens;
    let thirds = open.length.is_multiple_of(3) && close.length.is_multiple_of(3);
    !both || thirds || !(open.length + close.length).is_multiple_of(3)
}

fn text_of(mark: &DelimiterRun) -> String {
    std::iter::repeat_n(mark.kind, mark.count).collect()
}

/// Adjacent text is one piece.
fn push(into: &mut Vec<Inline>, piece: Inline) {
    match (into.last_mut(), piece) {
        (Some(Inline::Text(last)), Inline::Text(text)) => last.push_str(&text),
        (_, Inline::Text(text)) if text.is_empty() => {}
        (_, piece) => into.push(piece),
    }
}
