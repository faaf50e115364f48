//! Web Push: the devices that receive pushes, the outbox, and answers from notifications.
//!
//! A push is added to the outbox by the change that it is about, and sent by any node ([`outbox`]). What it says is read
//! when it is sent ([`content`]): a reminder that was answered meanwhile, or a reply that was read, is not pushed.
//!
//! **Why a token in the push?** Whoever presses "Done" on a notification has no page open, so there is no access token. The
//! refresh cookie could make one, but then a script that runs without the user would renew the session, beside pages that
//! renew it too, and a cookie would do more than refresh and log out. The token in the payload is encrypted for that
//! browser, is stored as its hash, answers one reminder once within a day, and ends with the sign-in of its device.

mod content;
mod outbox;

pub use content::PushContent;
pub use outbox::{HELD, LEASE};

use super::{Admitted, Result, ServiceError, Services, Work};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral},
    rand::SystemRandom,
};
use std::{io, net::SocketAddr, time::Duration};
use tandem_auth::{Authority, Caller, Owner, secret};
use tandem_domain::{page::PageRequest, push as rules};
use tandem_protocol::{
    Timestamp,
    enums::{ActorKind, PushAnswer, PushKind, Scope},
    id::SubscriptionId,
    limits::MAX_SUBSCRIPTIONS,
    live::{
        Actor, Command,
        command::{ReminderAck, ReminderSnooze},
    },
    push::{NewSubscription, PushAnswerBody, PushAnswered, PushKey, Subscription},
    rest::{Deleted, Page, PageQuery, TaskWritten},
    settings::PushSettings,
};
use tandem_store::{PushAnswerable, PushSubject, SubscriptionRow};
use tokio::{net::lookup_host, time::timeout};

/// How long the name of a push service may take to resolve.
const RESOLVE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a reminder is snoozed from its notification.
const SNOOZED: &str = "PT10M";

/// Resolves a name to public addresses, with `loopback` also to this machine.
///
/// # Errors
/// When the name does not resolve in time, or any of its addresses is private.
pub async fn public_addresses(host: &str, port: u16, loopback: bool) -> io::Result<Vec<SocketAddr>> {
    let host = host.trim_matches(['[', ']']);
    let found = timeout(RESOLVE_TIMEOUT, lookup_host((host, port))).await.map_err(io::Error::from)??;
    let found: Vec<_> = found.collect();
    let allowed = |at: &SocketAddr| rules::is_public(at.ip()) || (loopback && at.ip().to_canonical().is_loopback());
    if found.is_empty() || !found.iter().all(allowed) {
        return Err(io::Error::other("the name has a private address, or none"));
    }
    Ok(found)
}

impl Services {
    /// The key with which pushes are signed.
    ///
    /// # Errors
    /// [`ServiceError::Unavailable`] before the sender of pushes has started.
    pub fn push_key(&self) -> Result<PushKey> {
        let key = self.push_key.get().ok_or_else(|| ServiceError::unavailable("pushes are not sent yet"))?;
        Ok(PushKey { public_key: URL_SAFE_NO_PAD.encode(key) })
    }

