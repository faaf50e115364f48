//! The words of a phrase that its tasks do not account for: "the milk for the passport" when a task is called "Milk".
//!
//! A ranking finds the best title, not whether it is the one that was meant: half of a phrase is enough to be ahead of all
//! others. The other half may name another task, a condition ("if it rains") or a person. So each word has to be one of
//! these: a word of the title or of the task's list and labels, part of a date that the task is due, or filler.

use std::sync::LazyLock;

use crate::dates::{Draft, phrase as date_phrase};
use crate::grammar::{Clause, is_task_noun, is_task_verb};
use crate::text::{Kind, STOP_WORDS, WordSet, content_stems, words};
use tandem_protocol::TaskId;
use tandem_protocol::model::Task;

use super::{ReadContext, within};
use crate::DueRange;
use crate::period_filter::due_filter;

/// Words that add nothing to a reference, besides the stop words.
static FILLER: LazyLock<WordSet> = LazyLock::new(|| {
    words(
        "appointment appointments event events alarm alarms entry thing things stuff note notes also too again already \
         just now all both set due scheduled planned upcoming old current whole there here mine one ones s his her their \
         we us he she they them kindly ok okay thanks thank errand chore saying labeled titled existing next daily weekly \
         monthly yearly recurring repeating regular everything every each list forever permanently completely entirely \
         altogether anything anymore",
    )
});
/// Stop words that are no filler: they negate, join or restrict.
const NO_FILLER: &[&str] = &["or", "do", "doing"];
/// Verbs that do not stand for "do" before the name of a thing: "I moved the report" is not "I did the report".
const NOT_DOING: &[&str] =
    &["cancel", "change", "move", "drop", "start", "plan", "need", "schedule", "lost", "stop", "open"];

/// The words that neither the tasks nor the closed lists account for, from the first to the last, as they were written.
pub(super) fn left_over(phrase: &Clause<'_>, ids: &[TaskId], cx: &ReadContext<'_>) -> Option<String> {
    let known = Known::of(ids, cx);
    let tokens = phrase.tokens();
    let dated = dates_of(phrase, &known);
    let accounted = |at: usize| {
        let token = &tokens[at];
        match token.kind {
            Kind::Mark => !token.is("#"),
            Kind::Quoted => known.quoted(phrase.part(at, at + 1).source()),
            _ => {
                let word = &token.word;
                // "the event called Party", but "I called Ann".
                let for_good = word == "good" && at > 0 && tokens[at - 1].is("for");
                let filler = for_good || (is_filler(word) && !(at == 0 && word == "called"));
                dated.contains(&at) || filler || known.names(word) || (at == 0 && known.done(word))
            }
        }
    };
    let unknown: Vec<usize> = (0..tokens.len()).filter(|at| !accounted(*at)).collect();
    let (first, last) = (*unknown.first()?, *unknown.last()?);
    // The small words before belong to what was not understood: "for the passport".
    let first = (0..first).rev().take_while(|&at| tokens[at].is_in(&STOP_WORDS)).last().unwrap_or(first);
    Some(phrase.part(first, last + 1).source().to_owned())
}

/// Those of some words that none of the tasks accounts for.
pub(super) fn unknown(words: &[&str], ids: &[TaskId], cx: &ReadContext<'_>) -> Option<String> {
    let known = Known::of(ids, cx);
    let left: Vec<&str> = words.iter().copied().filter(|word| !is_filler(word) && !known.names(word)).collect();
    (!left.is_empty()).then(|| left.join(" "))
}

fn is_filler(word: &str) -> bool {
    word == "'s"
        || is_task_noun(word)
        || FILLER.contains(word)
        || (STOP_WORDS.contains(word) && !NO_FILLER.contains(&word))
}

/// The places of the phrase that name a date of the tasks, also before a noun ("the Monday meeting"), where a date of a new
/// task would not be looked for.
fn dates_of(phrase: &Clause<'_>, known: &Known<'_>) -> Vec<usize> {
    let input = known.cx.dates_in(phrase);
    let range = due_filter(phrase, known.cx.context.now);
    let mut places = Vec::new();
    let mut at = 0;
    while at < input.tokens.len() {
        match date_phrase(&input, at) {
            Some(read) if known.due_then(&read.draft, range.as_ref()) => {
                places.extend(at..read.end);
                at = read.end;
            }
            _ => at += 1,
        }
    }
    places
}

/// What the tasks of a reference account for.
struct Known<'a> {
    tasks: Vec<&'a Task>,
    /// Their places among the titles.
    titles: Vec<usize>,
    cx: &'a ReadContext<'a>,
}

impl<'a> Known<'a> {
    fn of(ids: &[TaskId], cx: &'a ReadContext<'a>) -> Self {
        let meant = cx.context.tasks.iter().copied().enumerate().filter(|(_, task)| ids.contains(&task.id));
        let (titles, tasks) = meant.unzip();
        Self { tasks, titles, cx }
    }

    fn quoted(&self, text: &str) -> bool {
        let inner = text.trim_matches(['"', '\'']).to_lowercase();
        self.tasks.iter().any(|task| task.title.to_lowercase().contains(&inner))
    }

    /// Whether a word is one of a task's: of its title, list, labels or priority, perhaps misspelt.
    fn names(&self, word: &str) -> bool {
        let has = |text: &str| text.to_lowercase().split(|c: char| !c.is_alphanumeric()).any(|part| part == word);
        let own = |task: &&Task| {
            has(&task.title)
                || task.list.as_deref().is_some_and(has)
                || task.labels.iter().any(|label| has(label))
                || task.priority.to_string() == word
        };
        self.tasks.iter().any(own)
            || content_stems(word).iter().any(|stem| self.cx.titles.have_like(self.cx.context, &self.titles, stem))
    }

    /// "bought" in "I bought the milk" of a task that is only called "Milk".
    fn done(&self, word: &str) -> bool {
        let stems = content_stems(word);
        let verb = stems.first().is_some_and(|stem| is_task_verb(stem) && !NOT_DOING.contains(&stem.as_str()));
        let begins =
            |task: &&Task| task.title.split(' ').next().is_some_and(|first| is_task_verb(&first.to_lowercase()));
        verb && !self.tasks.iter().any(begins)
    }

    /// Whether a date is one that a task is due, or the period that it is due in.
    fn due_then(&self, draft: &Draft, range: Option<&DueRange>) -> bool {
        let resolved = draft.resolve(self.cx.context.now.datetime());
        let Some(want) = resolved.and_then(|resolved| resolved.due) else { return false };
        self.tasks.iter().any(|task| {
            if draft.repeats() {
                return task.recurrence.is_some();
            }
            let Some(due) = &task.due else { return false };
            let same_time = !draft.names_time() || want.time.is_none() || due.time.is_none() || want.time == due.time;
            let same_day =
                !draft.names_day() || want.date == due.date || (range.is_some() && within(task, range, self.cx));
            same_day && same_time
        })
    }
}
