//! One message, several clauses: "finish the report and mark milk done".
//!
//! "and" joins two commands, two tasks, or two words of one title, and only the words after it can decide. A message is cut
//! where a new command begins; after a verb whose object is free text ("remind me to …") the second command has to be
//! explicit.
//!
//! Polite words and marks at the edges of a clause are removed, so that patterns need not know them.

use crate::mood::{Mood, Unreal, mood};
use crate::text::{Kind, Text, Token, listed};
use crate::work;

use super::verbs::is_command;

/// A part of a text with one intent, without polite words.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clause<'a> {
    pub(crate) text: &'a Text,
    /// Where it begins with the words that were removed.
    pub(crate) start: usize,
    pub(crate) from: usize,
    pub(crate) to: usize,
    /// Whether it was a duty of the user ("I need to …"), not a command.
    pub(crate) duty: bool,
    /// Whether it was a request to the assistant ("can you …").
    pub(crate) request: bool,
    /// Whether thanks were among the words that were removed.
    pub(crate) thanks: bool,
    /// What it may lead to, by the words that were removed too.
    pub(crate) mood: Mood,
}

impl<'a> Clause<'a> {
    /// A stretch of the text without the polite words and marks at its edges.
    pub(crate) fn new(text: &'a Text, from: usize, to: usize) -> Self {
        let mood = mood(&text.tokens[from..to]);
        Self { mood, ..Self::trimmed(text, from, to) }
    }

    /// The same without its mood, which takes longer.
    fn trimmed(text: &'a Text, from: usize, to: usize) -> Self {
        let mood = Mood::Unreal(Unreal::Stated);
        work::spend(TRIM_COST);
        let mut clause = Self { text, start: from, from, to, duty: false, request: false, thanks: false, mood };
        for _ in 0..MAX_TRIMS {
            if !clause.trim_end() && !clause.trim_start() {
                break;
            }
        }
        clause
    }

