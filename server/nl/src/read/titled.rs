//! The title of a new task without the words that lead into it: "to", "about", "that I have to", "not to forget".

use crate::grammar::{Clause, is_task_verb};
use crate::text::Text;
use tandem_protocol::rest::NewTask;

/// Without the small words that lead into a task's title: "to", "about", "that I have to".
pub(super) fn without_opening(mut body: Clause<'_>) -> Clause<'_> {
    const OPENINGS: &str = "to|that i have to|that i need to|i have to|i need to|i should|i must|about|of|that i have|that|\
        not to forget to|not to forget|not forget to|to not forget to|to not forget|not to forget about|\
        i have a|i have an|i have|one more thing|another thing|please|me to|for me to|for myself to|:|,|so i don't forget to";
    // They stand in a row ("about that I have to"), and something has to be left for the title.
    while let Some(words) = body.longest_start(OPENINGS).filter(|words| body.from + words < body.to) {
        body.from += words;
    }
    body
}

/// "when I get home to feed the dog", "after work to call Jo": the title first. What can't be waited for stays in it.
pub(super) fn turned(body: &Clause<'_>) -> Option<Text> {
    const OPENINGS: &str = "when|whenever|after|before|once|as soon as|if|while|until|unless|asap|soon|later|sometime|at some point|one day";
    let opening = body.longest_start(OPENINGS)?;
    let n = body.tokens().len();
    let at = (opening..n.saturating_sub(1)).find(|&at| body.word(at) == "to" && is_task_verb(body.word(at + 1)))?;
    let mut words = body.part(0, at).source().chars();
    let first = words.next()?.to_lowercase();
    Some(Text::new(&format!("{} {first}{}", body.part(at + 1, n).source(), words.as_str())))
}

pub(super) fn task(found: NewTask, list: Option<&String>) -> NewTask {
    NewTask { title: tidy(&found.title), list: found.list.or_else(|| list.cloned()), ..found }
}

/// Without what is left of an opening once the date is out: "to call Ann" of "tomorrow to call Ann".
fn tidy(title: &str) -> String {
    const LEFT: &str = "to |that i have to |i have to |i need to |i should |i must |that |about |of |for me to |for my |for the |\
        for a |for |on my |me to |me |and |is |: |, |set for ";
    let mut rest = title.trim();
    while let Some(cut) =
        LEFT.split('|').find(|left| rest.get(..left.len()).is_some_and(|start| start.eq_ignore_ascii_case(left)))
    {
        rest = rest[cut.len()..].trim_start();
    }
    let several_words = rest.trim().contains(' ');
    let rest = rest.strip_suffix(" reminder").filter(|rest| several_words && rest.contains(' ')).unwrap_or(rest);
    let rest = ["as well", "too", "also"]
        .iter()
        .find_map(|end| rest.strip_suffix(end).filter(|r| r.ends_with(' ')))
        .unwrap_or(rest)
        .trim();
    let bare = matches!(
        rest.to_lowercase().as_str(),
        "to" | "for" | "me" | "about" | "on" | "at" | "that" | "it" | "this" | "of" | "or" | "again" | "a" | "the" | ""
    );
    if bare { String::new() } else { crate::title::finish(rest) }
}
