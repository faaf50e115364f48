//! A buffer for large answers: a little in memory, the rest in a temporary file.
//!
//! An export is read from the database at its full speed, and sent at that of its client. Without a buffer in between,
//! a slow client would hold a database connection and an old view of the data. In memory alone, ten exports took 1.4
//! GB.
//!
//! The file has no name, so that it disappears with the process, whatever happens.

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

/// Bytes that are held in memory before they are written to the file.
const MEMORY_BYTES: usize = 256 * 1024;
/// Bytes that are read from the file at once.
const CHUNK_BYTES: usize = 64 * 1024;

#[derive(Debug)]
pub(super) struct Spool {
    folder: PathBuf,
    buffer: Vec<u8>,
    file: Option<File>,
    written: u64,
}

#[async_trait]
impl Sink for Spool {
    async fn take(&mut self, chunk: &[u8]) -> tandem_service::Result<()> {
        self.buffer.extend_from_slice(chunk);
        if self.buffer.len() > MEMORY_BYTES { self.write_to_file().await } else { Ok(()) }
    }
}

impl Spool {
    /// Creates an empty spool. Its file, if it needs one, will be in `folder`.
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder, buffer: Vec::new(), file: None, written: 0 }
    }

    /// Moves the buffer to the file, on a thread that may wait for the disk.
    async fn write_to_file(&mut self) -> tandem_service::Result<()> {
        let (mut buffer, file, folder) = (std::mem::take(&mut self.buffer), self.file.take(), self.folder.clone());
        let write = move || {
            let mut file = file.map_or_else(|| tempfile::tempfile_in(folder), Ok)?;
            file.write_all(&buffer)?;
            let written = buffer.len();
            // Returned empty, with its capacity for what comes next.
            buffer.clear();
            Ok::<_, io::Error>((file, buffer, written))
        };
        let (file, buffer, written) = blocking(write).await?;
        (self.file, self.buffer) = (Some(file), buffer);
        self.written += written as u64;
        Ok(())
    }

    /// Makes the answer from what was written. Its length is known, so that a client notices an incomplete one.
    pub(super) async fn answer(mut self) -> Result<Response> {
        let headers = |length: u64| {
            let kind = (header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            [kind, (header::CONTENT_LENGTH, length.into())]
        };
        if self.file.is_none() {
            return Ok((headers(self.buffer.len() as u64), Body::from(self.buffer)).into_response());
        }
        // The rest of the buffer goes to the file, too: one source is simpler to send than two.
        self.write_to_file().await?;
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

/// Runs file operations on a thread for blocking work. Their errors count as unavailability: a full disk is not a
/// mistake of the client.
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

    async fn sent(chunks: usize) -> (Vec<u8>, Vec<u8>) {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::new(folder.path().to_owned());
        let mut expected = Vec::new();
        for chunk in 0..chunks {
            let chunk = format!("{chunk:0>1000}").into_bytes();
            spool.take(&chunk).await.unwrap();
            expected.extend(chunk);
            assert!(spool.buffer.len() <= MEMORY_BYTES);
        }
        let response = spool.answer().await.unwrap();
        assert_eq!(response.headers()[header::CONTENT_LENGTH], expected.len().to_string());
        (response.into_body().collect().await.unwrap().to_bytes().to_vec(), expected)
    }

    #[tokio::test]
    async fn what_goes_in_comes_out_from_memory_and_from_a_file() {
        for chunks in [0, 1, 200, 1_000] {
            let (body, expected) = sent(chunks).await;
            assert!(body == expected, "{chunks} chunks");
        }
    }
}
