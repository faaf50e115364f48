//! Connections that misbehave: requests that stay incomplete, answers that are not read.

use crate::virtual_user::{
    Target,
    socket::{Route, connect},
};
use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// The source address of the neighbour, so that limits by address do not apply to the users.
const OWN: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
/// Bytes up to the end of the status: `HTTP/1.1 200`.
const STATUS_LINE: usize = 12;

/// Opens connections that misbehave.
#[derive(Debug)]
pub(super) struct Raw {
    address: SocketAddr,
    client: Option<IpAddr>,
    token: String,
}

impl Raw {
    pub(super) fn of(target: &Target, token: String) -> Self {
        Self { address: target.address, client: target.client, token }
    }

    /// The same with another access token.
    pub(super) fn with_token(self, token: &str) -> Self {
        Self { token: token.to_owned(), ..self }
    }

    /// Sends a request and reads no more than the status of the answer. The connection stays open.
    pub(super) async fn begin_to_read(&self, path: &str) -> io::Result<(u16, TcpStream)> {
        let mut stream = self.connect(true).await?;
        stream.write_all(format!("GET {path} HTTP/1.1\r\n{}\r\n", self.headers()).as_bytes()).await?;
        Ok((status(&mut stream).await?, stream))
    }

    /// Sends a request with `sent` of its `whole` bytes of body. The connection stays open.
    pub(super) async fn begin_to_post(&self, path: &str, whole: usize, sent: usize) -> io::Result<TcpStream> {
        let mut stream = self.connect(false).await?;
        let head = format!(
            "POST {path} HTTP/1.1\r\n{}Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n\
             Content-Length: {whole}\r\n\r\n",
            self.headers()
        );
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(format!("{{\"email\":\"{}", "x".repeat(sent)).as_bytes()).await?;
        Ok(stream)
    }

    async fn connect(&self, narrow: bool) -> io::Result<TcpStream> {
        let from = self.address.ip().is_loopback().then_some(IpAddr::V4(OWN)).filter(|_| self.address.is_ipv4());
        connect(self.address, Route { from, narrow, client: None }).await
    }

    fn headers(&self) -> String {
        let client = self.client.map(|client| format!("X-Forwarded-For: {client}\r\n")).unwrap_or_default();
        let token =
            if self.token.is_empty() { String::new() } else { format!("Authorization: Bearer {}\r\n", self.token) };
        format!("Host: {}\r\n{client}{token}", self.address)
    }
}

/// Reads the status of an answer.
pub(super) async fn status(stream: &mut TcpStream) -> io::Result<u16> {
    let mut line = [0; STATUS_LINE];
    stream.read_exact(&mut line).await?;
    let digits = std::str::from_utf8(&line[9..]).ok().and_then(|digits| digits.parse().ok());
    digits.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))
}
