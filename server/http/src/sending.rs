//! Answers that keep the permit of their request until they have been sent.
//!
//! A large answer waits in memory, or in a file, while its client reads it. If the permit were returned by the handler,
//! a user could have as many answers waiting as there are connections. So the user's part of the permit is held until
//! the last byte. The node's part is returned with the end of the work: otherwise a few slow clients would hold all
//! permits of the node.
//!
//! The permit is also returned when the client disconnects, because the HTTP library then drops the body.

use axum::{
    body::{Body, HttpBody},
    extract::Request,
    middleware::Next,
    response::Response,
};
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};
use tandem_service::Held;

/// The size of the chunks that a body is split into. The HTTP library drops a body as soon as it has the last chunk,
/// while that still waits for the client: the smaller it is, the less is held without a permit.
const CHUNK_BYTES: usize = 16 * 1024;

/// Holds the permit of a request until its answer has been sent, or its client has disconnected.
pub(super) async fn until_sent(mut request: Request, next: Next) -> Response {
    let held = Held::default();
    request.extensions_mut().insert(held.clone());
    let response = next.run(request).await;
    if !held.work_is_done() {
        // No permit was taken. Assets and refusals are sent without a layer in between.
        return response;
    }
    response.map(|body| Body::new(Sending { body, frame: Bytes::new(), _held: held }))
}

struct Sending {
    body: Body,
    /// The rest of the frame that is being split.
    frame: Bytes,
    _held: Held,
}

impl HttpBody for Sending {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = self.get_mut();
        if this.frame.is_empty() {
            match ready!(Pin::new(&mut this.body).poll_frame(cx)).transpose()?.map(Frame::into_data) {
                None => return Poll::Ready(None),
                Some(Err(trailers)) => return Poll::Ready(Some(Ok(trailers))),
                Some(Ok(data)) => this.frame = data,
            }
        }
        // Splitting shares the memory of the frame, and copies nothing.
        let next = this.frame.split_to(this.frame.len().min(CHUNK_BYTES));
        Poll::Ready(Some(Ok(Frame::data(next))))
    }

    fn is_end_stream(&self) -> bool {
        self.frame.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        // Exact if that of the body is: the answer keeps its `Content-Length`.
        let (rest, left) = (self.body.size_hint(), self.frame.len() as u64);
        let mut hint = SizeHint::new();
        hint.set_lower(rest.lower() + left);
        if let Some(upper) = rest.upper() {
            hint.set_upper(upper + left);
        }
        hint
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt as _;

    #[tokio::test]
    async fn an_answer_is_sent_whole_in_small_chunks() {
        for length in [0, 1, CHUNK_BYTES, 5 * CHUNK_BYTES + 7] {
            let whole: Bytes = (0..length).map(|at| u8::try_from(at % 251).unwrap()).collect();
            let mut sending = Sending { body: Body::from(whole.clone()), frame: Bytes::new(), _held: Held::default() };
            let mut sent = Vec::new();
            while let Some(frame) = sending.frame().await {
                let chunk = frame.unwrap().into_data().unwrap();
                assert!(chunk.len() <= CHUNK_BYTES);
                sent.extend_from_slice(&chunk);
                assert_eq!(sending.size_hint().exact(), Some((length - sent.len()) as u64));
            }
            assert!(sending.is_end_stream() && sent == whole, "{length} bytes");
        }
    }
}
