//! The 652 examples of the `CommonMark` specification, compared as HTML.
//!
//! The tree has no relative URLs, no titles of links and no images (an image is a link to it). So that the examples of
//! links are compared all the same, each destination gets a host in front, which is removed from the HTML again; titles
//! are removed from the expected HTML, and its images are links with their description.

use crate::html::html;
use std::collections::BTreeSet;
use tandem_markdown::Document;

const EXAMPLES: &str = include_str!("commonmark-0.31.2.txt");
const FENCE: &str = "````````````````````````````````";
const HOST: &str = "https://h/";

/// The examples that are read as the specification says. The others are in [`DIFFERENT`].
const CONFORMING: usize = 567;

const FORMULAS: &str = "escaped brackets are those of a formula in TeX, as models write them";
const HTML: &str = "HTML is text, because the text may come from anybody, so what is in it is read as Markdown";
const ENTITIES: &str =
    "only the names of entities that HTML 4 has are known; all 2,231 would weigh more than the reader";
const SCHEMES: &str = "only http, https and mailto may be followed";
const WHITE_SPACE: &str =
    "a URL with white space is not linked; browsers would skip some of it when they read the scheme";
const CASES: &str =
    "names of references are compared without regard to case in ASCII only; the tables of Unicode weigh too much";

/// The examples that are read differently, by section and reason.
const DIFFERENT: &[(&str, &str, &[usize])] = &[
    ("Backslash escapes", FORMULAS, &[12]),
    ("Backslash escapes", HTML, &[21]),
    ("Entity and numeric character references", HTML, &[31]),
    ("Entity and numeric character references", ENTITIES, &[25]),
    (
        "HTML blocks",
        HTML,
        &[
            148, 149, 150, 151, 152, 153, 154, 155, 156, 157, 158, 159, 160, 161, 162, 163, 164, 165, 166, 167, 168,
            169, 170, 171, 172, 173, 174, 175, 176, 177, 178, 179, 180, 181, 182, 183, 184, 185, 186, 187, 188, 189,
            190, 191,
        ],
    ),
    ("Link reference definitions", HTML, &[201]),
    ("Link reference definitions", WHITE_SPACE, &[195]),
    ("Link reference definitions", CASES, &[206]),
    ("Lists", HTML, &[308, 309]),
    ("Code spans", HTML, &[344]),
    ("Emphasis and strong emphasis", HTML, &[475, 476, 477]),
    ("Links", HTML, &[491, 494, 524, 536]),
    ("Links", WHITE_SPACE, &[489, 507]),
    ("Links", CASES, &[540]),
    ("Images", "an image without a description is a link whose text is the URL", &[581]),
    ("Autolinks", SCHEMES, &[596, 598, 599, 601]),
    ("Raw HTML", HTML, &[613, 614, 615, 616, 617, 623, 625, 626, 627, 628, 629, 630, 631, 632]),
    ("Hard line breaks", HTML, &[642, 643]),
];

pub(crate) struct Example {
    number: usize,
    section: &'static str,
    pub(crate) markdown: String,
    html: String,
}

pub(crate) fn examples() -> Vec<Example> {
    let mut examples = Vec::new();
    let mut section = "";
    let mut lines = EXAMPLES.lines();
    while let Some(line) = lines.next() {
        if let Some(heading) = line.strip_prefix("## ") {
            section = heading;
        } else if line.starts_with(FENCE) {
            let part = |lines: &mut std::str::Lines<'_>, end: &str| -> String {
                lines
                    .take_while(|line| *line != end)
                    .flat_map(|line| [line, "\n"])
                    .collect::<String>()
                    .replace('→', "\t")
            };
            let (markdown, html) = (part(&mut lines, "."), part(&mut lines, FENCE));
            examples.push(Example { number: examples.len() + 1, section, markdown, html });
        }
    }
    examples
}

/// The text with a host in front of each destination of a link, image or reference.
fn hosted(markdown: &str) -> String {
    let mut out = String::new();
    let mut rest = markdown;
    while let Some(at) = rest.find("](").into_iter().chain(rest.find("]:")).min() {
        let (before, after) = rest.split_at(at + 2);
        let start = after.trim_start();
        let space = &after[..after.len() - start.len()];
        let angle = if start.starts_with('<') { "<" } else { "" };
        out.extend([before, space, angle]);
        // Neither the next paragraph nor the end of the text is a destination.
        if space.matches('\n').count() < 2 && !start.is_empty() {
            out.push_str(HOST);
        }
        rest = &start[angle.len()..];
    }
    out + rest
}

/// The expected HTML without what the tree does not have.
fn reduced(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    let mut linked = false;
    while let Some(at) = rest.find("<img ").into_iter().chain(rest.find("<a ")).chain(rest.find("</a>")).min() {
        let (before, tag) = rest.split_at(at);
        let (tag, after) = tag.split_at(tag.find('>').map_or(tag.len(), |end| end + 1));
        let attribute = |name: &str| tag.split_once(name).and_then(|(_, value)| value.split('"').next());
        out.push_str(before);
        match (attribute(" src=\""), attribute(" alt=\""), attribute(" href=\"")) {
            // A link contains no other one.
            (Some(_), Some(alt), _) if linked => out.push_str(alt),
            (Some(to), Some(alt), _) => out.extend(["<a href=\"", to, "\">", alt, "</a>"]),
            (_, _, Some(to)) => out.extend(["<a href=\"", to, "\">"]),
            _ => out.push_str(tag),
        }
        linked = tag.starts_with("<a ") || (linked && tag != "</a>");
        rest = after;
    }
    out + rest
}

#[test]
fn the_examples_of_the_specification_are_read_as_it_says() {
    let (mut found, mut report) = (BTreeSet::new(), String::new());
    for Example { number, section, markdown, html: expected } in examples() {
        // A host where the example has no link could make one, as in `<bar>`.
        let has_link = expected.contains("<a ") || expected.contains("<img ");
        let markdown = if has_link { hosted(&markdown) } else { markdown };
        let shown = html(Document::from(&*markdown).blocks()).replace(HOST, "");
        let expected = reduced(&expected);
        if shown != expected {
            found.insert((section, number));
            if !DIFFERENT.iter().any(|(_, _, numbers)| numbers.contains(&number)) {
                let parts = [section, "\n", &markdown, "--- should be\n", &expected, "--- but is\n", &shown, "\n"];
                report.extend(parts);
            }
        }
    }
    let listed = DIFFERENT.iter().flat_map(|(section, _, numbers)| numbers.iter().map(|number| (*section, *number)));
    assert_eq!(found, listed.collect(), "left: read differently; right: listed\n{report}");
    assert_eq!(examples().len() - found.len(), CONFORMING);
}

#[test]
fn the_specification_has_652_examples() {
    assert_eq!(examples().len(), 652);
}
