//! Words of a title stay words: "read 1984", "buy May Day album", "watch Friday Night Lights", "1/2 cup of sugar".

use std::sync::LazyLock;

use super::phrase::Lead;
use super::{Firm, Phrase, Scene, lexicon};
use crate::text::{Kind, WordSet, words};

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

/// Whether a phrase is a date where it stands.
pub(crate) fn accepts(scene: &Scene<'_>, start: usize, read: &Phrase) -> bool {
    if inside_a_name(scene, start, read.end) || read.draft.resolve(scene.now).is_none() {
        return false;
    }
    if read.lead == Lead::Loose
        && !read.draft.repeats()
        && scene.any(start, &["from", "of"])
        && !possessive(scene, read.end)
    {
        return false;
    }
    // "chapter 3 by Friday": the figure belongs to the words before it.
    let figure = scene.tokens[start].kind == Kind::Number && read.opening == Firm::Weak && read.draft.names_time();
    if figure && start > 0 && read.lead == Lead::Bare && scene.word(start + 1) != "/" {
        return false;
    }
    // A whole sentence about a date may begin with it: "for Thursday night meeting with Ann".
    let opens = start == 0 && read.lead == Lead::Date && scene.any(0, &["for"]) && read.draft.firm() >= Firm::Fair;
    // "a gift for May", "ask April about June": a month alone is a date only after "in", "by" and the like.
    let month_alone = lexicon::month(scene.word(read.end - 1)).is_some() && read.end - start <= 2;
    let told =
        ["in", "by", "until", "till", "before", "this", "next", "coming", "early", "mid", "late", "due", "starting"];
    if month_alone && !scene.any(start, &told) {
        return false;
    }
    let ends = ends(scene, read.end) || opens;
    let described = start > 0 && read.lead == Lead::Bare && scene.any(start - 1, ARTICLES);
    match read.draft.firm() {
        Firm::Sure => ends || !described,
        Firm::Fair => ends && (!described || read.draft.names_time()),
        Firm::Weak => ends && weak_may_stand(scene, start, read),
    }
}

/// Whether the phrase ends there: at the text's end, a mark, or a word that goes on.
fn ends(scene: &Scene<'_>, end: usize) -> bool {
    match scene.tokens.get(end) {
        None => true,
        Some(token) if token.glued && token.kind != Kind::Mark => possessive(scene, end),
        Some(token) if token.glued && token.is_any(&["-", "/", ":", "%", "$", "_", "@"]) => false,
        Some(token) if token.glued && token.is(".") => !scene.glued(end + 1),
        Some(token) => token.is_mark() || token.kind == Kind::Quoted || token.is_in(&GOES_ON),
    }
}

fn possessive(scene: &Scene<'_>, at: usize) -> bool {
    scene.word(at) == "'s"
}

/// A weak piece counts at the end of the text without an article, or at its beginning before a mark.
fn weak_may_stand(scene: &Scene<'_>, start: usize, read: &Phrase) -> bool {
    if bare_figure(scene, start, read) {
        return false;
    }
    let last = !scene.has(read.end) || (read.end + 1 == scene.tokens.len() && scene.any(read.end, &[".", "!", "?"]));
    let bare_word = read.lead == Lead::Bare && (read.draft.names_time() || start == 0);
    match read.lead {
        Lead::Date | Lead::Time => true,
        Lead::Loose => scene.word(start) == "in",
        Lead::Bare if start == 0 && scene.word(read.end) == "to" => read.end > start + 1,
        Lead::Bare => last && !bare_word && start > 0 && !scene.any(start - 1, ARTICLES),
    }
}

/// A number that could be anything: "for 2", "7-11", "in 1984".
fn bare_figure(scene: &Scene<'_>, start: usize, read: &Phrase) -> bool {
    let only_clock = read.draft.names_time() && !read.draft.names_day();
    let figures = scene.tokens.get(read.end - 1).is_some_and(|token| token.kind == Kind::Number);
    only_clock && figures && !(read.lead == Lead::Time || scene.any(start, &["by", "before"]))
}

/// Part of a name, by its capitals: "Friday Night Lights", "the Sunday Times".
fn inside_a_name(scene: &Scene<'_>, start: usize, end: usize) -> bool {
    let (Some(last), Some(next)) = (scene.tokens.get(end - 1), scene.tokens.get(end)) else { return false };
    let all_capitals = scene.tokens.iter().filter(|token| token.kind == Kind::Word).all(|token| token.capital);
    let proper =
        next.capital && !next.glued && next.word != "i" && !next.word.starts_with("i'") && !next.is_in(&GOES_ON);
    let begins_with_preposition = scene.any(start, &["on", "at", "by", "before", "due", "for"]);
    proper && last.capital && !all_capitals && !begins_with_preposition
}
