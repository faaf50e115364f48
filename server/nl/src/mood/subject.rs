//! Sentences with a subject: what "I", "we" and others did, will do, or never did.
//!
//! After "I" the first verb decides. Only a verb in the past that completes something makes a completed act: "I called
//! Ann", but not "I forgot to call Ann" or "I started to call Ann".

use std::sync::LazyLock;

use super::words::is_negation;
use super::{Mood, Unreal};
use crate::text::{WordSet, listed, words as word_set};

const INTENDED: Mood = Mood::Unreal(Unreal::Intended);
const NEGATED: Mood = Mood::Unreal(Unreal::Negated);
const STATED: Mood = Mood::Unreal(Unreal::Stated);

/// Adverbs between a subject and its verb that leave the mood as it is.
const ADVERBS: &str = "just already finally now also really actually all then so definitely only both quickly totally \
     completely recently today yesterday even did do";
/// Adverbs after which the act did not happen.
const UNDONE: &str = "almost nearly hardly barely never not partly halfway rarely seldom no half";
/// Verbs and modals of what is not real yet.
static INTENT: LazyLock<WordSet> = LazyLock::new(|| {
    word_set(
        "will would should shall might may could can must ought gonna wanna gotta want wants need needs wish hope plan \
         intend try forgot forget wanted needed meant tried failed thought think guess suppose believe feel like love \
         hate prefer doubt wonder remember expect promise decided hoped planned wished intended expected promised \
         considered dreamed keep kept meaning got almost hopefully maybe probably perhaps possibly still better'd rather \
         better reckon assume imagine dream owe deserve refuse refused agreed agree pretended avoided attempted skipped \
         missed postponed started began offered swore wondered asked heard said told remembered regret let'd",
    )
});
/// Past forms that do not end in "ed".
static IRREGULAR: LazyLock<WordSet> = LazyLock::new(|| {
    word_set(
        "bought paid sent wrote made took met gave brought fed told found sold built drove drew swept taught spoke hung \
         rang did got went ate drank read saw cut put set let ran swam sang wore won lost left cleaned flew grew knew \
         threw caught held kept done written taken given driven drawn spoken eaten seen gone flown hit shut spent lent \
         bent dug fixed hid rode rose sat shook shot slept stood stuck tore understood woke wound upped bound chose came",
    )
});

/// The mood of a sentence about the user; `None` when the user is not its subject.
pub(super) fn first_person(words: &[&str]) -> Option<Mood> {
    let (first, rest) = words.split_first()?;
    let (auxiliary, rest) = match *first {
        "i" | "we" => ("", rest),
        "i'm" | "we're" | "im" => ("am", rest),
        "i'll" | "we'll" => ("will", rest),
        "i'd" | "we'd" => ("would", rest),
        "i've" | "we've" | "ive" => ("have", rest),
        // "just called Ann", "done with milk" are completed acts without a subject; they are read by their verbs.
        _ => return None,
    };
    if rest.is_empty() {
        return Some(STATED);
    }
    if dropped(words) {
        return Some(Mood::Command);
    }
    let mut at = 0;
    while rest.get(at).is_some_and(|word| listed(ADVERBS, word) && !(*word == "did" && at + 1 == rest.len())) {
        at += 1;
    }
    // "I did the laundry": without another verb "did" is the verb itself.
    let did = rest[..at].contains(&"did");
    let rest = &rest[at..];
    let verb = rest.first().copied().unwrap_or("");
    if listed(UNDONE, verb) || is_negation(verb) || rest.get(1).is_some_and(|word| *word == "not" || *word == "never") {
        return Some(NEGATED);
    }
    let found = match auxiliary {
        "will" | "would" => INTENDED,
        "am" => being(rest),
        "have" => having(rest),
        _ if matches!(verb, "am" | "was" | "were" | "are") => {
            let after = &rest[1..];
            let after = if after.first().is_some_and(|w| listed(ADVERBS, w)) { &after[1..] } else { after };
            if verb == "was" || verb == "were" { was(after) } else { being(after) }
        }
        _ if matches!(verb, "have" | "had") => having(&rest[1..]),
        _ if did => Mood::Done,
        _ if INTENT.contains(verb) => INTENDED,
        _ if is_past(verb) => Mood::Done,
        _ => STATED,
    };
    Some(if found == INTENDED { request(words).unwrap_or(INTENDED) } else { found })
}

