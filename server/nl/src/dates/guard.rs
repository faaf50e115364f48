//! Whether a date phrase inside a sentence is a date, or words of a title: "read 1984", "buy May Day album", "watch Friday
//! Night Lights", "1/2 cup of sugar".
//!
//! Three criteria decide: the phrase's own [`Confidence`], the preposition before it, and whether it ends there. In doubt the
//! words stay in the title, because a title that lost words is worse than a date that has to be added.

use std::sync::LazyLock;

use super::phrase::Lead;
use super::{Confidence, DateInput, Phrase, lexicon};
use crate::text::{Kind, WordSet, listed, words};

/// Words after which a sentence goes on with something else than the noun that a date would describe.
static GOES_ON: LazyLock<WordSet> = LazyLock::new(|| {
    words(
        "to at by for with and or in on from that i i'm i've about please before after when while so because as if \
     then but until we you he she they it it's its the my our your a an remind reminder reminders is are not \
     thanks thank also call buy pay email pick send get take go do make meet text write finish clean reminding \
     asking saying instead only per ! # + p priority set add respond",
    )
});

const ARTICLES: &[&str] =
    &["the", "a", "an", "my", "our", "your", "his", "her", "their", "this", "that", "'s", "of", "no", "some", "any"];

/// "Dr Friday", "aunt May"; but not "the dr Friday", who has no name.
fn is_a_person(input: &DateInput<'_>, start: usize) -> bool {
    const TITLES: &[&str] = &["dr", "mr", "mrs", "ms", "miss", "prof", "aunt", "auntie", "uncle", "sir", "madam"];
    let named = lexicon::weekday(input.word(start)).is_some() || lexicon::month(input.word(start)).is_some();
    let point = usize::from(start > 0 && input.any(start - 1, &["."]));
    let Some(title) = start.checked_sub(1 + point).filter(|title| named && input.any(*title, TITLES)) else {
        return false;
    };
    title == 0 || !input.any(title - 1, ARTICLES)
}

/// Words before the number of a thing: "chapter 8".
pub(super) const NUMBERED: &str = "chapter chapters page pages part season episode level lesson unit number no nr room gate platform step section act volume book \
     exercise question problem bus line flight apartment apt floor version windows iphone ps issue ticket invoice order section verse track stage round";

/// Whether a phrase is a date where it stands.
pub(crate) fn accepts(input: &DateInput<'_>, start: usize, read: &Phrase) -> bool {
    if inside_a_name(input, start, read.end) || read.draft.resolve(input.now).is_none() {
        return false;
    }
    // "June 10 - 31": a range that the calendar does not have.
    let dash = input.any(read.end, &["-", "to"]) && read.draft.names_day();
    if dash && input.tokens.get(read.end + 1).is_some_and(|token| token.kind == Kind::Number) {
        return false;
    }
    if read.lead == Lead::Bare && is_a_person(input, start) {
        return false;
    }
    // "the man from Monday", "a photo of Sunday" describe a noun.
    if read.lead == Lead::Loose
        && !read.draft.repeats()
        && input.any(start, &["from", "of"])
        && !possessive(input, read.end)
    {
        return false;
    }
    // "chapter 3 by Friday": the figure belongs to the words before it.
    let figure =
        input.tokens[start].kind == Kind::Number && read.opening == Confidence::Weak && read.draft.names_time();
    // "haircut 8 tonight": an hour, unless it counts the word before.
    let tonight = input.any(start + 1, &["tonight"]) && !listed(NUMBERED, input.word(start.wrapping_sub(1)));
    if figure && start > 0 && read.lead == Lead::Bare && input.word(start + 1) != "/" && !tonight {
        return false;
    }
    // "a table for four on Friday at eight": guests, not an hour.
    let guests = input.any(start, &["for"]) || (start > 0 && input.any(start - 1, &["for"]));
    if guests && read.opening == Confidence::Weak && read.draft.names_time() && input.any(read.end, &["at"]) {
        return false;
    }
    // A whole sentence about a date may begin with it: "for Thursday night meeting with Ann".
    let led = read.lead == Lead::Date && input.any(0, &["for"]) && read.draft.confidence() >= Confidence::Fair;
    let opens = start == 0 && (led || in_pairs(input, read));
    // "a gift for May", "ask April about June": a month alone is a date only after "in", "by" and the like.
    let month_alone = lexicon::month(input.word(read.end - 1)).is_some()
        && read.end - start <= 2
        && lexicon::day_number(input, start).is_none();
    let introductions = [
        "in", "by", "until", "till", "before", "this", "next", "coming", "early", "mid", "late", "due", "starting",
        "every", "each",
    ];
    if month_alone && !input.any(start, &introductions) {
        return false;
    }
    // "meet June on Tuesday" is about a person: a bare month is followed by a day or year, not by a preposition.
    let name =
        lexicon::month(input.word(start)).is_some() && input.any(start + 1, &["on", "at", "by", "about", "for", "to"]);
    if name && start > 0 && read.lead == Lead::Bare {
        return false;
    }
    // "the Friday meeting": an article before and a noun after make the date an attribute of the noun.
    let ends = ends(input, read.end) || opens;
    let described = start > 0 && read.lead == Lead::Bare && input.any(start - 1, ARTICLES);
    match read.draft.confidence() {
        Confidence::Sure => ends || !described,
        Confidence::Fair => ends && (!described || read.draft.names_time()),
        Confidence::Weak => ends && weak_may_stand(input, start, read),
    }
}