    pub(crate) fn tokens(&self) -> &'a [Token] {
        &self.text.tokens[self.from..self.to]
    }

    /// The lower-case word at a place of the clause.
    pub(crate) fn word(&self, at: usize) -> &'a str {
        self.tokens().get(at).map_or("", |token| token.word.as_str())
    }

    /// A stretch of the clause, in places of the clause.
    pub(crate) fn part(&self, from: usize, to: usize) -> Self {
        Self { from: self.from + from, to: self.from + to, ..*self }
    }

    /// The words as they were written.
    pub(crate) fn source(&self) -> &'a str {
        self.text.slice(self.from, self.to)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.from >= self.to
    }

    pub(crate) fn has(&self, words: &[&str]) -> bool {
        self.tokens().iter().any(|token| token.is_any(words))
    }

    /// Whether one of its words is in a line of words.
    pub(crate) fn has_listed(&self, line: &str) -> bool {
        self.tokens().iter().any(|token| listed(line, &token.word))
    }

    /// How many words the longest of these phrases has that the clause begins with; `|` separates them.
    pub(crate) fn longest_start(&self, phrases: &str) -> Option<usize> {
        let starts = |phrase: &&str| phrase.split(' ').enumerate().all(|(i, word)| self.word(i) == word);
        phrases.split('|').filter(starts).map(|phrase| phrase.split(' ').count()).max()
    }

    fn trim_start(&mut self) -> bool {
        let marks = self.tokens().first().is_some_and(|token| token.is_mark() && !token.is_any(&["#", "+", "!"]));
        if marks {
            self.from += 1;
            return true;
        }
        // The longest opening wins ("can you please" before "can you"), and something has to be left after it.
        for (phrases, duty) in [(POLITE, false), (WISHES, true)] {
            // "first two" points at a list.
            let counts = self.word(0) == "first" && self.tokens().get(1).is_some_and(|next| is_count(&next.word));
            let left = |words: &usize| self.from + words < self.to && !counts;
            if let Some(words) = self.longest_start(phrases).filter(left) {
                self.request |= matches!(self.word(0), "can" | "could" | "would" | "will" | "is" | "are" | "may");
                self.from += words;
                self.duty |= duty;
                return true;
            }
        }
        false
    }

    fn trim_end(&mut self) -> bool {
        let Some(last) = self.tokens().last() else { return false };
        let alone = self.to - self.from == 1;
        let mark = last.is_any(&[".", "!", "?", ",", ";", ">"]) && !self.ends_abbreviated();
        // "ask whether June is ok".
        let states = self.to - self.from > 1
            && last.is_any(&["ok", "okay"])
            && self.tokens()[self.tokens().len() - 2].is_any(&[
                "is", "are", "was", "were", "be", "'s", "it's", "that's", "if", "feel", "feels", "looks", "sounds",
                "works",
            ]);
        // "tell Ann thanks", "every now and then".
        let before = self.tokens().get(self.tokens().len().wrapping_sub(2));
        let said = last.is_any(&["thanks", "thx", "cheers", "please", "ok", "okay"])
            && self.has(&["tell", "say", "says", "write", "text"])
            && before.is_some_and(|token| token.kind == Kind::Word);
        let states = states
            || said
            || last.is("then")
                && before
                    .is_some_and(|token| token.is_any(&["and", "happens", "by", "since", "until", "till", "back"]));
        let polite =
            !alone && !states && last.is_any(&["please", "thanks", "ok", "okay", "thx", "ty", "cheers", "then"]);
        if mark || polite {
            self.thanks |= last.is_any(&["thanks", "thx", "ty", "cheers"]);
            self.to -= 1;
            return true;
        }
        for phrase in ["thank you", "for me please", "if you can", "if you could", "when you can", "right away"] {
            let words: Vec<&str> = phrase.split(' ').collect();
            let n = words.len();
            if self.to - self.from > n
                && self.tokens()[self.to - self.from - n..].iter().zip(&words).all(|(t, w)| t.is(w))
            {
                self.thanks |= phrase == "thank you";
                self.to -= n;
                return true;
            }
        }
        false
    }

    /// Whether its last point belongs to "p.m.".
    fn ends_abbreviated(&self) -> bool {
        let tokens = self.tokens();
        let n = tokens.len();
        n >= 4
            && tokens[n - 1].is(".")
            && tokens[n - 2].is("m")
            && tokens[n - 3].is(".")
            && tokens[n - 4].is_any(&["a", "p"])
    }
}

/// Whether a word after "first" counts what is meant: "first two", "first one".
fn is_count(word: &str) -> bool {
    listed("one two three four five six few ones", word) || word.bytes().all(|b| b.is_ascii_digit())
}

/// Limit of the polite words and marks that are removed; it bounds the time for a text of nothing else.
const MAX_TRIMS: usize = 12;

/// Steps of removing them.
const TRIM_COST: u32 = 20;

/// Openings that carry no meaning.
const POLITE: &str = "hi|hello|hi there|hey there|hello there|please|pls|hey|ok|okay|so|well|um|uh|kindly|just|also|and|then|oh|actually|bot|assistant|tandem|ai|\
     hi assistant|hey assistant|hi tandem|hey tandem|can you|could you|would you|will you|can you please|\
     could you please|would you please|may you|can we|could we|can i|could i|may i|can i please|can i please can|you can|\
     you may|go ahead and|i want you to|i need you to|i'd like you to|i would like you to|i need for you to|\
     are you able to|is it possible to|help me to|help me|let me|let's|i would like to|i'd like to|i want to|\
     i wanna|i'd love to|would you mind|do me a favor and|i wonder|i am wondering|i'm wondering|i was wondering|now|first|next ,|finally|again";
/// Openings that state a duty of the user.
const WISHES: &str = "i need to|i have to|i've got to|i got to|i gotta|i must|i should|i shall|we need to|we have to|need to|\
     have to|gotta|i will need to";

/// Cuts a text where a new command begins.
pub(crate) fn split(text: &Text) -> Vec<Clause<'_>> {
    let mut clauses: Vec<Clause<'_>> = Vec::new();
    let mut from = 0;
    for at in 0..text.len() {
        if at > from && begins_here(text, from, at) {
            push(&mut clauses, text, from, at);
            from = at + 1;
        }
    }
    push(&mut clauses, text, from, text.len());
    clauses
}

