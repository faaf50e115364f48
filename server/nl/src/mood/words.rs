//! The words by which questions, negations, conditions, doubts and requests begin.

use crate::text::listed;

/// Whether one of these phrases begins the words; `|` separates them. The words after the longest that does.
fn after<'a, 'b>(words: &'b [&'a str], phrases: &str) -> Option<&'b [&'a str]> {
    let length = |phrase: &str| {
        let mut count = 0;
        phrase
            .split(' ')
            .all(|word| {
                count += 1;
                words.get(count - 1) == Some(&word)
            })
            .then_some(count)
    };
    phrases.split('|').filter_map(|phrase| length(phrase.trim())).max().map(|count| &words[count..])
}

/// Whether a word negates: "not", "never", "didn't".
pub(super) fn is_negation(word: &str) -> bool {
    word.ends_with("n't")
        || listed("not never cannot cant dont didnt doesnt wont havent hasnt isnt wasnt wouldnt", word)
}

/// "don't forget to", "I can't forget", "don't let me forget": two negations that make a request.
pub(super) fn must_not_forget(words: &[&str]) -> bool {
    let Some(at) = words.iter().take(9).position(|word| *word == "forget") else { return false };
    let before = &words[..at];
    let negated = before.iter().any(|word| is_negation(word));
    let better = before.contains(&"better");
    // "you won't forget" and "she didn't forget" are about others, "I didn't forget" is about the past.
    let about_me = before.iter().all(|word| {
        listed(
            "i we i'd i'll i've i'm me us let to want wanna like do does don't not never can can't cannot mustn't must \
             shouldn't should won't will would wouldn't you please so better had , i'm afraid , dont cant",
            word,
        )
    });
    let questions = matches!(before.first(), Some(&("do" | "did" | "can" | "will" | "you" | "would")))
        && !better
        && before.first() != Some(&"do");
    (negated || better) && about_me && !(questions && before.get(1) == Some(&"i")) && before.first() != Some(&"you")
}

/// "maybe", "hopefully", "I wonder": what follows is not certain.
pub(super) fn doubts(words: &[&str]) -> bool {
    after(
        words,
        "maybe|perhaps|possibly|probably|hopefully|ideally|someday|one day|imagine|suppose|supposing|wish|it would be \
         nice|it might|what about|how about|no idea|not sure|thinking about|thinking of|wondering|about to|going to|\
         gonna|supposed to|meaning to|hoping to|planning to|trying to|remind me whether|almost|nearly|just about",
    )
    .is_some()
}

/// "if …", "when I get home …": what follows depends on something.
pub(super) fn conditional(words: &[&str]) -> bool {
    match words.first() {
        Some(&("if" | "unless" | "whenever" | "once" | "until" | "while" | "provided" | "assuming" | "till")) => true,
        Some(&("when" | "after" | "before" | "because" | "since" | "as")) => {
            words.get(1).is_some_and(|next| {
                listed("i we i'm we're i've i'll he she they it you soon long there it's the my our that's", next)
            }) && words.len() > 3
        }
        Some(&("in" | "only" | "even")) => matches!(words.get(1), Some(&("case" | "if" | "when"))),
        _ => false,
    }
}

/// The words after an opening that makes a request of a question or wish: "can you", "I want you to".
pub(super) fn requested<'a, 'b>(words: &'b [&'a str]) -> Option<&'b [&'a str]> {
    let rest = after(
        words,
        "can you|could you|would you|will you|can u|could u|can we|could we|may you|can you please|could you please|\
         would you please|will you please|would you mind|do you mind|do me a favor|do me a favor and|do me a favour and|i want you to|i need you to|i'd like you to|\
         i would like you to|i need for you to|you can|you may|go ahead and|help me|help me to|i'd appreciate it \
         if you could|i would appreciate it if you could|it would be great if you could|any chance you could|you could|\
         can you go ahead and|can you also|could you also|i would like for you to|can you maybe|you'll need to|can i please can",
    )?;
    // "can you tell me if I called Ann", "could you have deleted it" ask for an answer.
    let answers = matches!(rest.first(), Some(&("explain" | "have" | "be"))) && !rest.contains(&"reminder");
    (!answers && !rest.is_empty()).then_some(rest)
}

/// The words after an opening that asks what is possible, or proposes it.
pub(super) fn proposed<'a, 'b>(words: &'b [&'a str]) -> Option<&'b [&'a str]> {
    after(
        words,
        "let me|let's|lets|let us|are you able to|is it possible to|is it possible for you to|we could|i could",
    )
}

/// Whether the words begin as a question does.
pub(super) fn question(words: &[&str]) -> bool {
    let (first, second) = (words.first().copied().unwrap_or(""), words.get(1).copied().unwrap_or(""));
    let asked = "i you we he she they it the my our your that this these those there any anyone somebody someone anything \
                 everything all task tasks not what both";
    match first {
        "what" | "what's" | "who" | "who's" | "why" | "which" | "whose" | "how" | "how's" | "where" | "where's"
        | "when" | "when's" | "is" | "are" | "was" | "were" | "am" | "did" | "does" | "has" | "isn't" | "wasn't"
        | "aren't" | "doesn't" | "shall" => true,
        // "haven't called Ann yet" leaves out who has not.
        "didn't" | "haven't" | "hasn't" => {
            listed(asked, second) && !matches!(second, "the" | "my" | "our" | "not" | "it" | "any" | "anything")
        }
        "can" | "could" | "may" | "might" | "should" | "would" | "will" | "must" => {
            // "can I get a reminder" asks for one.
            !(second == "i" && words.iter().any(|word| listed("reminder reminders reminded", word)) && wants_new(words))
        }
        "have" | "had" | "do" | "don't" => {
            listed(asked, second) && !(first == "do" && matches!(second, "the" | "my" | "our" | "not"))
        }
        _ => false,
    }
}

/// "can I get a reminder to", "may I have", "can I set".
fn wants_new(words: &[&str]) -> bool {
    words.iter().take(4).any(|word| listed("get have set be add create", word))
}

/// Whether the words begin with a negated imperative, or with "not".
pub(super) fn negated(words: &[&str]) -> bool {
    let Some(first) = words.first() else { return false };
    let imperative = listed(
        "don't dont never not cannot can't cant won't wouldn't shouldn't neither nobody nothing didn't didnt haven't \
             havent hasn't hasnt couldn't couldnt",
        first,
    ) || matches!((*first, words.get(1)), ("do" | "please", Some(&("not" | "never"))))
        || after(words, "no need|no reason|there is no need|there's no need|no point|no one|not yet|stop asking|avoid")
            .is_some();
    // "instead of deleting milk" takes back what follows it.
    imperative || after(words, "instead of|rather than|without").is_some()
}

/// Whether the words begin as a request for a new task, where a question mark is only politeness.
pub(super) fn adds(words: &[&str]) -> bool {
    words.first().is_some_and(|first| {
        listed("remind add set create put make new schedule note todo reminder remember show list find search", first)
    })
}
