//! Small talk in any form: by single words, for clauses that no other reader has understood. It changes nothing, so it may guess.

use crate::Response;
use crate::grammar::Clause;
use crate::text::listed;

use super::Outcome;

/// The form of a sentence that a sign of small talk counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Any,
    Question,
    Statement,
}

/// A clause of that form with a word of each line is about this.
struct Sign {
    response: Response,
    form: Form,
    lines: &'static [&'static str],
}

const fn sign(response: Response, form: Form, lines: &'static [&'static str]) -> Sign {
    Sign { response, form, lines }
}

/// Words by which the assistant is spoken to.
const YOU: &str = "you you're you've your yours yourself ya u this ai bot";
/// Words for what the assistant is not.
const BEINGS: &str = "bot robot human humans ai computer person people machine artificial real alive sentient conscious program software \
     algorithm android cyborg soul flesh turing humanoid automated virtual mortal chatbot born intelligence being";
const PRAISE: &str = "great awesome amazing fantastic wonderful super perfect excellent brilliant sweet best useful helpful kind nice \
     fabulous terrific superb outstanding incredible genius lifesaver good lovely generous thoughtful glad happy better easier cool \
     rock rocks impressive impressed love marvelous pleased delighted";
const GOOD_TALK: &str = "nice great good glad pleasant pleasure fun lovely awesome enjoyed wonderful happy delight delightful amazing \
     enjoy interesting blast loved pleased fantastic";
const TALK: &str =
    "talk talking talked chat chatting chatted speak speaking spoke converse conversing conversation conversations";
const THANKS: &str =
    "thank thanks thankful grateful gratitude appreciate appreciated appreciative appeciate thx obliged indebted";
const STATES: &str = "up doing feeling going been holding treating new happening day night weekend life cracking crackin shaking good well \
     okay ok alright fine tricks hanging great happy busy";
const ABILITIES: &str = "help ask asked assist assistance capable capabilities skills skill subject subjects topics expertise familiar \
     knowledgeable abilities functions features programmed trained limits useful able talk discuss info information know offer do purpose comprehend understand";

/// Signs of small talk. The first one that fits counts.
const SIGNS: &[Sign] = &[
    sign(Response::Thanks, Form::Any, &[THANKS]),
    sign(Response::Goodbye, Form::Statement, &[GOOD_TALK, TALK]),
    sign(Response::Goodbye, Form::Any, &["goodbye bye farewell goodnight ciao cya sayonara ttyl"]),
    sign(Response::Help, Form::Any, &["what which how anything something things subjects topics kinds", "ask asked"]),
    sign(Response::Help, Form::Any, &["subjects topics types kinds sorts things", YOU, ABILITIES]),
    sign(
        Response::Help,
        Form::Any,
        &[
            "how process way steps procedure",
            "schedule scheduling scheduled add adding remind",
            "meeting reminder task appointment event",
        ],
    ),
    sign(Response::WhoAmI, Form::Any, &[YOU, BEINGS]),
    sign(Response::WhoAmI, Form::Question, &["bot robot human computer machine", "there here line with to"]),
    sign(Response::WhoAmI, Form::Question, &["talking chatting speaking texting dealing messaging", BEINGS]),
    sign(
        Response::Greeting,
        Form::Question,
        &["how how's hows are is have has what's what what're", "you you're you've ya u ai everything", STATES],
    ),
    sign(Response::Greeting, Form::Statement, &["hope trust", "you you're you've your", STATES]),
    sign(
        Response::Goodbye,
        Form::Statement,
        &["later soon tomorrow again around", "see ya you talk catch smell chat speak until till meet"],
    ),
    sign(Response::Goodbye, Form::Statement, &[TALK, YOU]),
    sign(Response::Help, Form::Question, &["what which how", YOU, ABILITIES]),
    sign(Response::WhoAmI, Form::Question, &["like as", "think feel act behave reason", BEINGS]),
    sign(Response::Thanks, Form::Statement, &["you you're you've your that that's this it it's it'll", PRAISE]),
];

