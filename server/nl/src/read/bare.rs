//! Notes: "dentist tomorrow at 3", "milk and eggs". What a task is called, perhaps with its date, and no word of a request.
//!
//! A note is often meant as a task, but nothing says so, and a short remark looks the same. So a note is proposed with the
//! date that was understood, and only the user's "yes" adds it.

use crate::dates::{DateInput, find_all, whole};
use crate::grammar::{Clause, is_command, is_task_verb};
use crate::mood::Mood;
use crate::reference::{ReadContext, names_one, pointer};
use crate::text::{Kind, Text, listed};
use crate::work;
use tandem_protocol::rest::NewTask;

use super::Outcome;
use super::days::{self, Days};
use super::either::Either;
use super::several::divide;
use super::shared::several;
use super::titled::task;

/// Most words of a note with a date, and of one without.
const LONGEST: usize = 16;
const LONGEST_UNDATED: usize = 5;
/// First words of sentences that are no notes.
const SENTENCES: &str = "i i'm i've i'll i'd im ive you you're he she it it's its we we're they there there's this that that's these those who whose \
     what what's which when where why how is are am was were be been do does did have has had can could will would shall should \
     may might must if because but so or and as than then not no nope never yes yeah yep maybe perhaps oh ah um hmm wow lol \
     ok okay sure thanks sorry please let let's hi hey hello bye tell say said ask know think guess wonder show find look search play \
     open start stop turn set give get go come wake ping wait undo redo help done all both none nothing everything something anything only just yesterday";
/// Words that no name of a task has.
const NO_NAME: &str = "i i'm i've i'll you you're he she they we is are was were isn't aren't don't doesn't didn't can't won't wasn't did does \
     will would should could might weather forecast temperature traffic news joke jokes because if whether why what who how not \
     got me off nobody someone has had went said later earlier sooner";
/// Words of sentences, which a note without a date does not have.
const NO_NOTE: &str = "the a an to as with on in at from by into my your our his her their this that done with haha lol oops sorry wrong kidding \
     thing things stuff task tasks list later again";
/// What was done is no task: "bought milk tomorrow".
const ACTS: &str = "wrong bought paid called sent made got did went took gave saw finished missed forgot deleted";

/// Proposes what reads like a note.
pub(super) fn read(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let whole = Clause { from: clause.start, ..*clause };
    if clause.request || clause.duty || whole.has(&["?"]) || clause.mood != Mood::Command {
        return None;
    }
    Some(match note(clause, cx)? {
        Note::Tasks(tasks) => Outcome::Propose(tasks),
        Note::Either(either) => Outcome::AskEither(either),
    })
}

/// The meaning of a note.
enum Note {
    Tasks(Vec<NewTask>),
    Either(Either),
}

/// The tasks of a note.
pub(super) fn tasks(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Vec<NewTask>> {
    match note(clause, cx)? {
        Note::Tasks(tasks) => Some(tasks),
        Note::Either(_) => None,
    }
}

fn note(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Note> {
    if let Some(text) = statement(clause, cx) {
        return work::deeper(|| note(&Clause::new(&text, 0, text.len()), cx));
    }
    let tokens = clause.tokens();
    let first = clause.word(0);
    let said = tokens.iter().any(|token| listed(NO_NAME, &token.word) || token.is("?"));
    let act = listed(ACTS, first) || (first.ends_with("ed") && first.len() > 4);
    if tokens.len() > LONGEST || listed(SENTENCES, first) || is_command(first) || said || act {
        return None;
    }
    let input = cx.dates_in(clause);
    let dated = find_all(&input).iter().any(|mention| !mention.draft.is_past());
    let whole = || vec![task(cx.new_task(clause), None)];
    let tasks = match days::read(clause, cx) {
        Some(Days::Tasks(tasks)) => tasks,
        Some(Days::Either(either)) => return Some(Note::Either(either)),
        Some(_) => return None,
        None => {
            let tasks = several(&divide(*clause, true, true, cx), None, cx);
            if tasks.len() < 2 { whole() } else { tasks }
        }
    };
    let named = tasks.iter().all(|task| is_name(&task.title));
    if tasks.is_empty() || !named {
        return None;
    }
    let plain = tokens.len() <= LONGEST_UNDATED
        && tokens.iter().all(|token| token.kind != Kind::Mark || token.is_any(&[",", "&", "-"]))
        && tokens.iter().any(|token| token.kind == Kind::Word && token.word.len() > 2)
        && !tokens.iter().any(|token| listed(NO_NOTE, &token.word))
        && (tokens.len() <= 3 || clause.has(&["and", "&", ","]))
        && !names_one(clause, cx);
    ((dated || plain) && !is_a_number(&input)).then_some(Note::Tasks(tasks))
}

/// "the party is on Friday at 8" as the note "party Friday at 8".
fn statement(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Text> {
    let n = clause.tokens().len();
    let from = usize::from(listed("the my our", clause.word(0)));
    let at = (from + 1..n).find(|&at| matches!(clause.word(at), "is" | "are" | "'s"))?;
    let date = clause.part(at + 1, n);
    let dated = whole(&cx.dates_in(&date)).is_some_and(|draft| !draft.is_past());
    let subject = clause.part(from, at);
    // A task that is called so has a date of its own.
    let names = !listed(NO_SUBJECT, clause.word(at - 1)) && at - from <= MOST_SUBJECT && !names_one(&subject, cx);
    (dated && names).then(|| Text::new(&format!("{} {}", subject.source(), date.source())))
}

/// Subjects of statements about a date that are no name of a task.
const NO_SUBJECT: &str =
    "deadline date day time due priority today tomorrow it that this task reminder tasks reminders";
/// Most words of a subject.
const MOST_SUBJECT: usize = 4;

/// Whether words may be the name of a task.
fn is_name(title: &str) -> bool {
    let verb = |word: &str| word.len() > 5 && word.ends_with("ed");
    let mut words = title.split(' ');
    title.chars().any(char::is_alphabetic)
        && words.clone().count() <= 7
        && !words.clone().any(verb)
        && !points(title)
        && !words.next().map(str::to_lowercase).is_some_and(|word| is_command(&word) && !is_task_verb(&word))
}

/// "the first one on friday" is about a task of a list.
fn points(title: &str) -> bool {
    let text = Text::new(title);
    pointer(&Clause::new(&text, 0, text.len())).is_some()
}

/// "2 to friday" is about a task of a list.
fn is_a_number(input: &DateInput<'_>) -> bool {
    input.tokens.first().is_some_and(|token| token.kind == Kind::Number)
}
