//! One script of what wasm-bindgen writes and of the scripts that the client imports.
//!
//! A script of its own would be one more request before the page starts, and compresses worse than beside the others. The names
//! that wasm-bindgen uses for arguments and helpers are shortened: they are most of its script.

use crate::web::file::File;

/// Names that wasm-bindgen writes, none of which is that of a property, and their short forms.
const SHORT: [(&str, &str); 10] = [
    ("WASM_VECTOR_LEN", "L"),
    ("addToExternrefTable0", "X"),
    ("getDataViewMemory0", "V"),
    ("getStringFromWasm0", "S"),
    ("handleError", "H"),
    ("isLikeNone", "N"),
    ("passStringToWasm0", "P"),
    ("ret", "r"),
    ("obj", "o"),
    ("cb0", "c"),
];

/// The whole script: the snippets as objects, then the script of wasm-bindgen, which takes its imports from them. What the
/// module itself imports from a snippet is in the exported table `modules`.
pub(crate) fn whole(glue: &str, snippets: &[File]) -> String {
    let (mut script, mut modules) = (String::new(), Vec::new());
    let mut glue = short(&compact(glue));
    for (number, snippet) in snippets.iter().enumerate() {
        let name = format!("snippet{number}");
        script.push_str(&as_object(&name, &compact(&String::from_utf8_lossy(&snippet.bytes))));
        glue = with_import(&glue, &snippet.name, &name);
        modules.push(format!("\"./{}\":{name}", snippet.name));
    }
    format!("{script}{glue}\nexport const modules={{{}}};", modules.join(","))
}

/// A snippet as an object of what it exports.
fn as_object(name: &str, snippet: &str) -> String {
    let exports = snippet.lines().filter_map(|line| line.strip_prefix("export const ")?.split([' ', '=']).next());
    let exports = exports.collect::<Vec<_>>().join(",");
    format!("const {name}=(()=>{{\n{}\nreturn {{{exports}}};\n}})();\n", snippet.replace("export const ", "const "))
}

/// Replaces the imports from a file by constants from an object.
fn with_import(script: &str, file: &str, object: &str) -> String {
    let of_file = |line: &&str| line.starts_with("import ") && line.contains(file);
    let replaced = |line: &str| {
        let what = line["import ".len()..].split(" from ").next().unwrap_or_default();
        let what = what.strip_prefix("* as ").map_or_else(|| what.replace(" as ", ":"), ToOwned::to_owned);
        format!("const {what}={object};")
    };
    let lines = script.lines().map(|line| Some(line).filter(of_file).map_or_else(|| line.to_owned(), replaced));
    lines.collect::<Vec<_>>().join("\n")
}

/// A script of wasm-bindgen with short names.
fn short(script: &str) -> String {
    let words = script.split_inclusive(|c: char| !is_part_of_name(c));
    let shortened = words.map(|word| {
        let name = word.trim_end_matches(|c| !is_part_of_name(c));
        format!("{}{}", short_name(name), &word[name.len()..])
    });
    let script: String = shortened.collect();
    // Its texts are messages for programmers, which may lose a space, too.
    let spaces = [
        (") {", "){"),
        (", ", ","),
        (" = ", "="),
        (" === ", "==="),
        (" ? ", "?"),
        (" : ", ":"),
        (": function", ":function"),
        (" >>> ", ">>>"),
        (" + ", "+"),
        (" => ", "=>"),
        (" !== ", "!=="),
        (" || ", "||"),
        (" && ", "&&"),
        ("if (", "if("),
        ("; ", ";"),
        ("{ ", "{"),
        (" }", "}"),
    ];
    let script = spaces.into_iter().fold(script, |script, (spaced, bare)| script.replace(spaced, bare));
    let mut lines: Vec<String> = Vec::new();
    for line in script.lines() {
        match lines.last_mut().filter(|_| line == "return r;") {
            Some(last) if last.starts_with("const r=") => last.replace_range(.."const r=".len(), "return "),
            _ => lines.push(line.to_owned()),
        }
    }
    lines.join("\n")
}

fn short_name(name: &str) -> String {
    let numbered = |stem: &str| name.strip_prefix(stem).filter(|rest| rest.parse::<u8>().is_ok());
    if let Some((_, short)) = SHORT.iter().find(|(long, _)| *long == name) {
        return (*short).to_owned();
    }
    for (stem, short) in [("arg", "a"), ("ptr", "p"), ("len", "l")] {
        if let Some(number) = numbered(stem) {
            return format!("{short}{number}");
        }
    }
    name.to_owned()
}

fn is_part_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$'
}

/// A script without comments and indentation. Its comments stand in lines of their own, and none of its texts has a line break.
pub(crate) fn compact(script: &str) -> String {
    let comment = |line: &&str| ["//", "/*", "*"].iter().any(|start| line.starts_with(start));
    let lines = script.lines().map(str::trim).filter(|line| !line.is_empty() && !comment(line));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_keeps_its_code() {
        let script =
            "/**\n * Mounts it.\n */\nexport function start() {\n    // why\n    wasm.start(a * b); // how\n}\n";
        assert_eq!(compact(script), "export function start() {\nwasm.start(a * b); // how\n}");
    }

    #[test]
    fn what_is_imported_comes_from_an_object_in_the_same_script() {
        let name = "snippets/web-1/src/kept.js".to_owned();
        let snippet = File { name, bytes: b"// why\nlet x;\nexport const a = 1;\nexport const b=2;".into() };
        let glue = "import { a, b as c } from './snippets/web-1/src/kept.js';\n\
                    import * as import1 from \"./snippets/web-1/src/kept.js\"\nx['./snippets/web-1/src/kept.js']";
        assert_eq!(
            whole(glue, &[snippet]),
            "const snippet0=(()=>{\nlet x;\nconst a = 1;\nconst b=2;\nreturn {a,b};\n})();\nconst {a,b:c}=snippet0;\n\
             const import1=snippet0;\nx['./snippets/web-1/src/kept.js']\n\
             export const modules={\"./snippets/web-1/src/kept.js\":snippet0};"
        );
    }

    #[test]
    fn names_of_wasm_bindgen_are_short_and_others_stay() {
        let script = "const ret = f(ret);\nreturn ret;";
        assert_eq!(short(script), "return f(r);");
        let script = "f(arg0, arg12) {\nreturn isLikeNone(arg0.target) ? argument : getStringFromWasm0(ptr1, len1);";
        assert_eq!(short(script), "f(a0,a12){\nreturn N(a0.target)?argument:S(p1,l1);");
    }
}
