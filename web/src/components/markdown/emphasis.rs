//! Marks paired up: `*`, `_` and `~` to emphasis, strong and struck text.

use super::{
    ast::Inline,
    spans::{MAX_DEPTH, Mark, Node},
};

/// Marks that find the same openers: by sign, by whether they could open, and by their length over three.
const KINDS: usize = 18;

/// Nodes put together, by the delimiter stack of `CommonMark`.
pub(super) fn resolve(nodes: Vec<Node>) -> Vec<Inline> {
    let mut done: Vec<Node> = Vec::with_capacity(nodes.len());
    // Places of marks in `done` that may still be closed.
    let mut openers: Vec<usize> = Vec::new();
    // Below these there is nothing for a mark of this kind: else every lone mark would look at all before it.
    let mut bottoms = [0_usize; KINDS];
    for node in nodes {
        match node {
            Node::Mark(mark) => close(mark, &mut done, &mut openers, &mut bottoms),
            piece @ Node::Piece(..) => done.push(piece),
        }
    }
    joined(done)
}

/// The pieces in a row; marks that nothing came of are text.
fn joined(nodes: Vec<Node>) -> Vec<Inline> {
    let mut pieces = Vec::new();
    for node in nodes {
        match node {
            Node::Piece(piece, _) => push(&mut pieces, piece),
            Node::Mark(mark) => push(&mut pieces, Inline::Text(text_of(&mark))),
        }
    }
    pieces
}

fn kind(mark: &Mark) -> usize {
    "*_~".find(mark.kind).unwrap_or(0) * 6 + usize::from(mark.opens) * 3 + mark.length % 3
}

/// Closes what a run of marks closes; what is left of it may open.
fn close(mut mark: Mark, done: &mut Vec<Node>, openers: &mut Vec<usize>, bottoms: &mut [usize; KINDS]) {
    let kind = kind(&mark);
    while mark.closes && mark.count > 0 {
        let lowest = bottoms[kind];
        let found = openers
            .iter()
            .enumerate()
            .rev()
            .take_while(|(at, _)| *at >= lowest)
            .find(|(_, place)| matches!(&done[**place], Node::Mark(open) if pairs(open, &mark)));
        let Some((at, place)) = found.map(|(at, place)| (at, *place)) else {
            bottoms[kind] = openers.len();
            break;
        };
        let inside: Vec<Node> = done.drain(place + 1..).collect();
        openers.truncate(at + 1);
        let Node::Mark(open) = &mut done[place] else { break };
        let used = if mark.kind == '~' { mark.count } else { mark.count.min(open.count).min(2) };
        open.count -= used;
        mark.count -= used;
        if open.count == 0 {
            done.pop();
            openers.pop();
        }
        for bottom in bottoms.iter_mut() {
            *bottom = (*bottom).min(openers.len());
        }
        wrap(mark.kind, used, inside, done);
    }
    if mark.count > 0 {
        if mark.opens {
            openers.push(done.len());
        }
        done.push(Node::Mark(mark));
    }
}

fn wrap(kind: char, used: usize, inside: Vec<Node>, done: &mut Vec<Node>) {
    let depth = inside.iter().map(Node::depth).max().unwrap_or(0) + 1;
    let pieces = joined(inside);
    if depth > MAX_DEPTH {
        done.extend(pieces.into_iter().map(|piece| Node::Piece(piece, depth - 1)));
        return;
    }
    let piece = match (kind, used) {
        ('~', _) => Inline::Strike(pieces),
        (_, 2) => Inline::Strong(pieces),
        _ => Inline::Emphasis(pieces),
    };
    done.push(Node::Piece(piece, depth));
}

/// Whether one run closes what the other opens.
fn pairs(open: &Mark, close: &Mark) -> bool {
    if open.kind != close.kind || (open.kind == '~' && open.count != close.count) {
        return false;
    }
    // A run that could be both must not be cut into three.
    let both = open.closes || close.opens;
    let thirds = open.length.is_multiple_of(3) && close.length.is_multiple_of(3);
    !both || thirds || !(open.length + close.length).is_multiple_of(3)
}

fn text_of(mark: &Mark) -> String {
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
