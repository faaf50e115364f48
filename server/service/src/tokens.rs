//! Personal tokens, for scripts and MCP. Only a signed-in person creates or ends them.
//!
//! **Invariant:** a secret is returned once, when it is made, and stored as its hash.

use super::{Admitted, CommandKey, Result, ServiceError, Services, UnitOfWork, client::Client};
use tandem_auth::secret::{PERSONAL_TOKEN_PREFIX, Secret};
use tandem_domain::{page::PageRequest, text};
use tandem_protocol::{
    CommandId, TokenId,
    enums::AuditAction,
    limits::MAX_NAME_CHARS,
    model::PersonalToken,
    rest::{Deleted, NewToken, Page, PageQuery, TokenCreated},
};

/// The refusal when a password is needed for a token.
const CONFIRM: &str = "Enter your password to create a token.";

impl Services {
    /// A page of the caller's personal tokens, newest first, without secrets.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] when limit or cursor are not valid.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn personal_tokens(&self, caller: &Admitted, query: PageQuery) -> Result<Page<PersonalToken>> {
        let page = PageRequest::parse(query.limit, query.cursor.as_deref())?;
        let all = self.store().read(&caller.owner).await?.personal_tokens().await?;
        Ok(page.page_of_all(all, |token| (token.created_at.as_millis(), token.id)))
    }

    /// Creates a personal token. Its secret is in the answer and nowhere else; a repetition under the same `key` has it
    /// again. A token outlives its session, so a session that logged in a while ago needs the password: a page left open
    /// must not be enough to create one.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] when name, scopes or end break their rules, [`ServiceError::ConfirmationRequired`]
    /// when the password is needed and missing, [`ServiceError::InvalidCredentials`] when it is wrong,
    /// [`ServiceError::RateLimited`] after too many wrong ones, [`ServiceError::Limit`] when the user has no storage
    /// left, [`ServiceError::IdempotencyConflict`] when the key was used for something else.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn create_personal_token(
        &self,
        caller: &Admitted,
        key: Option<CommandId>,
        new: NewToken,
        client: Client,
    ) -> Result<TokenCreated> {
        let now = self.env().now();
        // Without the password, of which nothing is stored here, and which a repetition may need later.
        let content = serde_json::to_vec(&("token", &new.name, &new.scopes, new.expires_at))?;
        let command = key.map(|key| CommandKey::new(key, content));
        let mut scopes = new.scopes;
        scopes.sort_unstable();
        scopes.dedup();
        if scopes.is_empty() {
            return Err(ServiceError::invalid("scopes", "expected read, write or both"));
        }
        if new.expires_at.is_some_and(|end| end <= now) {
            return Err(ServiceError::invalid("expires_at", "must be in the future"));
        }
        let info = PersonalToken {
            id: TokenId(self.env().id()),
            name: text::line("name", &new.name, MAX_NAME_CHARS)?,
            scopes,
            created_at: now,
            last_used_at: None,
            expires_at: new.expires_at,
        };
        let (services, caller) = (self.clone(), caller.clone());
        self.detached(async move {
            let password = new.password.as_deref();
            let mut unit =
                services.begin_confirmed(&caller, AuditAction::TokenCreate, password, &client, CONFIRM).await?;
            if let Some(earlier) = unit.created_before(command, PERSONAL_TOKEN_PREFIX).await.transpose() {
                return unit.leave(earlier.map(|(info, secret)| shown(info, &secret))).await;
            }
            unit.ensure_room().await?;
            let secret = unit.new_secret(PERSONAL_TOKEN_PREFIX, &info).await?;
            unit.credentials().insert_personal_token(&info, &secret.hash()).await?;
            unit.audit(AuditAction::TokenCreate, Some(info.id.to_string())).await?;
            unit.commit().await?;
            Ok(shown(info, &secret))
        })
        .await
    }

    /// Ends a personal token.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] when the caller has no such token.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn delete_personal_token(&self, caller: &Admitted, id: TokenId) -> Result<Deleted> {
        let (services, caller) = (self.clone(), caller.clone());
        self.detached(async move {
            let mut unit = services.begin(&caller, None).await?;
            if !unit.credentials().delete_personal_token(id).await? {
                return Err(ServiceError::NotFound("token"));
            }
            unit.audit(AuditAction::TokenDelete, Some(id.to_string())).await?;
            Ok(Deleted { seq: unit.commit().await?, undo_token: None })
        })
        .await
    }
}

fn shown(info: PersonalToken, secret: &Secret) -> TokenCreated {
    TokenCreated { token: secret.reveal().to_owned(), info }
}

/// Ends all of the user's personal tokens but those that are named, by name or id.
pub(super) async fn end_all_but(unit: &mut UnitOfWork, kept: &[String]) -> Result<()> {
    let tokens = unit.reads().personal_tokens().await?;
    let names = |token: &PersonalToken, name: &String| token.name == *name || token.id.to_string() == *name;
    // A typing error must not end the token that was meant.
    if let Some(unknown) = kept.iter().find(|name| !tokens.iter().any(|token| names(token, name))) {
        return Err(ServiceError::invalid("keep_tokens", format!("there is no token {unknown:?}")));
    }
    for token in tokens.iter().filter(|token| !kept.iter().any(|name| names(token, name))) {
        unit.credentials().delete_personal_token(token.id).await?;
        unit.audit(AuditAction::TokenDelete, Some(token.id.to_string())).await?;
    }
    Ok(())
}
