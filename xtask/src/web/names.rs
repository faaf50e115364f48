//! Short names for what the module and its JavaScript import from each other.
//!
//! wasm-bindgen gives a function the name of the browser's function and a hash, in both files. The hashes are as random as
//! bytes can be, so they are most of what these names weigh after compression; nothing but the two files uses the names.

use std::collections::{HashMap, HashSet};

use wasm_bindgen_cli_support::Output;

/// Renames the imports and exports of the module that have a hash in their name. Returns the script with the same names;
/// `None` when there is no script.
pub(crate) fn shorten(output: &mut Output) -> Option<String> {
    let script = output.start()?.clone();
    let module = output.wasm_mut();
    let of_module = module.imports.iter().map(|import| &import.name);
    let of_module = of_module.chain(module.exports.iter().map(|export| &export.name));
    let names = Names::new(&script, of_module);
    for import in module.imports.iter_mut() {
        names.replace(&mut import.name);
    }
    for export in module.exports.iter_mut() {
        names.replace(&mut export.name);
    }
    Some(names.in_script(&script))
}

/// The short form of each name.
#[derive(Debug)]
struct Names(HashMap<String, String>);

impl Names {
    /// Numbers the names in the order of the script, in which a number then tells the next.
    fn new<'a>(script: &'a str, of_module: impl Iterator<Item = &'a String>) -> Self {
        let of_module: HashSet<&str> = of_module.map(String::as_str).filter(|name| ends_with_hash(name)).collect();
        let mut names = HashMap::new();
        for word in script.split(|c: char| !is_part_of_name(c)).filter(|word| of_module.contains(word)) {
            let next = names.len();
            names.entry(word.to_owned()).or_insert_with(|| format!("w{next}"));
        }
        Self(names)
    }

    fn replace(&self, name: &mut String) {
        if let Some(short) = self.0.get(name) {
            name.clone_from(short);
        }
    }

    fn in_script(&self, script: &str) -> String {
        let words = script.split_inclusive(|c: char| !is_part_of_name(c));
        let renamed = words.map(|word| {
            let name = word.trim_end_matches(|c| !is_part_of_name(c));
            self.0.get(name).map_or_else(|| word.to_owned(), |short| word.replacen(name, short, 1))
        });
        renamed.collect()
    }
}

fn is_part_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$'
}

/// Whether a name ends with the 16 hexadecimal digits of a hash.
fn ends_with_hash(name: &str) -> bool {
    let hash = name.len().checked_sub(16).and_then(|start| name.get(start..));
    hash.is_some_and(|hash| hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_a_hash_is_short_and_the_same_in_both_files() {
        let script = "{__wbg_focus_0123456789abcdef: f(a){}, x__wbg_blur_fedcba9876543210,\n wasm.__wbg_blur_fedcba9876543210(é)}";
        let mut of_module =
            ["__wbg_blur_fedcba9876543210", "__wbg_focus_0123456789abcdef", "__wbg_blur_fedcba9876543210", "start"]
                .map(str::to_owned);
        let names = Names::new(script, of_module.iter());
        for name in &mut of_module {
            names.replace(name);
        }
        assert_eq!(of_module, ["w1", "w0", "w1", "start"]);
        assert_eq!(names.in_script(script), "{w0: f(a){}, x__wbg_blur_fedcba9876543210,\n wasm.w1(é)}");
    }
}