    /// A page of the caller's devices that receive pushes, newest first.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] when limit or cursor are not valid.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn push_subscriptions(&self, caller: &Admitted, query: PageQuery) -> Result<Page<Subscription>> {
        let page = PageRequest::parse(query.limit, query.cursor.as_deref())?;
        let all = self.store().read(&caller.owner).await?.push_subscriptions().await?;
        Ok(page.page_of_all(all, |one| (one.created_at.as_millis(), one.id)))
    }

    /// Adds a device that receives pushes, or replaces what it gave before. It ends with the caller's session. Another user
    /// who has subscribed in the same browser receives nothing there any more.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] when endpoint, keys, kinds or device break their rules or the endpoint leads to a private
    /// address, [`ServiceError::Limit`] when the user has too many devices, [`ServiceError::InsufficientScope`] for a caller
    /// without a session.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn subscribe(&self, caller: &Admitted, new: NewSubscription) -> Result<Subscription> {
        let session = caller.session().ok_or(ServiceError::InsufficientScope(None))?;
        let row = SubscriptionRow {
            session,
            endpoint_hash: secret::hash(&new.endpoint),
            public_key: on_curve(rules::public_key(&new.keys.p256dh)?)?,
            auth_secret: rules::auth_secret(&new.keys.auth)?,
            subscription: self.checked(new).await?,
        };
        self.store().release_endpoint(&row.endpoint_hash, caller.owner.user()).await?;
        let (services, caller) = (self.clone(), caller.clone());
        self.detached(async move { services.save_subscription(&caller, row).await }).await
    }

    async fn checked(&self, new: NewSubscription) -> Result<Subscription> {
        rules::check_device(new.device_id.as_str())?;
        let url = rules::endpoint(&new.endpoint, self.deps.push_loopback)?;
        let (host, port) = (url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or(443));
        public_addresses(host, port, self.deps.push_loopback).await.map_err(|_| {
            ServiceError::invalid("endpoint", "the name of this push service leads to no public address")
        })?;
        Ok(Subscription {
            id: SubscriptionId(self.env().id()),
            device_id: new.device_id,
            endpoint: new.endpoint,
            kinds: rules::kinds("kinds", new.kinds.unwrap_or_else(PushSettings::all_kinds))?,
            created_at: self.env().now(),
        })
    }

    async fn save_subscription(&self, caller: &Caller, mut row: SubscriptionRow) -> Result<Subscription> {
        let mut unit = self.begin(caller, None).await?;
        let known = unit.reads().push_subscriptions().await?;
        let new = &mut row.subscription;
        let same = known.iter().find(|one| one.device_id == new.device_id && one.endpoint == new.endpoint);
        if let Some(same) = same {
            // Pages subscribe at each start: what waits for the device stays.
            (new.id, new.created_at) = (same.id, same.created_at);
            unit.subscriptions().update_subscription(&row).await?;
        } else {
            let stays = |one: &&Subscription| one.device_id != new.device_id && one.endpoint != new.endpoint;
            if known.iter().filter(stays).count() >= MAX_SUBSCRIPTIONS {
                let message = format!("You have {MAX_SUBSCRIPTIONS} devices with notifications. Turn off one of them.");
                return Err(ServiceError::Limit(message));
            }
            unit.subscriptions().insert_subscription(&row).await?;
        }
        unit.commit().await?;
        Ok(row.subscription)
    }

    /// Removes a device; nothing is sent to it any more.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] when the caller has no such subscription.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn unsubscribe(&self, caller: &Admitted, id: SubscriptionId) -> Result<Deleted> {
        let (services, caller) = (self.clone(), caller.clone());
        self.detached(async move {
            let mut unit = services.begin(&caller, None).await?;
            if !unit.subscriptions().delete_subscription(id).await? {
                return Err(ServiceError::NotFound("subscription"));
            }
            Ok(Deleted { seq: unit.commit().await?, undo_token: None })
        })
        .await
    }

    /// Sends a push to a device, to show that one arrives.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] when the caller has no such subscription.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn test_push(&self, caller: &Admitted, id: SubscriptionId) -> Result<()> {
        let (services, caller) = (self.clone(), caller.clone());
        self.detached(async move {
            let mut unit = services.begin(&caller, None).await?;
            if !unit.reads().push_subscriptions().await?.iter().any(|one| one.id == id) {
                return Err(ServiceError::NotFound("subscription"));
            }
            let subject = PushSubject { kind: PushKind::Test, id: id.0, reminder: None };
            // No event is about it: a number that no event has, and no other test of this moment.
            let seq = -unit.now.as_millis();
            unit.add_push(id, seq, subject).await?;
            unit.commit().await?;
            services.push_soon.notify_one();
            Ok(())
        })
        .await
    }

    /// Answers a reminder with the token of its push.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] when the token is none, or its device is signed out, or the reminder is gone;
    /// [`ServiceError::Conflict`] when it was answered in another way with this token, or its task is done.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn answer_push(&self, body: PushAnswerBody) -> Result<PushAnswered> {
        let found = self.store().push_answerable(&secret::hash(&body.token), self.env().now()).await?;
        let found = found.ok_or(ServiceError::NotFound("notification"))?;
        let (task_id, reminder_id) = (found.task.into(), found.reminder);
        let command = match body.answer {
            PushAnswer::Done => Command::ReminderAck(ReminderAck { task_id, reminder_id }),
            PushAnswer::Snooze => {
                let duration = SNOOZED.parse().ok();
                Command::ReminderSnooze(ReminderSnooze { task_id, reminder_id, duration, until: None })
            }
        };
        let caller = self.admit(answering(&found), Work::Change).await?;
        let outcome = match self.execute(caller, Some(found.command), command).await {
            Err(ServiceError::IdempotencyConflict) => {
                return Err(ServiceError::conflict("This reminder was answered in another way from its notification."));
            }
            Err(ServiceError::SessionRevoked) => return Err(ServiceError::NotFound("notification")),
            other => other?,
        };
        let written: TaskWritten = serde_json::from_str(outcome.body.get())?;
        Ok(PushAnswered { answer: body.answer, snoozed_until: snoozed_until(&written, &found) })
    }
}

/// A key with which a push can be encrypted, which is found by trying: the library shows no other way.
fn on_curve(key: Vec<u8>) -> Result<Vec<u8>> {
    let own = EphemeralPrivateKey::generate(&ECDH_P256, &SystemRandom::new())
        .map_err(|_| ServiceError::unavailable("the operating system gives no random numbers"))?;
    agree_ephemeral(own, &UnparsedPublicKey::new(&ECDH_P256, &key), |_| ()).map_err(|_| rules::not_a_point())?;
    Ok(key)
}

fn snoozed_until(written: &TaskWritten, found: &PushAnswerable) -> Option<Timestamp> {
    written.task.reminders.iter().find(|one| one.id == found.reminder)?.snoozed_until
}

/// Who answers with a token: the user, at the device that the push was sent to, for as long as it is signed in.
#[expect(clippy::disallowed_methods, reason = "the token of the push was found")]
fn answering(found: &PushAnswerable) -> Caller {
    Caller {
        owner: Owner::assume_verified(found.user.clone()),
        authority: Authority::Session(found.session),
        scopes: vec![Scope::Read, Scope::Write],
        actor: Actor { kind: ActorKind::User, device_id: Some(found.device.clone()) },
        address: None,
    }
}
