//! The syntax tree of a text. Everything in it is safe to draw: there is no raw HTML, and every link has a permitted
//! scheme.

/// Nesting of quotes and lists; what is deeper is a paragraph.
pub(crate) const MAX_DEPTH: usize = 24;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    Paragraph(Vec<Inline>),
    /// The text of an item in a tight list, drawn without a paragraph around it.
    Line(Vec<Inline>),
    /// A heading with its level, 1 to 6.
    Heading(u8, Vec<Inline>),
    /// Code, fenced or indented.
    Code {
        /// The first word of the info string; empty if there is none.
        language: String,
        /// The code, including line ends.
        text: String,
    },
    Quote(Vec<Block>),
    /// A quote that begins with a mark such as `[!NOTE]`.
    Alert(AlertKind, Vec<Block>),
    /// A footnote, with its name.
    Footnote(String, Vec<Inline>),
    List {
        /// The number of the first item, for numbered lists.
        start: Option<u64>,
        items: Vec<ListItem>,
    },
    Table {
        columns: Vec<Align>,
        head: Vec<Vec<Inline>>,
        /// The cells of each row without empty ones at its end, at most as many as there are columns.
        rows: Vec<Vec<Vec<Inline>>>,
    },
    Rule,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListItem {
    /// For task list items: whether the box is ticked.
    pub ticked: Option<bool>,
    pub blocks: Vec<Block>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    Start,
    Center,
    /// At the end of the line, for numbers.
    End,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inline {
    /// Plain text. A line end in it is drawn as a space.
    Text(String),
    Code(String),
    Strong(Vec<Inline>),
    Emphasis(Vec<Inline>),
    Strike(Vec<Inline>),
    /// A link, whose scheme is `http`, `https` or `mailto`, and whose text contains no other link. An image is a link to
    /// it, with its description as the text.
    Link {
        to: String,
        text: Vec<Inline>,
    },
    /// A formula in TeX as it was written, with its delimiters: `$x$`, `$$x$$`, `\(x\)` or `\[x\]`.
    Math(String),
    /// The mark of a footnote, with its name.
    FootnoteMark(String),
    /// A hard line break.
    Break,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertKind {
    Note,
    Tip,
    Important,
    Warning,
    Caution,
}
