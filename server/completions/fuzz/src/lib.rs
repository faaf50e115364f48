//! What must hold of any bytes that a provider sends: they are read without a panic, in bounded memory, and alike in any
//! pieces.

use tandem_completions::{AnswerAssembly, AnswerReader, Call, Failure, Finish, MAX_ARGUMENTS, MAX_CALLS};

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// What a run sees of an answer.
#[derive(Debug, Default, PartialEq)]
struct Step {
    text: String,
    thoughts: String,
    calls: Vec<Call>,
    finish: Option<Finish>,
    usage: (u64, u64),
    failure: Option<Failure>,
}

/// The bytes of a body. The first one says how the rest is cut and whether it is declared as compressed.
///
/// # Panics
/// When a property does not hold.
pub fn answer(bytes: &[u8]) {
    let Some((&how, body)) = bytes.split_first() else { return };
    let encoding = ["", "", "gzip", "br", "deflate"][usize::from(how % 5)];
    let whole = read(encoding, [body]);
    assert!(whole.calls.len() <= MAX_CALLS + 1, "too many calls are kept");
    for call in &whole.calls {
        // The second form of a text that was encoded twice may be longer than the text, by its escapes.
        assert!(!call.name.is_empty() && call.arguments.len() <= 8 * MAX_ARGUMENTS, "a call is not bounded");
    }
    assert_eq!(whole.failure.is_none(), whole.finish.is_some(), "an answer is complete after a reason of its end alone");
    // How much of a damaged compressed body can be decoded depends on the pieces.
    if encoding.is_empty() && !body.starts_with(&GZIP_MAGIC) {
        assert_eq!(read(encoding, body.chunks(usize::from(how / 5) + 1)), whole, "pieces change the answer");
    }
}

fn read<'b>(encoding: &str, pieces: impl IntoIterator<Item = &'b [u8]>) -> Step {
    let (mut reader, mut out) = (AnswerReader::new(encoding), Vec::new());
    for piece in pieces {
        reader.push(piece, &mut out);
    }
    reader.finish(&mut out);
    let (mut step, mut assembly) = (Step::default(), AnswerAssembly::new(|name| name == "add_task"));
    for item in out {
        match item {
            Ok(chunk) => {
                step.text += &chunk.text;
                step.thoughts += &chunk.thoughts;
                assembly.add(chunk);
            }
            Err(failure) => step.failure = Some(failure),
        }
    }
    Step { finish: assembly.finish, usage: assembly.usage, calls: assembly.into_calls(), ..step }
}
