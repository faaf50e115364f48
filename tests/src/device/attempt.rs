//! Operations of a device on an unreliable network: they return [`Lost`] where others panic.

use super::{Closed, Credentials, Device, Seen, command_frame, wire::OpenError};
use std::time::Duration;
use tandem_protocol::{
    CommandId,
    enums::WelcomeMode,
    live::{
        Command,
        server::{Ack, ErrorFrame, Welcome},
    },
};

/// The connection ended, or nothing arrived within the time limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// How the server closed it, if it did.
    pub closed: Option<Closed>,
}

impl Device {
    /// As [`Device::connect`], on an unreliable network.
    ///
    /// # Errors
    /// When the connection is lost before the device is live.
    pub async fn try_connect(&mut self, patience: Duration) -> Result<(), Lost> {
        let opened = tokio::time::timeout(patience, self.try_open(Credentials::Header(self.user.access_token())));
        match opened.await {
            Ok(Ok(())) => {}
            // A server that starts or drains may refuse with 5xx; a correct device gets no other refusal.
            Ok(Err(OpenError::Refused(refused))) if !refused.status.is_server_error() => panic!("{refused:?}"),
            Ok(Err(_)) | Err(_) => return Err(Lost { closed: None }),
        }
        if self.look(|seen| seen.replica.resume_point().is_none()) {
            self.try_snapshot().await?;
        }
        if self.try_hello(patience).await?.mode == WelcomeMode::Resync {
            self.try_snapshot().await?;
            let again = self.try_hello(patience).await?;
            assert_eq!(again.mode, WelcomeMode::Resumed, "a device with a new snapshot can resume");
        }
        self.until(patience, |seen| seen.live.then_some(())).await
    }

    /// As [`Device::command_as`], on an unreliable network.
    ///
    /// # Errors
    /// When the connection is lost before the answer. A refusal is an answer.
    pub async fn try_command(
        &self,
        id: CommandId,
        command: &Command,
        patience: Duration,
    ) -> Result<Result<Ack, ErrorFrame>, Lost> {
        let text = id.to_string();
        let before = self.look(|seen| seen.answers(&text).count());
        self.begin_command(id, command).await;
        self.until(patience, |seen| seen.answers(&text).nth(before)).await
    }

    /// Sends a command without waiting for the answer.
    pub async fn begin_command(&self, id: CommandId, command: &Command) {
        self.send_text(command_frame(id, command).to_string()).await;
    }

    /// Whether the device is live, as far as it knows.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.wire.is_some() && self.look(|seen| seen.live && seen.closed.is_none())
    }

    async fn try_hello(&self, patience: Duration) -> Result<Welcome, Lost> {
        let (resume, streams) = self.look(|seen| (seen.replica.resume_point(), seen.replica.streams()));
        self.send_hello(resume, streams).await;
        self.until(patience, |seen| seen.welcome.clone()).await
    }

    async fn try_snapshot(&self) -> Result<(), Lost> {
        let answer = self.user.get("/snapshot").attempt().await.filter(|answer| answer.status == 200);
        let snapshot = answer.ok_or(Lost { closed: None })?.read();
        self.look(|seen| seen.load_snapshot(snapshot));
        Ok(())
    }

    /// Waits until `look` returns something, or the connection ends.
    async fn until<T>(&self, patience: Duration, mut look: impl FnMut(&Seen) -> Option<T>) -> Result<T, Lost> {
        let mut changes = self.shared.changed.subscribe();
        let waited = tokio::time::timeout(patience, async {
            loop {
                changes.mark_unchanged();
                {
                    let seen = self.shared.seen();
                    if let Some(found) = look(&seen) {
                        return Ok(found);
                    }
                    if let Some(closed) = &seen.closed {
                        return Err(Lost { closed: Some(closed.clone()) });
                    }
                }
                // The sender lives as long as the device.
                let _ = changes.changed().await;
            }
        });
        waited.await.unwrap_or(Err(Lost { closed: None }))
    }
}