/// "I am done with", "I'm going to", "I'm out of".
fn being(rest: &[&str]) -> Mood {
    let small = |word: &&&str| matches!(**word, "now" | "already" | "just" | "all" | "completely");
    match rest.iter().find(|word| !small(word)).copied().unwrap_or("") {
        "done" | "finished" | "through" | "finally" => Mood::Done,
        "not" | "never" | "nowhere" | "unable" => NEGATED,
        word if is_negation(word) || listed(UNDONE, word) => NEGATED,
        "going" | "about" | "planning" | "trying" | "supposed" | "hoping" | "thinking" | "considering" | "meant"
        | "gonna" | "still" | "afraid" | "unsure" | "wondering" | "looking" => INTENDED,
        _ => STATED,
    }
}

fn was(rest: &[&str]) -> Mood {
    match rest.first().copied().unwrap_or("") {
        word if is_negation(word) => NEGATED,
        "going" | "about" | "planning" | "trying" | "supposed" | "meaning" | "hoping" => INTENDED,
        _ => STATED,
    }
}

/// "I have called Ann", "I have to call Ann", "I have a meeting".
fn having(rest: &[&str]) -> Mood {
    let at = rest.iter().position(|word| !listed(ADVERBS, word) || *word == "done").unwrap_or(0);
    let verb = rest.get(at).copied().unwrap_or("");
    match verb {
        "to" | "got" | "yet" | "been" | "still" => INTENDED,
        "no" => STATED,
        word if is_negation(word) || listed(UNDONE, word) => NEGATED,
        "forgotten" | "planned" | "wanted" | "tried" | "meant" | "decided" | "started" | "needed" => INTENDED,
        word if is_past(word) => Mood::Done,
        _ => STATED,
    }
}

fn is_past(verb: &str) -> bool {
    IRREGULAR.contains(verb)
        || (verb.ends_with("ed") && verb.len() > 3 && !INTENT.contains(verb) && !listed("need feed", verb))
}

/// Verbs after which a reminder is one that exists.
const OTHERS: &str = "delete cancel remove erase clear off out finish complete move change";

/// Words by which tasks are named.
const NAMED: &str =
    "reminder reminders task tasks list lists todo todos alarm alarms event calendar calender agenda schedule";
const CALENDARS: &str = "calendar calender agenda schedule";

/// A need or wish that is a request: for a reminder, or for a change of what is named as a task or list.
fn request(words: &[&str]) -> Option<Mood> {
    let at = words
        .iter()
        .position(|word| listed("need want like love wanna have must gotta got", word))
        .filter(|at| *at <= 3)?;
    let rest = &words[at + 1..];
    let head = &rest[..rest.len().min(8)];
    if words[..at].iter().any(|word| listed("should might could can may", word)) {
        return None;
    }
    // "I want to be reminded to …", but not "I want to cancel a reminder".
    let reminded = head.iter().position(|word| listed("reminder reminders reminded", word));
    if reminded.is_some_and(|at| !head[..at].iter().any(|word| listed(OTHERS, word))) {
        return Some(Mood::Request);
    }
    let verb = rest.iter().find(|word| !listed("to please also just", word)).copied().unwrap_or("");
    let named = rest.iter().any(|word| listed(NAMED, word));
    match verb {
        "remember" | "add" | "remind" => Some(Mood::Request),
        "set" | "create" | "make" | "put" | "schedule" if named => Some(Mood::Command),
        "delete" | "remove" | "cancel" | "erase" | "clear" | "take" | "reschedule" | "move" | "change" | "rename"
        | "drop" | "postpone" | "push" | "snooze" | "update" | "edit" | "mark" | "get"
            if named =>
        {
            Some(Mood::Command)
        }
        "undo" => Some(Mood::Command),
        // "I need a clear calendar for Friday".
        _ if rest.iter().take(2).any(|word| listed("clear empty free", word))
            && rest.iter().take(3).any(|word| listed(CALENDARS, word)) =>
        {
            Some(Mood::Command)
        }
        // "I need milk on my list", "I need the dinner added to my calendar".
        _ if words.iter().any(|word| listed("list lists", word))
            || (words.contains(&"added") && words.iter().any(|word| listed(CALENDARS, word)))
                && words.iter().any(|word| listed("on to in onto off", word)) =>
        {
            Some(Mood::Command)
        }
        _ => None,
    }
}

