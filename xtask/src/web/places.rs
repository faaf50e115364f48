//! Places in the sources, for the messages of panics.
//!
//! Each call that may panic has a file, a line and a column in the module, and the numbers are as random as bytes can be. Without
//! messages ([`super::panics`]) nothing reads them.

use std::ops::Range;

use anyhow::Context as _;
use wasmparser::{DataKind, Operator, Parser, Payload};

/// Bytes of a place (`core::panic::Location`): address and length of the file's name, line, column.
const PLACE: usize = 16;
/// Bytes of the longest name of a file.
const LONGEST_NAME: u32 = 200;
/// Larger numbers than these are no line and no column.
const LINES: u32 = 20_000;
const COLUMNS: u32 = 500;

/// Data of the module: where it is in memory, and in the file.
#[derive(Clone, Copy)]
struct Segment {
    address: usize,
    at: usize,
    len: usize,
}

/// Overwrites all places and the names of their files with zeros.
///
/// # Errors
/// When `module` is not a WebAssembly module.
pub(crate) fn clear(module: &mut [u8]) -> anyhow::Result<()> {
    let segments = segments(module).context("cannot read the data of the module")?;
    // All of them before the first change: several have one name.
    let mut places = Vec::new();
    for segment in &segments {
        let first = segment.address.next_multiple_of(4) - segment.address;
        for within in (first..segment.len.saturating_sub(PLACE - 1)).step_by(4) {
            let at = segment.at + within;
            places.extend(name_of(module, &segments, at).map(|name| (at, name)));
        }
    }
    for (at, name) in places {
        module[at..at + PLACE].fill(0);
        module[name].fill(0);
    }
    Ok(())
}

fn segments(module: &[u8]) -> anyhow::Result<Vec<Segment>> {
    let mut segments = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        let Payload::DataSection(section) = payload? else { continue };
        for data in section {
            let data = data?;
            let DataKind::Active { offset_expr, .. } = data.kind else { continue };
            if let Operator::I32Const { value } = offset_expr.get_operators_reader().read()? {
                let (address, len) = (usize::try_from(value)?, data.data.len());
                segments.push(Segment { address, at: data.range.end - len, len });
            }
        }
    }
    Ok(segments)
}

/// Where the name of the file is, if there is a place here.
fn name_of(module: &[u8], segments: &[Segment], at: usize) -> Option<Range<usize>> {
    let word = |index: usize| {
        let bytes = module[at + 4 * index..][..4].try_into();
        bytes.map_or(0, u32::from_le_bytes)
    };
    let (address, len, line, column) = (word(0) as usize, word(1), word(2), word(3));
    if len > LONGEST_NAME || !(1..=LINES).contains(&line) || !(1..=COLUMNS).contains(&column) {
        return None;
    }
    let of_name =
        segments.iter().find(|segment| (segment.address..segment.address + segment.len).contains(&address))?;
    let start = of_name.at + address - of_name.address;
    let name = module.get(start..start + len as usize)?;
    let is_name = name.ends_with(b".rs") && name.iter().all(u8::is_ascii_graphic);
    is_name.then_some(start..start + len as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{ConstExpr, DataSection, MemorySection, MemoryType, Module};

    fn module(data: &[u8]) -> Vec<u8> {
        let mut memories = MemorySection::new();
        memories.memory(MemoryType { minimum: 1, maximum: None, memory64: false, shared: false, page_size_log2: None });
        let mut section = DataSection::new();
        section.active(0, &ConstExpr::i32_const(1_024), data.iter().copied());
        let mut module = Module::new();
        module.section(&memories).section(&section);
        module.finish()
    }

    fn data(name: [u8; 8], words: [u32; 4]) -> Vec<u8> {
        name.into_iter().chain(words.iter().flat_map(|word| word.to_le_bytes())).collect()
    }

    #[test]
    fn a_place_is_zeros_with_its_name_and_nothing_else_changes() {
        let cleared = |name, words| {
            let mut cleared = module(&data(name, words));
            clear(&mut cleared).unwrap();
            cleared
        };
        let place = [1_024, 8, 77, 9];
        assert_eq!(cleared(*b"web/a.rs", place), module(&data([0; 8], [0; 4])));
        for (name, words) in [
            (*b"web/a.js", place),
            (*b"web/a.rs", [1_024, 7, 77, 9]),
            (*b"web/a.rs", [9_999, 8, 77, 9]),
            (*b"web/a.rs", [1_024, 8, 77, 90_000]),
            (*b"web/a.rs", [1_024, 4_000_000, 77, 9]),
        ] {
            assert_eq!(cleared(name, words), module(&data(name, words)), "{words:?}");
        }
    }
}
