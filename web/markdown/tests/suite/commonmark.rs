//! The 652 examples of the `CommonMark` specification, compared as HTML.
//!
//! The tree has no relative URLs, no titles of links and no images (an image is a link to it). So that the examples of
//! links are compared all the same, each destination gets a host in front, which is removed from the HTML again; titles
//! are removed from the expected HTML, and its images are links with their description.

use crate::html::html;
use std::collections::BTreeMap;
use tandem_markdown::Document;

const EXAMPLES: &str = include_str!("commonmark-0.31.2.txt");
const FENCE: &str = "````````````````````````````````";
const HOST: &str = "https://h/";

/// The examples that are read differently, by section, each with the reason.
const DIFFERENT: &[(&str, &[usize])] = &[];

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
            (Some(to), Some(alt), _) => out.push_str(&format!("<a href=\"{to}\">{alt}</a>")),
            (_, _, Some(to)) => out.push_str(&format!("<a href=\"{to}\">")),
            _ => out.push_str(tag),
        }
        linked = tag.starts_with("<a ") || (linked && tag != "</a>");
        rest = after;
    }
    out + rest
}

#[test]
fn the_examples_of_the_specification_are_read_as_it_says() {
    let examples = examples();
    assert_eq!(examples.len(), 652);
    let mut found: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut report = String::new();
    for example in &examples {
        // A host where the example has no link could make one, as in `<bar>`.
        let has_link = example.html.contains("<a ") || example.html.contains("<img ");
        let markdown = if has_link { hosted(&example.markdown) } else { example.markdown.clone() };
        let shown = html(Document::from(&*markdown).blocks()).replace(HOST, "");
        let expected = reduced(&example.html);
        if shown != expected {
            found.entry(example.section).or_default().push(example.number);
            report += &format!(
                "{} {}\n{}--- expected\n{expected}--- is\n{shown}\n",
                example.number, example.section, example.markdown
            );
        }
    }
    if let Ok(p) = std::env::var("MD_REPORT") {
        std::fs::write(p, &report).unwrap();
    }
    let count: usize = found.values().map(Vec::len).sum();
    println!("{} of 652 conform", 652 - count);
    let listed: BTreeMap<_, _> = DIFFERENT.iter().map(|(section, numbers)| (*section, numbers.to_vec())).collect();
    assert_eq!(found, listed);
}
