//! Large answers between the database and the client: a little in memory, the rest in a file that has no name.
//!
//! A document is written here as fast as it can be read, and sent as fast as its client takes it. What waits costs space
//! in the data folder; the file is gone with the process, whatever happens.

use super::error::Result;
use async_trait::async_trait;
use axum::{
    body::Body,
    response::{IntoResponse as _, Response},
};
use bytes::{Bytes, BytesMut};
use futures_util::stream;
use http::{HeaderValue, header};
use std::{
    fs::File,
    io::{self, Seek as _, Write as _},
    path::PathBuf,
};
use tandem_service::{ServiceError, documents::Sink};
use tokio::{io::AsyncReadExt as _, task::spawn_blocking};

/// What is kept in memory; more goes to a file.
const MEMORY_BYTES: usize = 256 * 1024;
/// What is read of the file at once.
const CHUNK_BYTES: usize = 64 * 1024;

/// A document on its way.
#[derive(Debug)]
pub(super) struct Spool {
    folder: PathBuf,
    held: Vec<u8>,
    file: Option<File>,
    written: u64,
}

#[async_trait]
impl Sink for Spool {
    async fn take(&mut self, piece: &[u8]) -> tandem_service::Result<()> {
        self.held.extend_from_slice(piece);
        if self.held.len() > MEMORY_BYTES { self.put_down().await } else { Ok(()) }
    }
}

impl Spool {
    /// Nothing yet. Its file will be in `folder`.
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder, held: Vec::new(), file: None, written: 0 }
    }

    /// Writes what is held to the file, on a thread that may wait for the disk.
    async fn put_down(&mut self) -> tandem_service::Result<()> {
        let (mut held, file, folder) = (std::mem::take(&mut self.held), self.file.take(), self.folder.clone());
        let put = move || {
            let mut file = file.map_or_else(|| tempfile::tempfile_in(folder), Ok)?;
            file.write_all(&held)?;
            let written = held.len();
            held.clear();
            Ok::<_, io::Error>((file, held, written))
        };
        let (file, held, written) = blocking(put).await?;
        (self.file, self.held) = (Some(file), held);
        self.written += written as u64;
        Ok(())
    }

    pub(super) async fn answer(mut self) -> Result<Response> {
        let headers = |length: u64| {
            let kind = (header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            [kind, (header::CONTENT_LENGTH, length.into())]
        };
        if self.file.is_none() {
            return Ok((headers(self.held.len() as u64), Body::from(self.held)).into_response());
        }
        self.put_down().await?;
        let Some(mut file) = self.file else { return Err(ServiceError::unavailable("the spool has no file").into()) };
        let file = blocking(move || file.rewind().map(|()| file)).await?;
        let chunks = stream::try_unfold(tokio::fs::File::from_std(file), chunk);
        Ok((headers(self.written), Body::from_stream(chunks)).into_response())
    }
}

async fn chunk(mut file: tokio::fs::File) -> io::Result<Option<(Bytes, tokio::fs::File)>> {
    let mut chunk = BytesMut::with_capacity(CHUNK_BYTES);
    let read = file.read_buf(&mut chunk).await?;
    Ok((read > 0).then(|| (chunk.freeze(), file)))
}

/// Runs work on files where waiting is allowed. A disk that is full is a matter of the operator, not of the client.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> tandem_service::Result<T> {
    match spawn_blocking(work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(ServiceError::Unavailable(anyhow::Error::new(error).context("the spool"))),
        Err(panic) => Err(ServiceError::Internal(panic.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt as _;

    async fn sent(pieces: usize) -> (Vec<u8>, Vec<u8>) {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::new(folder.path().to_owned());
        let mut expected = Vec::new();
        for piece in 0..pieces {
            let piece = format!("{piece:0>1000}").into_bytes();
            spool.take(&piece).await.unwrap();
            expected.extend(piece);
            assert!(spool.held.len() <= MEMORY_BYTES);
        }
        let response = spool.answer().await.unwrap();
        assert_eq!(response.headers()[header::CONTENT_LENGTH], expected.len().to_string());
        (response.into_body().collect().await.unwrap().to_bytes().to_vec(), expected)
    }

    #[tokio::test]
    async fn what_goes_in_comes_out_from_memory_and_from_a_file() {
        for pieces in [0, 1, 200, 1_000] {
            let (body, expected) = sent(pieces).await;
            assert!(body == expected, "{pieces} pieces");
        }
    }
}
