//! Syntax highlighting: comments, strings, numbers and keywords, by a few rules per language.
//!
//! It does not parse. It knows how a language writes comments and strings, and its keywords. That is enough for
//! reading, and takes a few kilobytes instead of hundreds.

/// The kind of a piece of code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// Everything that is not coloured: names, operators, white space.
    Plain,
    /// A keyword, or the key of a map.
    Keyword,
    /// A string, with its quotes.
    String,
    Number,
    /// An added line of a diff, with its line end.
    Added,
    /// A removed line of a diff, with its line end.
    Removed,
    /// A comment, with the characters that start and end it.
    Comment,
}

/// The rules of a language.
struct Language {
    line_comments: &'static [&'static str],
    block_comment: Option<(&'static str, &'static str)>,
    quotes: &'static str,
    words: &'static str,
    /// Whether a string or word before a colon is a key.
    keyed: bool,
}

const C_LIKE: Language = Language {
    line_comments: &["//"],
    block_comment: Some(("/*", "*/")),
    quotes: "\"'`",
    words: "as async await break case catch class const continue default do else enum export extends false finally for \
            from func function go goto if impl implements import in instanceof int interface let loop map match mod mut \
            new nil null of package private protected pub public range return self static string struct super switch \
            this throw trait true try type typeof undefined unsafe use using val var void where while yield bool char \
            double float fn defer chan select final abstract override fun when object dyn crate move ref",
    keyed: false,
};
// A single quote in Rust is as often a lifetime as a character, so it starts no string.
const RUST: Language = Language { quotes: "\"", ..C_LIKE };
const PYTHON: Language = Language {
    line_comments: &["#"],
    block_comment: None,
    quotes: "\"'",
    words: "and as assert async await break class continue def del elif else except False finally for from global if \
            import in is lambda None nonlocal not or pass raise return True try while with yield self match case end \
            module require unless then do begin rescue puts nil true false",
    keyed: false,
};
const SHELL: Language = Language {
    line_comments: &["#"],
    block_comment: None,
    quotes: "\"'",
    words: "if then else elif fi for while do done case esac in function return export local set unset cd echo exit sudo \
            apt cargo git docker npm pip curl grep sed awk rm cp mv mkdir ls cat chmod ssh rsync diff",
    keyed: false,
};
const SQL: Language = Language {
    line_comments: &["--"],
    block_comment: Some(("/*", "*/")),
    quotes: "\"'",
    words: "select from where and or not in is null insert into values update set delete create table index view drop \
            alter add column primary key foreign references unique default join left right inner outer full on group by \
            order having limit offset union all distinct as case when then else end exists between like with returning \
            begin commit rollback asc desc",
    keyed: false,
};
const DATA: Language = Language {
    line_comments: &["#", "//"],
    block_comment: None,
    quotes: "\"'",
    words: "true false null yes no on off",
    keyed: true,
};
const MARKUP: Language =
    Language { line_comments: &[], block_comment: Some(("<!--", "-->")), quotes: "\"", words: "", keyed: false };
const STYLE: Language =
    Language { line_comments: &[], block_comment: Some(("/*", "*/")), quotes: "\"'", words: "", keyed: false };

fn language(name: &str) -> Option<&'static Language> {
    Some(match name.to_ascii_lowercase().as_str() {
        "rust" | "rs" => &RUST,
        "js" | "javascript" | "jsx" | "ts" | "typescript" | "tsx" | "java" | "kotlin" | "kt" | "go" | "golang"
        | "c" | "h" | "cpp" | "c++" | "cs" | "csharp" | "swift" | "php" | "scala" | "dart" | "zig" => &C_LIKE,
        "python" | "py" | "ruby" | "rb" => &PYTHON,
        "bash" | "sh" | "shell" | "zsh" | "console" | "fish" | "dockerfile" | "make" | "makefile" => &SHELL,
        "sql" | "postgres" | "postgresql" | "sqlite" | "mysql" => &SQL,
        "json" | "jsonc" | "json5" | "yaml" | "yml" | "toml" | "ini" => &DATA,
        "html" | "xml" | "svg" | "vue" => &MARKUP,
        "css" | "scss" | "less" => &STYLE,
        _ => return None,
    })
}