/// "I don't need milk on my list any more", "I no longer need that reminder": the thing itself is to go.
fn dropped(words: &[&str]) -> bool {
    let any = |listing: &str| words.iter().any(|word| listed(listing, word));
    let refused = words.get(1).is_some_and(|word| matches!(*word, "don't" | "dont"))
        || matches!((words.get(1), words.get(2)), (Some(&"do"), Some(&"not")) | (Some(&"no"), Some(&"longer")));
    let longer = any("anymore longer") || words.windows(2).any(|pair| pair == ["any", "more"]);
    refused
        && any("need want have")
        && (any("take remove delete cancel drop erase forget")
            || (longer && any("list lists lisr reminder reminders task tasks")))
}

/// "she called Ann", "my boss wants me to call Ann", "nobody called Ann", "it isn't done".
pub(super) fn third_person(words: &[&str]) -> Option<Mood> {
    let (first, rest) = words.split_first()?;
    let negated = rest.iter().take(8).any(|word| is_negation(word));
    match *first {
        "he" | "she" | "they" | "you" | "someone" | "somebody" | "everyone" | "everybody" | "nobody" | "he's"
        | "she's" | "they're" | "they've" | "you're" | "you've" | "you'll" | "he'll" | "she'll" | "they'll"
        | "people" | "it'll" => Some(if negated || *first == "nobody" { NEGATED } else { STATED }),
        // "the report isn't done", "task 3 is not finished", "that wasn't done".
        "the" | "my" | "it" | "that" | "this" | "our" | "task" | "its" | "it's" | "that's" | "all" | "everything"
            if copula_negated(words) =>
        {
            Some(NEGATED)
        }
        _ if says(words) => Some(STATED),
        // "Bob will remind me".
        _ if !crate::grammar::is_task_verb(first)
            && rest
                .first()
                .is_some_and(|word| listed("will would won't might may can could should must 'll", word))
            && !words.iter().any(|word| listed("list lists", word)) =>
        {
            Some(STATED)
        }
        // "the list should have bread on it" is a request, which the patterns for lists read.
        "the" | "my" | "it" | "that" | "this" | "our" | "task"
            if words.iter().any(|word| listed(MODALS, word))
                && !words.iter().any(|word| listed("list lists", word)) =>
        {
            Some(INTENDED)
        }
        _ => None,
    }
}

const MODALS: &str = "will should might could would may can must";

fn copula_negated(words: &[&str]) -> bool {
    words.iter().enumerate().skip(1).take(9).any(|(at, word)| {
        let next = words.get(at + 1).copied().unwrap_or("");
        (listed("isn't aren't wasn't weren't hasn't haven't isnt wasnt won't didn't doesn't don't can't", word))
            || (listed("is are was were has have 's", word) && listed("not never almost nearly hardly", next))
            || (at == 1 && matches!(words[0], "it's" | "that's") && *word == "not")
    })
}

/// Verbs by which others are reported, near the beginning and not after an imperative.
fn says(words: &[&str]) -> bool {
    const REPORTS: &str = "says said told tells wants wanted thinks thought asked asks needs needed heard mentioned claims \
         claimed suggested suggests insisted promised believes hopes forgot forgets keeps hates loves likes expects \
         expected wishes texted warned";
    let first = words[0];
    if crate::grammar::is_command(first) || crate::grammar::is_task_verb(first) || first == "remind" {
        return false;
    }
    words.iter().skip(1).take(3).any(|word| listed(REPORTS, word))
}