/// "watch The Day After Tomorrow": in a sentence of small letters, three words with capitals are a name.
pub(crate) fn is_a_title(input: &DateInput<'_>, start: usize, end: usize) -> bool {
    let words = |from: usize, to: usize| input.tokens[from..to].iter().filter(|token| token.kind == Kind::Word);
    let plain = words(0, input.tokens.len()).any(|token| !token.capital);
    let led = input.any(start, &["on", "at", "by", "every"]);
    plain && !led && words(start, end).count() > 2 && words(start, end).all(|token| token.capital)
}

/// Whether the phrase ends there: at the text's end, a mark, or a word that goes on.
fn ends(input: &DateInput<'_>, end: usize) -> bool {
    match input.tokens.get(end) {
        None => true,
        Some(token) if token.glued && token.kind != Kind::Mark => possessive(input, end),
        // "5-star", "3/4", "50%": the figure is part of something larger.
        Some(token) if token.glued && token.is_any(&["-", "/", ":", "%", "$", "_", "@"]) => false,
        Some(token) if token.glued && token.is(".") => !input.glued(end + 1),
        Some(token) => token.is_mark() || token.kind == Kind::Quoted || token.is_in(&GOES_ON),
    }
}

fn possessive(input: &DateInput<'_>, at: usize) -> bool {
    input.word(at) == "'s"
}

/// A weak piece counts at the end of the text without an article, or at its beginning before a mark.
fn weak_may_stand(input: &DateInput<'_>, start: usize, read: &Phrase) -> bool {
    if bare_figure(input, start, read) {
        return false;
    }
    let last =
        only_fields(input, read.end) || (read.end + 1 == input.tokens.len() && input.any(read.end, &[".", "!", "?"]));
    let bare_word = read.lead == Lead::Bare && (read.draft.names_time() || start == 0);
    match read.lead {
        Lead::Date | Lead::Time => true,
        Lead::Loose => input.word(start) == "in",
        Lead::Bare if start == 0 && input.word(read.end) == "to" => read.end > start + 1,
        Lead::Bare if start == 0 && in_pairs(input, read) => true,
        Lead::Bare => last && !bare_word && start > 0 && !input.any(start - 1, ARTICLES),
    }
}

/// Whether nothing follows but marks of quick add: "mow the lawn sat #home !high p2".
fn only_fields(input: &DateInput<'_>, end: usize) -> bool {
    let marked = |at: usize| input.any(at, &["#", "+", "!", "p"]) && input.glued(at + 1);
    (end..input.tokens.len()).step_by(2).all(marked)
}

/// "12/24 church", "5.12. church": two pairs of figures, or two points, are no fraction and no count of what follows.
fn in_pairs(input: &DateInput<'_>, read: &Phrase) -> bool {
    let pair = |at: usize| input.word(at).len() == 2;
    let slashed = read.end == 3 && input.word(1) == "/" && pair(0) && pair(2);
    slashed || (read.end == 4 && input.word(1) == "." && input.word(3) == ".")
}

/// A number that could be anything: "for 2", "7-11", "in 1984".
fn bare_figure(input: &DateInput<'_>, start: usize, read: &Phrase) -> bool {
    let only_clock = read.draft.names_time() && !read.draft.names_day();
    let figures = input.tokens.get(read.end - 1).is_some_and(|token| token.kind == Kind::Number);
    only_clock && figures && !(read.lead == Lead::Time || input.any(start, &["by", "before"]))
}

/// Whether the phrase is part of a name, by its capitals: "Friday Night Lights", "the Sunday Times". Capitals mean nothing
/// in a text where all words have them.
fn inside_a_name(input: &DateInput<'_>, start: usize, end: usize) -> bool {
    let Some(last) = input.tokens.get(end - 1) else { return false };
    // In a title where every word has a capital, capitals mark no name.
    let all_capitals = input.tokens.iter().filter(|token| token.kind == Kind::Word).all(|token| token.capital);
    let proper = input.tokens.get(end).is_some_and(|next| {
        next.capital && !next.glued && next.word != "i" && !next.word.starts_with("i'") && !next.is_in(&GOES_ON)
    });
    let begins_with_preposition = input.any(start, &["on", "at", "by", "before", "due", "for"]);
    if is_a_title(input, start, end) {
        return true;
    }
    proper && last.capital && !all_capitals && !begins_with_preposition
}
