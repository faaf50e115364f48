//! What a device does on a network that may go away at any moment: attempts that end in [`Lost`] instead of a panic.

use super::{Closed, Credentials, Device, Seen, command_frame, wire::Unopened};
use std::time::Duration;
use tandem_protocol::{
    CommandId,
    enums::WelcomeMode,
    live::{
        Command,
        server::{Ack, ErrorFrame, Welcome},
    },
};

/// The connection went away, or nothing came over it for too long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// How the server closed it, if it did.
    pub closed: Option<Closed>,
}

impl Device {
    /// As [`Device::connect`], on a network that may go away.
    pub async fn try_connect(&mut self, patience: Duration) -> Result<(), Lost> {
        let opened = tokio::time::timeout(patience, self.try_open(Credentials::Header(self.user.access_token())));
        match opened.await {
            Ok(Ok(())) => {}
            // A server that starts or drains may say so; any other refusal is none that a good device gets.
            Ok(Err(Unopened::Refused(refused))) if !refused.status.is_server_error() => panic!("{refused:?}"),
            Ok(Err(_)) | Err(_) => return Err(Lost { closed: None }),
        }
        if self.look(|seen| seen.replica.resume_point().is_none()) {
            self.try_snapshot().await?;
        }
        if self.try_hello(patience).await?.mode == WelcomeMode::Resync {
            self.try_snapshot().await?;
            let again = self.try_hello(patience).await?;
            assert_eq!(again.mode, WelcomeMode::Resumed, "after a snapshot there is nothing in the way of resuming");
        }
        self.until(patience, |seen| seen.live.then_some(())).await
    }

    /// As [`Device::command_as`], on a network that may go away.
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

    /// Sends a command and does not wait for the answer.
    pub async fn begin_command(&self, id: CommandId, command: &Command) {
        self.send_text(command_frame(id, command).to_string()).await;
    }

    /// Whether a connection stands, as far as the device knows.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.wire.is_some() && self.look(|seen| seen.live && seen.closed.is_none())
    }

    async fn try_hello(&self, patience: Duration) -> Result<Welcome, Lost> {
        let (resume, streams) = self.look(|seen| (seen.replica.resume_point(), seen.replica.streams()));
        self.say_hello(resume, streams).await;
        self.until(patience, |seen| seen.welcome.clone()).await
    }

    async fn try_snapshot(&self) -> Result<(), Lost> {
        let answer = self.user.get("/snapshot").attempt().await.filter(|answer| answer.status == 200);
        let snapshot = answer.ok_or(Lost { closed: None })?.read();
        self.look(|seen| seen.start_over(snapshot));
        Ok(())
    }

    /// Waits until there is something to see, or the connection is gone.
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