/// The highlighted bytes of a block. Each coloured piece is an element, ten times as expensive as its text: 230 KB of
/// code took seconds to show.
const MAX_COLOURED: usize = 32 * 1024;

/// Splits code into coloured pieces, which joined are the code. `name` is the language of a
/// [`Block::Code`](crate::Block::Code). Code in an unknown language is one plain piece, and so is what follows the first
/// 32 KiB.
pub fn highlight<'a>(name: &str, code: &'a str) -> Vec<(Token, &'a str)> {
    if name.eq_ignore_ascii_case("diff") || name.eq_ignore_ascii_case("patch") {
        return diff(code);
    }
    let Some(language) = language(name) else { return vec![(Token::Plain, code)] };
    // Cut at a line end, so that no token is split.
    if code.len() <= MAX_COLOURED {
        return coloured(language, code);
    }
    let end = code.as_bytes()[..MAX_COLOURED].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let mut stretches = coloured(language, &code[..end]);
    stretches.push((Token::Plain, &code[end..]));
    stretches
}

/// The lines of a diff; neighbours of one kind are one piece.
fn diff(code: &str) -> Vec<(Token, &str)> {
    let mut pieces: Vec<(Token, &str)> = Vec::new();
    let mut from = 0;
    let mut at = 0;
    for line in code.split_inclusive('\n') {
        let token = match line.as_bytes() {
            [b'+', ..] => Token::Added,
            [b'-', ..] => Token::Removed,
            [b'@', b'@', ..] => Token::Comment,
            _ => Token::Plain,
        };
        // As with other languages, what is very long is coloured at its beginning.
        let token = if at < MAX_COLOURED { token } else { Token::Plain };
        match pieces.last() {
            Some((last, _)) if *last == token => {
                pieces.pop();
            }
            _ => from = at,
        }
        at += line.len();
        pieces.push((token, &code[from..at]));
    }
    pieces
}

fn coloured<'a>(language: &Language, code: &'a str) -> Vec<(Token, &'a str)> {
    let mut stretches: Vec<(Token, &str)> = Vec::new();
    let (mut at, mut plain_from) = (0, 0);
    let mut before = ' ';
    while let Some(next) = code[at..].chars().next() {
        let (token, length) = token(language, &code[at..], before).unwrap_or((Token::Plain, 0));
        if length == 0 {
            before = next;
            at += next.len_utf8();
            continue;
        }
        let end = at + length;
        if token != Token::Plain {
            // Plain code between two tokens is one piece.
            if plain_from < at {
                stretches.push((Token::Plain, &code[plain_from..at]));
            }
            stretches.push((token, &code[at..end]));
            plain_from = end;
        }
        before = code[at..end].chars().next_back().unwrap_or(' ');
        at = end;
    }
    if plain_from < code.len() {
        stretches.push((Token::Plain, &code[plain_from..]));
    }
    stretches
}

/// The token at the start of `rest` and its length; `before` is the character in front of it.
fn token(language: &Language, rest: &str, before: char) -> Option<(Token, usize)> {
    let first = rest.chars().next()?;
    // `#` starts a comment only at the start of a word: not in `$#` or in a URL.
    let fresh = before.is_whitespace() || !language.line_comments.contains(&"#");
    if fresh && language.line_comments.iter().any(|mark| rest.starts_with(mark)) {
        return Some((Token::Comment, rest.find('\n').unwrap_or(rest.len())));
    }
    if let Some((open, close)) = language.block_comment
        && rest.starts_with(open)
    {
        let end = rest[open.len()..].find(close).map_or(rest.len(), |at| open.len() + at + close.len());
        return Some((Token::Comment, end));
    }
    if language.quotes.contains(first) {
        let length = string_length(rest, first);
        let is_key = language.keyed && rest[length..].trim_start().starts_with(':');
        return Some((if is_key { Token::Keyword } else { Token::String }, length));
    }
    if first.is_ascii_digit() {
        let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '_')).unwrap_or(rest.len());
        return Some((Token::Number, length));
    }
    if first.is_alphabetic() || first == '_' {
        let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let token = if is_kept(language, &rest[..length], &rest[length..]) { Token::Keyword } else { Token::Plain };
        return Some((token, length));
    }
    None
}

