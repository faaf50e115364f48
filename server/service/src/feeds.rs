//! Calendar feeds: addresses with a secret, at which a calendar program reads tasks without signing in.
//!
//! **Invariant:** an address works until its feed is removed, and not a moment longer: it is looked up for each request.
//! The secret is returned once and stored as its hash.

use super::{Admitted, CommandKey, Result, ServiceError, Services, UnitOfWork, Work};
use tandem_auth::{Authority, Caller, Owner, secret, secret::Secret};
use tandem_domain::{ical, page::PageRequest, text};
use tandem_protocol::{
    CommandId,
    enums::{ActorKind, AuditAction, FeedKind, Scope, StatusFilter},
    id::FeedId,
    limits::{MAX_FEEDS, MAX_LABEL_CHARS, MAX_NAME_CHARS, MAX_USER_LISTS},
    live::Actor,
    rest::{Deleted, Feed, FeedCreated, NewFeed, Page, PageQuery},
    time::ClockTime,
};

/// What a request for a calendar is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarAnswer {
    /// Names this state of the calendar.
    pub etag: String,
    /// The calendar; `None` when the program has this state already.
    pub text: Option<String>,
}

/// Ends all of the user's feeds: whoever had the old password may have made one.
pub(super) async fn end_all(unit: &mut UnitOfWork) -> Result<()> {
    for feed in unit.reads().feeds().await? {
        unit.feeds().delete_feed(feed.id).await?;
        unit.audit(AuditAction::FeedDelete, Some(feed.id.to_string())).await?;
    }
    Ok(())
}

impl Services {
    /// A page of the caller's feeds, newest first, without their addresses.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] when limit or cursor are not valid.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn feeds(&self, caller: &Admitted, query: PageQuery) -> Result<Page<Feed>> {
        let page = PageRequest::parse(query.limit, query.cursor.as_deref())?;
        let all = self.store().read(&caller.owner).await?.feeds().await?;
        Ok(page.page_of_all(all, |feed| (feed.created_at.as_millis(), feed.id)))
    }

    /// Creates a feed. Its address is in the answer and nowhere else; a repetition under the same `key` has it again.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] when the name or a list breaks its rules, [`ServiceError::Limit`] when the user has too
    /// many feeds or no storage left, [`ServiceError::Conflict`] when the id is in use, and
    /// [`ServiceError::IdempotencyConflict`] when the key was used for something else.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn create_feed(&self, caller: &Admitted, key: Option<CommandId>, new: NewFeed) -> Result<FeedCreated> {
        let content = serde_json::to_vec(&("feed", &new))?;
        let command = key.map(|key| CommandKey::new(key, content));
        let list = |name: &String| text::line("lists", name, MAX_LABEL_CHARS);
        let lists = new.lists.map(|lists| lists.iter().map(list).collect::<Result<Vec<_>, _>>()).transpose()?;
        if lists.as_ref().is_some_and(|lists| i64::try_from(lists.len()).is_ok_and(|count| count > MAX_USER_LISTS)) {
            return Err(ServiceError::invalid("lists", "expected at most 200 lists"));
        }
        let feed = Feed {
            id: new.id.unwrap_or_else(|| FeedId(self.env().id())),
            name: text::line("name", &new.name, MAX_NAME_CHARS)?,
            lists,
            kind: new.kind.unwrap_or(FeedKind::Events),
            include_done: new.include_done,
            created_at: self.env().now(),
        };
        let (services, caller) = (self.clone(), caller.clone());
        self.detached(async move {
            let mut unit = services.begin(&caller, None).await?;
            if let Some(earlier) = unit.created_before(command, "").await.transpose() {
                return unit.leave(earlier.map(|(feed, secret)| shown(feed, &secret))).await;
            }
            unit.ensure_room().await?;
            if unit.reads().feeds().await?.len() >= MAX_FEEDS {
                let message = format!("You have {MAX_FEEDS} calendar feeds. Remove one that you do not need any more.");
                return Err(ServiceError::Limit(message));
            }
            let secret = unit.new_secret("", &feed).await?;
            unit.feeds().insert_feed(&feed, &secret.hash()).await?;
            unit.audit(AuditAction::FeedCreate, Some(feed.id.to_string())).await?;
            unit.commit().await?;
            Ok(shown(feed, &secret))
        })
        .await
    }

    /// Removes a feed; its address is dead at once, on all nodes.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] when the caller has no such feed.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn delete_feed(&self, caller: &Admitted, id: FeedId) -> Result<Deleted> {
        let (services, caller) = (self.clone(), caller.clone());
        self.detached(async move {
            let mut unit = services.begin(&caller, None).await?;
            if !unit.feeds().delete_feed(id).await? {
                return Err(ServiceError::NotFound("feed"));
            }
            unit.audit(AuditAction::FeedDelete, Some(id.to_string())).await?;
            Ok(Deleted { seq: unit.commit().await?, undo_token: None })
        })
        .await
    }

    /// The calendar at the address with a secret, unless the program has the state of `known`.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] when there is no such feed, [`ServiceError::RateLimited`] when many calendars of this
    /// user are read at the same time.
    #[expect(clippy::disallowed_methods, reason = "the secret of the feed was found")]
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn calendar(&self, secret: &str, known: Option<&str>) -> Result<CalendarAnswer> {
        let found = self.store().feed(&secret::hash(secret)).await?.ok_or(ServiceError::NotFound("calendar"))?;
        let feed = found.feed;
        let caller = Caller {
            owner: Owner::assume_verified(found.user),
            authority: Authority::Run,
            scopes: vec![Scope::Read],
            actor: Actor { kind: ActorKind::Api, device_id: None },
            address: None,
        };
        let caller = self.admit(caller, Work::Page).await?;
        let mut tx = self.store().read(&caller.owner).await?;
        let account = tx.account().await?;
        // Every change of a task or of the settings is an event, so the log names the state.
        let etag = format!("\"{}-{}-{}\"", self.epoch(), feed.id.0.simple(), account.seq);
        if known.is_some_and(|known| known.split(',').any(|one| one.trim().trim_start_matches("W/") == etag)) {
            return Ok(CalendarAnswer { etag, text: None });
        }
        let status = if feed.include_done { StatusFilter::All } else { StatusFilter::Open };
        let mut tasks = tx.all_tasks(status).await?;
        drop(tx);
        if let Some(lists) = &feed.lists {
            tasks.retain(|task| task.list.as_ref().is_some_and(|list| lists.contains(list)));
        }
        let options = ical::Options {
            name: &feed.name,
            kind: feed.kind,
            include_done: feed.include_done,
            time_of_day: ClockTime(account.user.settings.reminders.time_of_day()),
        };
        Ok(CalendarAnswer { etag, text: Some(ical::calendar(&tasks, options)) })
    }
}

fn shown(feed: Feed, secret: &Secret) -> FeedCreated {
    FeedCreated { url: format!("/calendar/{}.ics", secret.reveal()), feed }
}
