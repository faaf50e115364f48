//! What a reply shows: blocks and the pieces of a line, already safe to draw.

/// Quotes and lists inside of each other; what is deeper is a paragraph.
pub(super) const MAX_DEPTH: usize = 24;

/// A block of a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Block {
    Paragraph(Vec<Inline>),
    /// The line of a list item in a tight list: a paragraph without space around it.
    Line(Vec<Inline>),
    /// A heading; its level in the reply, 1 to 6.
    Heading(u8, Vec<Inline>),
    /// Code, fenced or indented.
    Code {
        /// The first word of the fence's line, as it was written; may be empty.
        language: String,
        /// The code, with its line ends.
        text: String,
    },
    Quote(Vec<Block>),
    List {
        /// The first number of a numbered list.
        start: Option<u64>,
        items: Vec<ListItem>,
    },
    Table {
        /// How each column is aligned.
        columns: Vec<Align>,
        /// The cells of the heading.
        head: Vec<Vec<Inline>>,
        /// The cells of each row up to the last one that is not empty; no more than there are columns.
        rows: Vec<Vec<Vec<Inline>>>,
    },
    Rule,
}

/// An item of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ListItem {
    /// For an item with a box: whether it is ticked.
    pub ticked: Option<bool>,
    pub blocks: Vec<Block>,
}

/// How a column is aligned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    Start,
    Center,
    /// At the end: numbers.
    End,
}

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Inline {
    /// Plain text; a line end in it is a space.
    Text(String),
    Code(String),
    Strong(Vec<Inline>),
    Emphasis(Vec<Inline>),
    Strike(Vec<Inline>),
    /// A link that may be followed; see [`super::links::safe_url`].
    Link {
        to: String,
        text: Vec<Inline>,
    },
    /// A line end that was meant.
    Break,
}