/// The words that each kind of small talk is made of.
const WORDS: &[(Response, &str)] = &[
    (
        Response::Thanks,
        "great awesome amazing fantastic wonderful super perfect excellent brilliant sweet best useful helpful kind nice fabulous \
         terrific superb outstanding incredible genius lifesaver good lovely generous thoughtful glad happy better easier cool love \
         needed wanted looking job work impressed impressive pleased delighted quick fast sure did done well exactly heaven fan fans \
         wow bravo yay beautiful beautifully splendid",
    ),
    (Response::WhoAmI, "who bot robot human machine computer person real alive program made created built name old"),
    (
        Response::Goodbye,
        "go leave leaving later bye pleasure alligator crocodile amigo amigos adios care yourself tootles toodle done here off out \
         until again soon see around time take back bed sleep run quit logging chat talk",
    ),
    (
        Response::Greeting,
        "how hi hello hey doing feel feeling feels going goes new ok okay alright fine well day morning evening afternoon everything \
         meet acquaintance friend buddy hanging life happening things night yourself about up",
    ),
    (
        Response::Help,
        "what tell know abilities ability skills can could ask subjects topics list options commands features capable help understand \
         examples suggestions",
    ),
];

/// Words that small talk has besides.
const SMALL_WORDS: &str = "i you your you're you've me my we us our it it's its that that's this these the a an is was were are be been am \
     i'm i'd i've so very really just too to with for of in on at and or now today there have has had would like do does one as oh \
     what's how's all always by from then will i'll most more right way no not man much such quite pretty absolutely simply";

/// Most words of small talk. What is longer is about something.
const LONGEST: usize = 16;
/// The same for what is recognised by praise and the like, which other sentences have too.
const SHORT: usize = 12;

/// What small talk in any form is about. Only for clauses that no other reader has understood.
pub(super) fn read(clause: &Clause<'_>) -> Option<Outcome> {
    let words = clause.tokens().len();
    let asks = clause.request || listed(ASKING, clause.word(0));
    let fits = |sign: &&Sign| {
        let form = match sign.form {
            Form::Any => words <= LONGEST,
            Form::Question => asks && words <= LONGEST,
            Form::Statement => !asks && words <= SHORT,
        };
        form && sign.lines.iter().all(|line| clause.has_listed(line))
    };
    let found = SIGNS.iter().find(fits).map(|sign| sign.response.clone());
    // "are you self-aware", "were you built in a day": the answer is what the assistant is.
    let about_you = matches!((clause.word(0), clause.word(1)), ("are" | "were" | "aren't", "you"))
        || (clause.request && clause.word(0) == "be");
    let about_you = about_you && words <= SHORT;
    let thanks = clause.thanks.then_some(Response::Thanks);
    found.or(about_you.then_some(Response::WhoAmI)).or(thanks).or_else(|| by_weight(clause)).map(Outcome::Respond)
}

/// What a sentence of nothing but the words of small talk is about: that of which it has the most words, if there is one.
fn by_weight(clause: &Clause<'_>) -> Option<Response> {
    if clause.tokens().len() > SHORT || clause.is_empty() {
        return None;
    }
    let mut weights = [0_u32; WORDS.len()];
    for token in clause.tokens().iter().filter(|token| !token.is_mark()) {
        let mut known = listed(SMALL_WORDS, &token.word);
        for (weight, (_, line)) in weights.iter_mut().zip(WORDS) {
            let names = listed(line, &token.word);
            *weight += u32::from(names);
            known |= names;
        }
        if !known {
            return None;
        }
    }
    // "again", "let's see" and "what time" have words of a goodbye, and are none.
    let goodbye = clause.tokens().iter().any(|token| listed(GOODBYE, &token.word));
    if !goodbye && (clause.tokens().len() < 3 || listed(ASKING, clause.word(0))) {
        weights[2] = 0;
    }
    let most = weights.iter().copied().max().filter(|most| *most > 0)?;
    // Of equal ones the first.
    let place = weights.iter().position(|weight| *weight == most)?;
    WORDS.get(place).map(|(response, _)| response.clone())
}

/// Words of goodbyes that say so by themselves.
const GOODBYE: &str =
    "go leave leaving later bye alligator crocodile adios care tootles toodle off out quit logging bed sleep";

/// First words of questions.
const ASKING: &str = "what what's which how how's hows who who's why when where is are am was were do does did have has can could would will \
     may might should tell give";
