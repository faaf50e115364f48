//! Reads the answers of servers that implement OpenAI's chat completions: from the bytes of a body to an assembled step.
//!
//! Servers differ from the reference in every field, and proxies between them differ again. A strict reader loses good
//! answers; one that accepts any end shows half an answer as a whole one. So this reader accepts every form of bytes and
//! fields that was seen, and is strict about one thing only: whether the answer ended well.
//!
//! The stages are pure and each has a module: `decoding` undoes compression, `frames` splits the bytes, `json` parses a
//! frame, `chunk` interprets it, `error_frame` knows errors from
//! other frames, `thinking` separates thoughts from text, `echo` keeps the
//! thoughts that a provider expects back, and [`AnswerAssembly`] collects the result.
//!
//! **Invariant:** how the bytes are cut into pieces does not change the assembled step, unless a compressed body is damaged.
//! **Invariant:** no input causes a panic, and what is kept of an answer is bounded.

mod assembly;
mod call;
mod chunk;
mod decoding;
mod echo;
mod error_frame;
mod frames;
mod json;
mod reader;
mod refusal;
mod thinking;

pub use assembly::{AnswerAssembly, MAX_ARGUMENTS, MAX_CALLS};
pub use call::{Call, CallDelta};
pub use chunk::{Chunk, Finish};
pub use reader::{AnswerReader, Ending, Failure};
pub use refusal::{Refusal, RefusalKind};
