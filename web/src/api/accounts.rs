//! Registration, log-in, the account, devices, tokens.

use super::{ApiError, Client};
use crate::platform::device;
use serde::de::IgnoredAny;
use tandem_protocol::{
    SessionId, TokenId,
    model::{PersonalToken, Session, User},
    rest::{
        ChangePassword, DeleteAccount, Login, NewToken, Page, Register, SignedIn, Storage, TokenCreated, UserPatch,
    },
};

impl Client {
    /// Registers. The answer does not say whether the address was free: log in next.
    pub(crate) async fn register(&self, name: &str, email: &str, password: &str) -> Result<(), ApiError> {
        let name = Some(name.trim()).filter(|name| !name.is_empty()).map(str::to_owned);
        let body = Register { email: email.to_owned(), password: password.to_owned(), name };
        self.anonymous::<IgnoredAny>("/api/v1/auth/register", &body).await.map(drop)
    }

    /// Logs in; the refresh token stays in a cookie that this program cannot read.
    pub(crate) async fn log_in(&self, email: &str, password: &str) -> Result<SignedIn, ApiError> {
        let body = Login {
            email: email.to_owned(),
            password: password.to_owned(),
            device_name: Some(device::name()),
            transport: None,
        };
        let signed_in = self.anonymous("/api/v1/auth/login", &body).await?;
        self.adopt(&signed_in);
        Ok(signed_in)
    }

    /// Ends this session everywhere.
    pub(crate) async fn log_out(&self) -> Result<(), ApiError> {
        self.act("POST", "/api/v1/auth/logout").await
    }

    /// Who is signed in.
    pub(crate) async fn me(&self) -> Result<User, ApiError> {
        self.get("/api/v1/me").await
    }

    /// What is stored, and may be.
    pub(crate) async fn storage(&self) -> Result<Storage, ApiError> {
        self.get("/api/v1/me/storage").await
    }

    /// Changes name or time zone.
    pub(crate) async fn update_me(&self, patch: &UserPatch) -> Result<User, ApiError> {
        self.send("PATCH", "/api/v1/me", patch).await
    }

    /// Deletes the account with everything in it.
    pub(crate) async fn delete_me(&self, password: &str) -> Result<(), ApiError> {
        let body = DeleteAccount { password: password.to_owned() };
        self.send::<IgnoredAny>("DELETE", "/api/v1/me", &body).await.map(drop)
    }

    /// Changes the password. This session goes on, with the tokens of the answer.
    pub(crate) async fn change_password(&self, change: &ChangePassword) -> Result<(), ApiError> {
        let signed_in: SignedIn = self.send("POST", "/api/v1/me/password", change).await?;
        self.adopt(&signed_in);
        Ok(())
    }

    /// Everything that the user owns, as one JSON document.
    pub(crate) async fn export(&self) -> Result<String, ApiError> {
        self.get_text("/api/v1/me/export").await
    }

    pub(crate) async fn sessions(&self) -> Result<Vec<Session>, ApiError> {
        self.get::<Page<Session>>("/api/v1/sessions?limit=200").await.map(|page| page.items)
    }

    /// Signs one device out.
    pub(crate) async fn revoke_session(&self, id: SessionId) -> Result<(), ApiError> {
        self.act("DELETE", &format!("/api/v1/sessions/{id}")).await
    }

    /// Signs all other devices out.
    pub(crate) async fn revoke_other_sessions(&self) -> Result<(), ApiError> {
        self.act("POST", "/api/v1/sessions/revoke-others").await
    }

    /// The personal tokens, without secrets.
    pub(crate) async fn tokens(&self) -> Result<Vec<PersonalToken>, ApiError> {
        self.get::<Page<PersonalToken>>("/api/v1/tokens?limit=200").await.map(|page| page.items)
    }

    /// Makes a personal token; the only time that its secret is shown.
    pub(crate) async fn create_token(&self, new: &NewToken) -> Result<TokenCreated, ApiError> {
        self.send("POST", "/api/v1/tokens", new).await
    }

    /// Takes a personal token back.
    pub(crate) async fn revoke_token(&self, id: TokenId) -> Result<(), ApiError> {
        self.act("DELETE", &format!("/api/v1/tokens/{id}")).await
    }
}
