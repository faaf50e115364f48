//! Parsing takes linear time: a text of twice the length takes twice the time, whatever it contains. The shapes are
//! texts that once took quadratic time, and others that might. A parser that visits everything before each line takes four
//! times as long for twice the length.

use crate::mutations::properties::takes_linear_time;
use std::hint::black_box;
use tandem_markdown::{Document, split_urls};

/// The length of the longer text in bytes, at which quadratic parts dominate.
const LONG: usize = 64 * 1024;

/// Fails if doubling the length takes far more than twice the time.
#[track_caller]
fn holds(text: &dyn Fn(usize) -> String, work: &dyn Fn(&str)) {
    takes_linear_time(&text(LONG / 2), &text(LONG), work);
}

/// Parses a text as one that may still grow, and as a complete one.
fn read(text: &str) {
    let mut document = Document::default();
    document.append(text);
    document.finish();
    black_box(document.chunks().len());
}

/// A start, and as many repetitions of a piece as fit.
fn repeated(start: &'static str, piece: &'static str) -> impl Fn(usize) -> String {
    move |length| format!("{start}{}", piece.repeat((length - start.len()) / piece.len()))
}

/// As many repetitions before the middle as after it.
fn around(before: &'static str, middle: &'static str, after: &'static str) -> impl Fn(usize) -> String {
    move |length| {
        let count = (length - middle.len()) / (before.len() + after.len());
        format!("{}{middle}{}", before.repeat(count), after.repeat(count))
    }
}

/// Lines that depend on their number.
fn numbered(line: fn(usize) -> String) -> impl Fn(usize) -> String {
    move |length| {
        let mut text = String::new();
        let mut number = 0;
        while text.len() < length {
            text.push_str(&line(number));
            number += 1;
        }
        text
    }
}

macro_rules! shapes {
    ($($name:ident: $text:expr;)*) => {
        $(#[test]
        fn $name() {
            holds(&$text, &read);
        })*
    };
}

