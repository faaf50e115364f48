//! An answer on its way to its client, with the permit of its request.
//!
//! A large answer waits in memory, or in a file, for as long as its client takes to read it. If the permit ended with the
//! handler, a user could have as many answers wait as there are connections. So the user's part of the permit lasts until
//! all has been sent. The node's part ends with the handler: a few slow clients would otherwise keep everybody from theirs.

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

/// Sent at once. The HTTP library lets go of a body once it has its last piece, so the pieces are small.
const PIECE_BYTES: usize = 16 * 1024;

/// Keeps the permit of a request until its answer was sent, or its client has gone.
pub(super) async fn until_sent(mut request: Request, next: Next) -> Response {
    let held = Held::default();
    request.extensions_mut().insert(held.clone());
    let response = next.run(request).await;
    if !held.work_is_done() {
        return response;
    }
    response.map(|body| Body::new(Sending { body, piece: Bytes::new(), _held: held }))
}

struct Sending {
    body: Body,
    /// What is left of the frame that is cut into pieces.
    piece: Bytes,
    _held: Held,
}

impl HttpBody for Sending {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = self.get_mut();
        if this.piece.is_empty() {
            match ready!(Pin::new(&mut this.body).poll_frame(cx)).transpose()?.map(Frame::into_data) {
                None => return Poll::Ready(None),
                Some(Err(trailers)) => return Poll::Ready(Some(Ok(trailers))),
                Some(Ok(data)) => this.piece = data,
            }
        }
        let next = this.piece.split_to(this.piece.len().min(PIECE_BYTES));
        Poll::Ready(Some(Ok(Frame::data(next))))
    }

    fn is_end_stream(&self) -> bool {
        self.piece.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (rest, left) = (self.body.size_hint(), self.piece.len() as u64);
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
    async fn an_answer_is_sent_whole_in_small_pieces() {
        for length in [0, 1, PIECE_BYTES, 5 * PIECE_BYTES + 7] {
            let whole: Bytes = (0..length).map(|at| u8::try_from(at % 251).unwrap()).collect();
            let mut sending = Sending { body: Body::from(whole.clone()), piece: Bytes::new(), _held: Held::default() };
            let mut sent = Vec::new();
            while let Some(frame) = sending.frame().await {
                let piece = frame.unwrap().into_data().unwrap();
                assert!(piece.len() <= PIECE_BYTES);
                sent.extend_from_slice(&piece);
                assert_eq!(sending.size_hint().exact(), Some((length - sent.len()) as u64));
            }
            assert!(sending.is_end_stream() && sent == whole, "{length} bytes");
        }
    }
}