fn is_kept(language: &Language, word: &str, after: &str) -> bool {
    // SQL keywords are case-insensitive.
    let is_sql = language.line_comments.contains(&"--");
    language.words.split_ascii_whitespace().any(|kept| kept == word || (is_sql && kept.eq_ignore_ascii_case(word)))
        || (language.keyed && after.trim_start_matches(' ').starts_with([':', '=']))
}

/// The length of a string with its quotes. Without a closing quote the string ends with the line, because a single
/// quote is often an apostrophe.
fn string_length(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + quote.len_utf8(),
            '\n' if quote != '`' => return at,
            _ => {}
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::{
        Token::{Comment, Keyword, Number, Plain},
        *,
    };
    use proptest::prelude::*;

    fn colours<'a>(language: &str, code: &'a str) -> Vec<(Token, &'a str)> {
        highlight(language, code).into_iter().filter(|(token, _)| *token != Plain).collect()
    }

    #[test]
    fn each_kind_of_language_has_its_colours() {
        assert_eq!(
            colours("rust", "let a: &'a str = \"x\"; // 1\n"),
            [(Keyword, "let"), (Token::String, "\"x\""), (Comment, "// 1")]
        );
        assert_eq!(
            colours("python", "def f(): return 'a\\'b' # c"),
            [(Keyword, "def"), (Keyword, "return"), (Token::String, "'a\\'b'"), (Comment, "# c")]
        );
        assert_eq!(colours("bash", "echo $# \"a\" #b"), [(Keyword, "echo"), (Token::String, "\"a\""), (Comment, "#b")]);
        assert_eq!(
            colours("json", "{\"a\": \"b\", \"c\": 1.5}"),
            [(Keyword, "\"a\""), (Token::String, "\"b\""), (Keyword, "\"c\""), (Number, "1.5")]
        );
        assert_eq!(colours("sql", "SELECT a -- b"), [(Keyword, "SELECT"), (Comment, "-- b")]);
    }

    #[test]
    fn the_lines_of_a_diff_have_their_colours() {
        assert_eq!(
            highlight("diff", "@@ 1 @@\n a\n-b\n-c\n+d\n"),
            [(Comment, "@@ 1 @@\n"), (Plain, " a\n"), (Token::Removed, "-b\n-c\n"), (Token::Added, "+d\n")]
        );
    }

    #[test]
    fn very_long_code_is_coloured_at_its_beginning() {
        let code = "let a = 1;\n".repeat(20_000);
        let stretches = highlight("rust", &code);
        assert!(stretches.len() < MAX_COLOURED / 2, "{} stretches", stretches.len());
        assert_eq!(stretches[0], (Keyword, "let"));
        assert_eq!(stretches.iter().map(|(_, stretch)| *stretch).collect::<String>(), code);
    }

    #[test]
    fn an_unknown_language_is_left_plain() {
        assert_eq!(highlight("klingon", "let a"), [(Plain, "let a")]);
        assert_eq!(highlight("", "let a"), [(Plain, "let a")]);
    }

    proptest! {
        #[test]
        fn nothing_of_the_code_is_lost(
            name in prop::sample::select(vec!["rust", "js", "python", "sh", "sql", "json", "html", "css", "diff"]),
            code in "[\"'`#/*<!\\->\\\\\na-z0-9é _:=]{0,60}"
        ) {
            let whole: String = highlight(name, &code).into_iter().map(|(_, stretch)| stretch).collect();
            prop_assert_eq!(whole, code);
        }
    }
}