shapes! {
    lines_under_one_quote_mark: repeated("> quoted\n", "more of it\n");
    lines_under_one_list_mark: repeated("- item\n", "more of it\n");
    lines_under_many_quote_marks: repeated("> > > > > > > > quoted\n", "more of it\n");
    lines_under_many_kinds_of_marks: repeated("- > 1. > * > - > quoted\n", "more of it\n");
    quoted_lines: repeated("", "> quoted\n");
    lines_that_are_quoted_and_not_in_turns: repeated("", "> quoted\nmore of it\n");
    quote_marks_without_end: repeated("", "> ");
    quote_marks_without_end_or_space: repeated("", ">");
    list_marks_without_end: repeated("", "- + ");
    list_marks_without_end_and_words: around("- ", "words", "\nmore");
    numbers_without_end: repeated("", "1. ");
    lists_that_nest_deeper_and_deeper: numbered(|number| format!("{}- item\n", "  ".repeat(number % 60)));
    one_long_list: repeated("", "- item\n\n");
    an_item_with_many_blank_lines: repeated("- item\n", "\n");
    items_of_nothing: repeated("", "-\n");
    one_long_paragraph: repeated("", "some words *and* more\n");
    one_long_line: repeated("", "some words *and* more ");
    tabs_without_end: repeated("", "\t");
    tabs_after_marks: repeated("", "-\ta\n>\tb\n");
    addresses_with_names: numbered(|number| format!("[name {}]: https://example.org\n", 1_000_000 - number));
    a_long_address_with_a_short_name: |length: usize| {
        format!("[a]: https://b.c/{}\n\n{}", "d".repeat(length / 2), "[a] ".repeat(length / 8))
    };
    addresses_with_names_between_words: numbered(|number| format!("words [a{number}]\n\n[a{number}]: https://a.b\n\n"));
    fences_that_open_and_close: repeated("", "```\ncode\n```\n");
    a_fence_that_never_closes: repeated("```\n", "[a]: https://b.c\n");
    indented_code_with_blank_lines: repeated("    code\n", "\n\n    code\n");
    a_table_with_many_columns: |length: usize| {
        let columns = length / 8;
        format!("{}|\n{}|\n{}", "|a".repeat(columns), "|-".repeat(columns), "b\n".repeat(length / 4))
    };
    many_tables: repeated("", "|a|b|\n|-|-|\n|c|\n\n");
    headings_of_tables_without_a_ruler: repeated("", "|a|b|\n|c|d\n");
    underlined_headings: repeated("", "words\n---\n");
    emphasis_that_is_never_closed: repeated("", "*a _b ");
    emphasis_in_emphasis: around("*a ", "b", " a*");
    emphasis_in_emphasis_around_code: around("*`a` ", "b", " `a`*");
    marks_without_end: repeated("", "*a");
    marks_of_both_kinds: repeated("", "*a_ ");
    marks_that_are_strong_and_not: repeated("", "a**b*c");
    marks_that_strike: repeated("", "~a ~~b ");
    a_run_of_marks_around_code: around("*", "`a` b `c`", "*");
    brackets_that_open: repeated("", "[");
    brackets_that_open_and_close: around("[", "a", "]");
    brackets_around_names: |length: usize| format!("{}\n\n[a]: https://b.c", around("[a ", "a", " a]")(length));
    links_in_open_brackets: around("[", "", "[a](https://b.c)");
    images_in_images: around("![a ", "b", "](https://c.d)");
    images_that_may_not_be_followed: around("![`a` ", "b", "](c)");
    links_without_an_end: repeated("", "[a](b");
    links_with_an_address_in_angles: repeated("", "[a](<b");
    links_with_a_title_without_an_end: repeated("", "[a](b (c ");
    links_with_a_quoted_title: repeated("", "[a](b \"c ");
    names_without_an_end: repeated("", "[a][");
    angles_without_an_end: repeated("", "<a");
    angles_with_one_end: |length: usize| format!("{}>", "<".repeat(length));
    characters_without_an_end: repeated("", "&amp");
    characters_by_long_numbers: repeated("", "&#00000000000000000000000000000000065;");
    backticks_of_all_lengths: numbered(|number| format!("{} ", "`".repeat(number % 700 + 1)));
    backticks_after_a_backslash: repeated("", "\\`` ");
    backslashes: repeated("", "\\");
    tags: repeated("", "<b>a</b>");
    spaces: repeated("a", " ");
    line_ends: repeated("", "\n");
}

#[test]
fn colons_and_slashes_in_plain_text() {
    for piece in ["://", "a://", "http://a)", "http://(", "https://a.b ", "http://"] {
        holds(&repeated("", piece), &|text| drop(black_box(split_urls(text))));
    }
    holds(&repeated("http://a", ")"), &|text| drop(black_box(split_urls(text))));
}

/// Streams a reply in pieces of some bytes.
fn streamed(text: &str, piece: usize) {
    let mut document = Document::default();
    // The texts of these tests are ASCII.
    for piece in text.as_bytes().chunks(piece) {
        document.append(std::str::from_utf8(piece).unwrap());
    }
    document.finish();
    black_box(document.chunks().len());
}

macro_rules! streams {
    ($($name:ident: $text:expr;)*) => {
        $(#[test]
        fn $name() {
            holds(&$text, &|text| streamed(text, 256));
        })*
    };
}

streams! {
    a_stream_of_paragraphs: repeated("", "some words *and* more\n\n");
    a_stream_of_one_paragraph: repeated("", "some words *and* more\n");
    a_stream_of_one_quote: repeated("> quoted\n", "more of it\n");
    a_stream_of_one_list: repeated("", "- item\n");
    a_stream_of_one_fence: repeated("```rust\n", "let a = 1;\n");
    a_stream_of_one_table: repeated("|a|b|\n|-|-|\n", "|c|d|\n");
    a_stream_of_names: numbered(|number| format!("[name {}]: https://example.org\n", 1_000_000 - number));
    a_stream_of_line_ends: repeated("", "\n");
    a_stream_of_brackets: repeated("", "[*_");
}
