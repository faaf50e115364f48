//! Small talk: greetings, thanks, questions about the assistant itself. Only where it is the whole clause.

use crate::grammar::{Clause, patterns};
use crate::reference::{MAX_CHOICES, ReadContext};
use crate::text::listed;
use crate::understood::Understood;
use crate::{Action, Response};
use tandem_protocol::TaskId;
use tandem_protocol::enums::TaskStatus;

use super::Outcome;

#[derive(Debug, Clone, Copy)]
enum Small {
    Greeting,
    Goodbye,
    Thanks,
    Help,
    WhoAmI,
    HowLists,
    Now,
    Yes,
    No,
    Undo,
    Overview,
}

patterns! {
    TABLE: Small {
        Greeting: "hi|hello|hey|howdy|hola|greetings|yo|hiya|sup|salutations|g'day|heya|aloha [,] [there|again|everyone|friend|all|ai|bot|assistant|you|to_you|my_friend|siri|alexa|tandem|buddy|pal|computer|robot|old_friend]",
        Greeting: "friend|ai|siri|alexa|buddy|pal|computer|robot|everyone",
        Greeting: "hi|hello|hey|howdy|yo [there] [,] how|how's|hows|what's *",
        Greeting: "good morning|afternoon|evening|day [,] [to] [ai|everyone|there|you|friend|bot|assistant|all|my_friend]",
        Greeting: "how are|were|is you|things|everything|it|life [*]",
        Greeting: "how are|is you|things|everything|life *",
        Greeting: "how's|hows it|life|everything|things [going|hanging] [with_you]",
        Greeting: "how goes it",
        Greeting: "what's|whats|what_is up|new|happening|cracking|crackin|shaking|poppin|good|cooking",
        Greeting: "friend|buddy|pal|siri|alexa|ai|computer|dude|man|mate , how|how's|what's|are *",
        Greeting: "nice|good|great|pleased|glad|happy|lovely to see|meet|make you|your [*]",
        Greeting: "how's|how_are|how_is tricks|things|business|the_family [*]",
        Greeting: "how have|has you|ya|things|everything|life|your_day been [doing|going|lately|today|so_far]",
        Greeting: "how ya|you|u|y'all [been|doing|are|feeling|holding_up] [doing|today|lately|now]",
        Greeting: "how is|was|are|has|'s your|the|ya day|morning|evening|night|week|weekend|afternoon|life|mood [*]",
        Greeting: "how do you do|feel [today]",
        Greeting: "are|is you|things|everything|all|life|it [*] ok|okay|well|good|fine|alright|great|happy|all_right|going_okay [today|now|with_you|for_you|there|lately]",
        Greeting: "you|everything|all ok|okay|well|good|fine|alright|doing_okay|doing_well|doing_alright|doing_good|all_right|going_okay|going_well|feeling_okay [today|now|there]",
        Greeting: "have you been good|well|okay|ok|alright|busy|doing_well|doing_okay [lately|today]",
        Greeting: "are|were you having|doing a|an [*] good|nice|great|day|well|fine",
        Greeting: "did you have|sleep|get a|well|any [good|nice|great] [day|night|weekend|morning|rest|sleep]",
        Greeting: "tell me how you've_been|you_are|you're|the_ai_is|you_feel|you_are_feeling|things_are|life_is|your_day [doing|going|feeling|been|today|is|was|went] [going|today]",
        Greeting: "tell me about your day|morning|night|weekend|week",
        Greeting: "what have|are you been up_to|doing|thinking [lately|today|now|about|right_now]",
        Greeting: "what do you feel|want|like like to|doing|today [do] [today]",
        Greeting: "what's|whats|what_is up|new|happening|going_on|shaking|cracking|good|poppin|popping|cooking with|for|, you|buddy|friend|there|in_your_life|today",
        Greeting: "it's|it_is|always|so [so|always|a|very] nice|good|great|lovely|wonderful|pleasure|glad to see|meet|hear|have you|from_you [*]",
        Greeting: "i'm|i_am|so [so|very] happy|glad|pleased to see|meet you [*]",
        Greeting: "long time [,] no see|talk",
        Greeting: "i hope|trust [that] you're|you|you've|your_day [are|is|have|had|been] [*] well|good|fine|great|okay|day|going_well [today]",
        Greeting: "hope you're|you_are|you_had|your_day [*]",
        Greeting: "nice|good|lovely|beautiful day|morning|weather [today|isn't_it|we're_having]",
        Goodbye: "bye|goodbye|farewell|ciao|later|peace|adios [now|bye|then|for_now]",
        Goodbye: "good night [*]",
        Goodbye: "long|sayonara|syonara|cheerio|toodles|ttyl|cya|adieu|tata|ta_ta|toodle_oo|so_long|regards|best_regards|au_revoir|hasta_la_vista|hasta_luego|arrivederci|ciao|peace_out|take_care|over_and_out|signing_off|bye_bye|bye|goodbye|good_bye|farewell|later|laters|godspeed [,] [*]",
        Goodbye: "go|run|leave|bounce|jet|head_out|head_off|get_going|be_going|be_leaving|be_off|get_off|say_goodbye|sign_off|log_off|hit_the_road [now|bye]",
        Goodbye: "i'm|i_am|we're|we_are off|out|outta_here|out_of_here|leaving|going|heading_out|heading_off|signing_off|logging_off|gone|done_for_today|done_for_now|done_talking|going_to_go|gonna_go|about_to_leave|about_to_go [now|then|bye|here|to_work|home|to_bed|for_today|for_now|to_you]",
        Goodbye: "i'll|i_will|we'll|we_will see|talk|speak|chat|catch [to|with] [you] [later|soon|tomorrow|around|again|then|next_time|up_later|another_time]",
        Goodbye: "i'll|i_will be going|leaving|off|back [later|soon|now|tomorrow]",
        Goodbye: "that's|that_is|that'll_be|that_will_be all|everything|it [i_need|i_needed|for_now|for_today] [now|today|thanks|bye]",
        Goodbye: "[it's|it_is] time to|for_me_to go|leave|run|say_goodbye|head_out [now]",
        Goodbye: "until|till later|tomorrow|then|we_meet_again|we_talk_again|next_time|we_speak_again",
        Goodbye: "let's talk|chat|speak later|soon|again|tomorrow [*]",
        Goodbye: "enjoy your|the|rest day|evening|night|weekend|of_your_day|rest_of_your_day [*]",
        Goodbye: "you have|enjoy a|your|the [good|nice|great|lovely|wonderful] day|evening|night|weekend|one [too]",
        Goodbye: "have [a] fun|good_one|blessed_day|pleasant_day|wonderful_day|great_rest_of_your_day|safe_trip|good_rest_of_your_day",
        Goodbye: "great|nice|good|lovely|fun|pleasant [little] talk|chat|conversation|talking|chatting|speaking [with|to] [you|today] [today] [,] [thanks|bye]",
        Goodbye: "see you|ya [*]",
        Goodbye: "talk|speak|catch [to] [you] later|soon",
        Goodbye: "until next time",
        Goodbye: "take it easy",
        Goodbye: "have a good|nice|great day|evening|night|weekend|one|week",
        Thanks: "thanks|thank|thx|ty|cheers|gracias|merci",
        Thanks: "thanks|thank|thx [you] *",
        Thanks: "oh|great|perfect|awesome|super|cool|lovely|ok [sweet] [,] thanks|thank|thx [you] [so|very] [much]",
        Thanks: "[i] [really] appreciate *",
        Thanks: "appreciated",
        Thanks: "i owe you [one|big_time|a_lot|so_much]",
        Thanks: "i'm|i_am|so|very [so|very|really|just] happy|glad|thankful|pleased|grateful [that] [you] [did|could|were|helped|are|for] [*]",
        Thanks: "[i] [need|want|wanted|have|just|must|would_like] [to] [just|really] thank|thanks [*]",
        Thanks: "[oh|so|that's|that_is|that_was|this_is|it's|it_was|you_are|you're|you_were|you've_been|you_have_been|what] [so|really|very|just|simply|a|the|truly|such] [very|real|big] helpful|great|awesome|amazing|fantastic|wonderful|super|perfect|excellent|brilliant|sweet|lifesaver|best|useful|kind|nice|fabulous|terrific|superb|outstanding|incredible|genius|star|generous|thoughtful [help|of_you|to_me|today|job|work|thanks|thank_you|ever|assistant|ai] [,] [thanks|thank_you]",
        Thanks: "you did|do|have_done|'ve_done [a|an|such_a] [very|really] good|great|nice|fine|awesome|amazing|excellent|wonderful|fantastic|well [job|work] [*]",
        Thanks: "you helped|saved|rock|rule [me|my_life|my_day] [out|a_lot|so_much|big_time|today]",
        Thanks: "you've|you_have [really|just] helped|saved|made|been *",
        Thanks: "you made my day|life|it|this [easier|better|easy|*]",
        Thanks: "well|nicely done|played [ai|bot|thanks]",
        Thanks: "kudos|props|bravo|respect|gratitude|bless_you|much_obliged|much_appreciated|many_thanks|nice_one|hats_off|good_stuff|good_looking_out|two_thumbs_up [to_you|you] [*]",
        Thanks: "i couldn't|could_not|can't_have have|do done|this it|this|that without you|your_help [*]",
        Thanks: "it's|it_is|life|everything|my_life is|so|much [so] [much] easier|better|nicer [with|because_of|thanks_to] you|your_help [around|here|in_it|*]",
        Thanks: "that|this|it [really] helps|helped|works|worked [me] [a_lot|so_much|out|great|perfectly|lots]",
        Thanks: "i [really] wish|love|like|adore|admire|value you|your|having_you [were|are|had|help|work|assistance|around] [*]",
        Thanks: "great|perfect|awesome|super|cool|nice|lovely|wonderful|excellent|brilliant|good|fantastic|amazing|outstanding [job|work|one|stuff] [,] [ai|bot|assistant|today|there|buddy|friend]",
        Help: "help",
        Help: "help me",
        Help: "what can|could you do|help|handle [for|with|me|us] [me|with]",
        Help: "what can i ask|say|do|tell [you] [*]",
        Help: "what are you able|programmed to do|help [*]",
        Help: "how do|can you work|help [me|us]",
        Help: "how do|does i|this|it use|work [you|this|it]",
        Help: "what [*] you can do|help_me_with|help_with [for_me]",
        Help: "tell|show me what you can do [for_me]",
        Help: "what [kind|kinds|sort|sorts|type|types|categories] [of] questions|things|stuff|subjects|topics can|could|do|are|should *",
        Help: "what are your skills|capabilities|abilities|features|commands",
        Help: "commands|usage|instructions",
        Help: "[is|are|isn't] there anything|something|things|topics|subjects|questions|stuff [else|that] i|you can't|cannot|can|could|shouldn't|can_not|are|may ask|tell|say|do|help|answer|discuss|know [*]",
        Help: "what [all|else|exactly|things|stuff] [am|can|could|should|may|is|would] i|we|one|it|you [able|allowed|supposed|free] [to] [be] ask|asked|say|tell [*]",
        Help: "what do you know|do|offer|cover|handle|answer|provide [how_to_do|about] [*]",
        Help: "what are you good|familiar|capable|programmed|designed|made|built|there|here|able|used|useful|meant [*]",
        Help: "what's|what_is your|the purpose|function|job|role|use|expertise|specialty|point_of_you",
        Help: "how can|could|may|might|will|do you help|assist|be_of_help|be_of_assistance|be_useful|be_of_service|serve [*]",
        Help: "give|show me [a|some|the] [list|examples] [of] [the] things|questions|examples|topics|subjects|commands [that] i|you|to can|could|ask [*]",
        Help: "list|name [the|some|all] things|questions|topics|subjects|commands [that] i|you can|could|know [*]",
        Help: "which|what questions|subjects|topics|things|areas|commands|services|tasks|features|functions do|can|are|could you|i|we [able_to] know|answer|ask|do|familiar|understand|provide|offer|have|help|good|perform|discuss|talk [*]",
        HowLists: "create|make|start|begin|set_up|add|open|build [me] a|an [new] list",
        HowLists: "create|make|start|begin|set_up|add|build [me] [a|an|another] [new] list called|named|for|titled *",
        HowLists: "create|make|start|begin|set_up|add|build [me] a|an|another [new] <list>",
        Now: "what time|day|date is|'s it|today [now|today|right_now]",
        Now: "what's|what_is the time|date|day [now|today|right_now]",
        Now: "what's|what_is today|today's [day|date]",
        Now: "what day|date is today|it [today]",
        WhoAmI: "who are you",
        WhoAmI: "what are you [exactly|really|then|actually]",
        WhoAmI: "are you [a|an|really|actually|just] [real|live|human|actual] bot|robot|human|ai|computer|person|machine|real|model [*]",
        WhoAmI: "am i talking|speaking|chatting to|with *",
        WhoAmI: "who|what am|are i|we talking|speaking|chatting|texting|dealing [to|with] [*]",
        WhoAmI: "what's your name",
        WhoAmI: "what is your name",
        Yes: "yes|yep|yeah|yup|ya|yea|sure|ok|okay|absolutely|definitely|correct|right|confirm|confirmed|affirmative|positive|indeed|alright|fine [please|sure|sir|do_it|that's_right|go_ahead|thanks]",
        Yes: "yes [,] *",
        Yes: "all right",
        Yes: "go ahead|on [then|please]",
        Yes: "ok|okay|alright|fine|sure then|why_not|please|of_course",
        Yes: "of course|by_all_means|please_do|why_not|if_you_like|i_guess|i_suppose_so",
        No: "oops|whoops|hmm [no]",
        No: "[oops|hmm] that was|is wrong|not_right|not_what_i_meant|a_mistake",
        Yes: "do it|that",
        Yes: "sounds good",
        Yes: "that's|that_is|you_are|you're right|correct|true|fine|it",
        No: "no|nope|nah|nay|negative|negatory|never|false|wrong [thanks|thank_you|way|sir|please]",
        No: "no [,] *",
        No: "not now|yet|really|true|that|at_all|right_now",
        No: "never|nevermind [mind]",
        No: "forget|drop|leave|scrap|scratch|abort|stop|cancel|ignore it|that|this",
        No: "stop|cancel|abort|quit|scrap|halt|hush|wait|nevermind",
        No: "none [of_them|of_those|of_these]",
        No: "neither",
        No: "don't|do_not [do_it|do_that]",
        No: "maybe|perhaps|possibly",
        No: "i don't|do_not know",
        No: "i'm|i_am not sure|certain [*]",
        Undo: "undo [it|that|this|the_last_action|the_last_change|last|last_change|last_action|the_last_one|my_last_action|everything]",
        Undo: "undo the|my|that last|previous *",
        Undo: "revert [it|that|this|the_last_change|the_last_action]",
        Undo: "take|put|bring|get|give that|it|them back",
        Undo: "that was a mistake|wrong [,] [undo] [that|it]",
        Undo: "that was a mistake|wrong , undo that|it",
        Overview: "what should|shall|can|could i do [next|now|first|today|right_now|this_morning|this_afternoon|tonight]",
        Overview: "what should|shall i work|focus|concentrate on [next|now|first|today]",
        Overview: "what should|shall i start with [today]",
        Overview: "where should|shall|do i start|begin",
        Overview: "what's|what_is next [up] [for_me]",
        Overview: "what's|what_is [the|my] most|top important|urgent|priority [task|thing] [today|now|right_now]",
        Overview: "plan|organize|organise|prioritize|prioritise|schedule|sort my day|today|week|morning|afternoon|evening|tasks|work|time",
        Overview: "plan my day|week|morning|afternoon *",
        Overview: "plan out my day|week|today",
        Overview: "what|how does my day|today|week|schedule look like",
        Overview: "how|what's|what_is is|my my|day|plan day|today|like|looking|for [looking|today|like] [today]",
        Overview: "give|show me [a|an|my|the] overview|summary|rundown|briefing|recap [of] [my] [day|tasks|week|everything]",
        Overview: "overview|summary|briefing|recap [please]",
        Overview: "brief|summarize|summarise me|my|everything [day|tasks|week]",
        Overview: "where|how do|am i|things stand|doing [with_my_tasks|today]",
        Overview: "what am i supposed to be doing|do [today|now|next]",
    }
}

