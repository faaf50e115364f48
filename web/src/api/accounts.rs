//! The endpoints of the account: registration, log-in, profile, password, devices, personal tokens, calendar feeds.

use super::{
    ApiError, Client,
    body::{array, object, quoted, quoted_or_null},
};
use crate::platform::device;
use serde::{
    Deserialize,
    de::{DeserializeOwned, IgnoredAny},
};
use tandem_protocol::{
    SessionId,
    enums::{FeedKind, WireEnum as _},
    json,
    model::{PersonalToken, Session, User},
    rest::{ChangePassword, Feed, NewFeed, NewToken, Page, Register, ServerInfo, SignedIn, Storage},
};

/// What is read of a `TokenCreated` or a `FeedCreated`: the lists are loaded again, and whole types would weigh more.
#[derive(Deserialize)]
struct Created {
    #[serde(alias = "token", alias = "url")]
    secret: String,
}

impl Client {
    /// Registers an account. The response is the same whether the address was free or not, so that nobody can list
    /// accounts; only a log-in shows it.
    pub(crate) async fn register(&self, registration: &Register) -> Result<(), ApiError> {
        let Register { email, password, name, invitation, setup_code } = registration;
        let body = object(&[
            ("email", quoted(email)),
            ("password", quoted(password)),
            ("name", quoted_or_null(name.as_deref())),
            ("invitation", quoted_or_null(invitation.as_deref())),
            ("setup_code", quoted_or_null(setup_code.as_deref())),
        ]);
        self.anonymous::<IgnoredAny>("/api/v1/auth/register", &body).await.map(drop)
    }

    /// What a visitor may know of the server: who may register, above all.
    pub(crate) async fn server_for_visitors(&self) -> Result<ServerInfo, ApiError> {
        self.public("/api/v1/server").await
    }

    /// Sets a new password with the secret of a link.
    pub(crate) async fn reset_password(&self, token: &str, password: &str) -> Result<(), ApiError> {
        let body = object(&[("token", quoted(token)), ("password", quoted(password))]);
        self.anonymous::<IgnoredAny>("/api/v1/auth/reset", &body).await.map(drop)
    }

    /// Logs in. The refresh token is in a cookie that this program cannot read.
    pub(crate) async fn log_in(&self, email: &str, password: &str) -> Result<SignedIn, ApiError> {
        Self::end_left_session(false).await?;
        let device = quoted(&device::name());
        let body = object(&[("email", quoted(email)), ("password", quoted(password)), ("device_name", device)]);
        let signed_in = self.anonymous("/api/v1/auth/login", &body).await?;
        self.adopt(&signed_in);
        Ok(signed_in)
    }

    /// Who is signed in.
    pub(crate) async fn me(&self) -> Result<User, ApiError> {
        self.get("/api/v1/me").await
    }

    /// How much storage the account uses, and its limits.
    pub(crate) async fn storage(&self) -> Result<Storage, ApiError> {
        self.get("/api/v1/me/storage").await
    }

    /// Changes the account by a `UserPatch`.
    pub(crate) async fn update_me(&self, patch: &str) -> Result<User, ApiError> {
        self.send("PATCH", "/api/v1/me", patch).await
    }

    pub(crate) async fn delete_me(&self, password: &str) -> Result<(), ApiError> {
        let body = object(&[("password", quoted(password))]);
        self.send::<IgnoredAny>("DELETE", "/api/v1/me", &body).await.map(drop)
    }

    /// Changes the password. This session continues, with the tokens of the response.
    pub(crate) async fn change_password(&self, change: &ChangePassword) -> Result<(), ApiError> {
        let keep: Vec<String> = change.keep_tokens.iter().map(|id| quoted(id)).collect();
        let body = object(&[
            ("current_password", quoted(&change.current_password)),
            ("new_password", quoted(&change.new_password)),
            ("keep_tokens", array(&keep)),
        ]);
        let signed_in: SignedIn = self.send("POST", "/api/v1/me/password", &body).await?;
        self.adopt(&signed_in);
        Ok(())
    }

    /// Exports everything that the user owns as one JSON document.
    pub(crate) async fn export(&self) -> Result<String, ApiError> {
        self.get_text("/api/v1/me/export").await
    }

    pub(crate) async fn sessions(&self) -> Result<Vec<Session>, ApiError> {
        read_items(&self.get_text("/api/v1/sessions?limit=200").await?)
    }

    pub(crate) async fn revoke_session(&self, id: SessionId) -> Result<(), ApiError> {
        self.act("DELETE", &format!("/api/v1/sessions/{id}")).await
    }

    pub(crate) async fn revoke_other_sessions(&self) -> Result<(), ApiError> {
        self.act("POST", "/api/v1/sessions/revoke-others").await
    }

    /// Lists the personal tokens, without their secrets.
    pub(crate) async fn tokens(&self) -> Result<Vec<PersonalToken>, ApiError> {
        read_items(&self.get_text("/api/v1/tokens?limit=200").await?)
    }

    /// Lists the calendar feeds, without their addresses.
    pub(crate) async fn feeds(&self) -> Result<Vec<Feed>, ApiError> {
        read_items(&self.get_text("/api/v1/feeds?limit=200").await?)
    }

    /// Creates a token or a feed with a body of [`token_body`] or [`feed_body`]. Only this response contains the secret.
    pub(crate) async fn create_secret(&self, path: &str, body: &str) -> Result<String, ApiError> {
        self.send::<Created>("POST", path, body).await.map(|created| created.secret)
    }
}

/// The items of a list that is one page. Requests of texts are compiled once, and those of each type for themselves.
fn read_items<T: DeserializeOwned>(page: &str) -> Result<Vec<T>, ApiError> {
    json::read::<Page<T>>(page).map(|page| page.items).map_err(|_| ApiError::Unreadable)
}

pub(crate) fn token_body(new: &NewToken) -> String {
    let scopes: Vec<String> = new.scopes.iter().map(|scope| quoted(scope.as_str())).collect();
    let expires_at = new.expires_at.map(|at| at.to_string());
    object(&[
        ("name", quoted(&new.name)),
        ("scopes", array(&scopes)),
        ("expires_at", quoted_or_null(expires_at.as_deref())),
        ("password", quoted_or_null(new.password.as_deref())),
    ])
}

pub(crate) fn feed_body(new: &NewFeed) -> String {
    let lists = new.lists.as_ref().map(|lists| array(&lists.iter().map(|list| quoted(list)).collect::<Vec<_>>()));
    object(&[
        ("name", quoted(&new.name)),
        ("lists", lists.unwrap_or_else(|| quoted_or_null(None))),
        ("kind", quoted_or_null(new.kind.map(FeedKind::as_str))),
        ("include_done", new.include_done.to_string()),
    ])
}
