//! Link reference definitions: lines that name an address, and where a name leads.

use super::lines::{Fenced, heading, indent, is_blank};
use std::{borrow::Cow, cell::Cell};
use tandem_protocol::{map::Map, order::sort_by};

/// Addresses that a reply gives names (`[name]: https://…`), by name in lower case.
pub(super) type Definitions = Map<String, String>;

/// Bytes of addresses that names may stand for in a text, at least; a longer text may have as many as it is long.
const NAMED_BYTES: usize = 64 * 1024;

/// Where names lead: those of the text itself, and those of earlier parts of the reply.
pub(super) struct References<'a> {
    definitions: [&'a Definitions; 2],
    /// Bytes of addresses that names may still stand for. A long address with a short name that is used again and again
    /// would outgrow the text without a bound.
    left: Cell<usize>,
}

impl<'a> References<'a> {
    pub(super) fn new(own: &'a Definitions, earlier: &'a Definitions, text: &str) -> Self {
        Self { definitions: [own, earlier], left: Cell::new(NAMED_BYTES.max(text.len())) }
    }

    /// The address of a name in lower case.
    pub(super) fn address(&self, name: &String) -> Option<String> {
        let address = self.definitions.iter().find_map(|definitions| definitions.get(name))?;
        let left = self.left.get().checked_sub(address.len())?;
        self.left.set(left);
        Some(address.clone())
    }
}

/// The addresses that lines give names, and for each line whether it does so: `[name]: address`, where no paragraph is
/// open.
pub(super) fn definitions(lines: &[Cow<'_, str>]) -> (Definitions, Vec<bool>) {
    let mut found = Vec::new();
    let mut fenced = Fenced::default();
    let mut begins = true;
    let naming = lines.iter().map(|line| {
        let definition = definition(line);
        let may = begins && !fenced.is_open();
        begins = definition.is_some() || is_blank(line) || heading(line).is_some();
        fenced.read(line);
        let Some(definition) = definition.filter(|_| may) else { return false };
        found.push(definition);
        true
    });
    let naming = naming.collect();
    // In order: a name that is put between others moves all that come after it.
    sort_by(&mut found, |one, other| one.0.cmp(&other.0));
    // The first one of a name holds.
    found.dedup_by(|later, first| later.0 == first.0);
    (found.into_iter().collect(), naming)
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

/// A name as names are compared: without case (of plain letters), and with single spaces.
pub(super) fn folded(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_ascii_lowercase()
}
