//! Link reference definitions, such as `[name]: https://example.org`, and their use.

use crate::lines::{Fenced, heading, indent, is_blank};
use litemap::LiteMap;
use std::{borrow::Cow, cell::Cell};

/// URLs by normalised name.
pub(crate) type Definitions = LiteMap<String, String>;

/// The total length of URLs that references of a text may expand to, at least; longer texts may expand to their own
/// length. Otherwise a long URL with a short name could multiply the size of a text.
const NAMED_BYTES: usize = 64 * 1024;

/// The references that a text can use: its own, and those of earlier parts of the reply.
pub(crate) struct References<'a> {
    definitions: [&'a Definitions; 2],
    /// The bytes that may still be expanded.
    left: Cell<usize>,
}

impl<'a> References<'a> {
    pub(crate) fn new(own: &'a Definitions, earlier: &'a Definitions, text: &str) -> Self {
        Self { definitions: [own, earlier], left: Cell::new(NAMED_BYTES.max(text.len())) }
    }

    /// The URL of a normalised name; `None` also when the limit is reached.
    pub(crate) fn address(&self, name: &str) -> Option<String> {
        let address = self.definitions.iter().find_map(|definitions| definitions.get(name))?;
        let left = self.left.get().checked_sub(address.len())?;
        self.left.set(left);
        Some(address.clone())
    }
}

/// Collects the definitions of a text, and marks the lines that are definitions. A definition cannot interrupt a
/// paragraph.
pub(crate) fn definitions(lines: &[Cow<'_, str>]) -> (Definitions, Vec<bool>) {
    let mut found = Definitions::new();
    let mut fenced = Fenced::default();
    let mut begins = true;
    let naming = lines.iter().map(|line| {
        let definition = definition(line);
        let may = begins && !fenced.is_open();
        begins = definition.is_some() || is_blank(line) || heading(line).is_some();
        fenced.read(line);
        let Some((name, address)) = definition.filter(|_| may) else { return false };
        // The first definition of a name takes precedence.
        found.entry(name).or_insert(address);
        true
    });
    let naming = naming.collect();
    (found, naming)
}

fn definition(line: &str) -> Option<(String, String)> {
    let text = line.trim_start_matches(' ').strip_prefix('[').filter(|_| indent(line) < 4)?;
    let (name, rest) = text.split_once("]:")?;
    let rest = rest.trim();
    let (address, title) = match rest.strip_prefix('<') {
        Some(bracketed) => bracketed.split_once('>')?,
        None => rest.split_once([' ', '\t']).unwrap_or((rest, "")),
    };
    let title = title.trim();
    let titled = title.is_empty()
        || (title.len() > 1 && title.starts_with(['"', '\'', '(']) && title.ends_with(['"', '\'', ')']));
    let named = !is_blank(name) && !name.contains(['[', ']']) && !name.ends_with('\\');
    (named && titled && !address.is_empty()).then(|| (folded(name), address.to_owned()))
}

/// Normalises a name: ASCII lower case, single spaces.
pub(crate) fn folded(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_ascii_lowercase()
}