/// Words after "no" that it belongs to.
const NO_ANSWER: &str = "one body reminder reminders alarm due date deadline priority label labels list";

/// What a clause is when it is small talk.
fn small(clause: &Clause<'_>) -> Option<Small> {
    let (found, _) = TABLE.best(clause.tokens())?;
    // "no one watered the plants", "no due date for the garage" answer nothing.
    let denies = clause.word(0) == "no" && listed(NO_ANSWER, clause.word(1)) && clause.tokens().len() > 2;
    if denies && matches!(found, Small::No) { None } else { Some(found) }
}

pub(super) fn read(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    if let Some(asked) = done(clause, cx) {
        return Some(asked);
    }
    Some(match small(clause)? {
        Small::Greeting => Outcome::Respond(Response::Greeting),
        Small::Goodbye => Outcome::Respond(Response::Goodbye),
        Small::Thanks => Outcome::Respond(Response::Thanks),
        Small::Help => Outcome::Respond(Response::Help),
        Small::Now => Outcome::Respond(Response::Now),
        Small::HowLists => Outcome::Respond(Response::HowLists),
        Small::WhoAmI => Outcome::Respond(Response::WhoAmI),
        Small::Yes => Outcome::Respond(Response::NothingToConfirm),
        Small::No => Outcome::Respond(Response::Dropped),
        Small::Undo => Outcome::Act(Understood::undo()),
        Small::Overview => return Outcome::look(Action::Overview),
    })
}