fn push<'a>(clauses: &mut Vec<Clause<'a>>, text: &'a Text, from: usize, to: usize) {
    let mut clause = Clause::new(text, from, to);
    // The mark that ends a clause belongs to its mood.
    if text.tokens.get(to).is_some_and(|token| token.is("?")) {
        clause.mood = mood(&text.tokens[from..=to]);
    }
    // "don't delete milk and mark bread done" refuses both; "I have no milk and remind me to buy some" is a request.
    let joined = from > 0 && text.tokens[from - 1].is_any(&["and", "or", "then"]) && clause.word(0) != "remind";
    if let Some(Mood::Unreal(why)) = clauses.last().filter(|_| joined).map(|before| before.mood)
        && why != Unreal::Stated
    {
        clause.mood = Mood::Unreal(why);
    }
    if !clause.is_empty() {
        clauses.push(clause);
    }
}

/// Whether the token at `at` joins two commands; the first one began at `from`.
fn begins_here(text: &Text, from: usize, at: usize) -> bool {
    let token = &text.tokens[at];
    let next = text.tokens.get(at + 1);
    let stop = token.is_any(&[".", ";", "?", "!"]) && next.is_some_and(|next| !next.glued && !next.is_mark());
    if !stop && !token.is_any(&["and", ",", "then", "but"]) {
        return false;
    }
    if !stop && next.is_none_or(|next| next.is_any(&["and", "then", "but", "also", ","])) {
        return false;
    }
    // Both sides are trimmed first: "and then please delete …" begins with its verb.
    let left = Clause::trimmed(text, from, at);
    let right = Clause::trimmed(text, at + 1, text.len());
    if left.is_empty() || right.is_empty() {
        return false;
    }
    let free_text = takes_free_text(&left);
    if stop && token.is(".") && free_text {
        // A point inside "dr. Miller" is no end.
        return explicit(&right);
    }
    if stop {
        return is_command(right.word(0)) || explicit(&right);
    }
    // "for the shopping list, add ham".
    if token.is(",") && matches!(left.word(0), "for" | "on" | "to" | "in" | "at" | "if" | "when" | "unless") {
        return false;
    }
    // "remind me to taste the soup and add salt" is one reminder.
    if left.word(0) == "remind" && right.word(0) == "add" {
        return false;
    }
    // "add bread and don't delete milk".
    let forbids = matches!(right.word(0), "don't" | "never") || (right.word(0) == "do" && right.word(1) == "not");
    let forbidden = right.word(if right.word(0) == "do" { 2 } else { 1 });
    if forbids && left.word(0) == "add" && is_command(forbidden) {
        return true;
    }
    // After free text an "and" mostly joins two words of the title: "add bread and update firmware".
    if free_text { explicit(&right) } else { is_command(right.word(0)) || explicit(&right) }
}

/// Whether what follows the verb is the user's own text, where "and" is mostly part of it.
fn takes_free_text(clause: &Clause<'_>) -> bool {
    let first = clause.word(0);
    !is_command(first)
        || matches!(first, "remind" | "add" | "create" | "put" | "set" | "make" | "rename" | "change" | "take")
}

/// Whether a clause is a command by more than its first verb: "mark … done", "delete task 3", "remind me to …".
pub(crate) fn explicit(clause: &Clause<'_>) -> bool {
    let (first, second) = (clause.word(0), clause.word(1));
    let tokens = clause.tokens();
    let names_a_task =
        tokens.iter().any(|token| token.is_any(&["task", "tasks", "reminder", "reminders", "list", "todo", "todos"]));
    match first {
        "remind" => matches!(second, "me" | "us"),
        "add" => !matches!(second, "up"),
        "mark" | "check" | "tick" | "cross" => {
            tokens.iter().any(|t| t.is_any(&["done", "complete", "completed", "off", "finished"])) || names_a_task
        }
        "undo" => tokens.len() <= 3,
        "show" | "list" | "what's" | "what" => names_a_task,
        _ => is_command(first) && names_a_task,
    }
}