/// "done": which one, when there is any.
fn done(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    const DONE: &str = "done|finished|completed|i'm done|i am done|i'm finished|that's done|it's done";
    if clause.longest_start(DONE) != Some(clause.tokens().len()) {
        return None;
    }
    let open = || cx.context.tasks.iter().filter(|task| task.status == TaskStatus::Open).map(|task| task.id);
    // Those that were spoken of are meant before all others.
    let named = [cx.context.last_touched, cx.context.shown];
    let named = named.into_iter().find(|named| open().any(|id| named.contains(&id)));
    let meant = |id: &TaskId| named.is_none_or(|named| named.contains(id));
    let choices: Vec<TaskId> = open().filter(meant).take(MAX_CHOICES).collect();
    if let Some(chosen) = cx.chosen {
        let ids = Understood::selected(chosen.to_vec(), &Understood::of_words(clause));
        return Some(Outcome::Act(ids.act(|ids| vec![Action::Complete { ids }])));
    }
    let question = if choices.len() == 1 { "Is this one done?" } else { "Which one is done?" };
    (!choices.is_empty()).then(|| Outcome::Ask { question: question.to_owned(), choices })
}

/// Whether a clause agrees or refuses, with nothing else.
pub(super) fn answer(clause: &Clause<'_>) -> Option<bool> {
    match small(clause)? {
        Small::Yes => Some(true),
        Small::No => Some(false),
        _ => None,
    }
}
