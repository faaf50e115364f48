//! Who may come in: registration, the first account, the set-up code.
//!
//! A server that others can reach would otherwise belong to the first stranger who finds it. So registration needs an
//! invitation there, and the first account, which becomes the owner, needs a code that only the operator can see.
//!
//! **Invariant:** registering answers the same, and takes the same time, whether or not the address has an account; and
//! a refusal is the same for every address and every reason.

use super::{Result, ServiceError, Services, client::Client};
use tandem_auth::secret::{self, Secret};
use tandem_domain::text;
use tandem_protocol::{
    UserId,
    enums::{AuditAction, PasswordReset, RegistrationMode, UserRole},
    model::User,
    rest::{Register, ServerInfo},
    settings::UserSettings,
};
use tandem_store::{Admission, Entry, NewAccount};

/// Who may come in.
#[derive(Clone, Copy, Debug)]
pub struct Registration {
    pub mode: RegistrationMode,
    pub first: FirstAccount,
}

/// What the first account of a server needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstAccount {
    /// Nothing: only this machine reaches the server.
    Anybody,
    /// The set-up code: the one with this hash, or without one those that the nodes have shown at their start.
    SetUpCode(Option<[u8; 32]>),
}

impl Registration {
    /// Anybody may register, and the first account needs nothing.
    pub const OPEN: Self = Self { mode: RegistrationMode::Open, first: FirstAccount::Anybody };
}

/// What somebody needs who may not register. It depends on the server alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NeededToRegister {
    SetUpCode,
    Invitation,
    /// Nothing helps: nobody may register.
    Nothing,
}

impl NeededToRegister {
    pub(super) fn sentence(self) -> &'static str {
        match self {
            Self::SetUpCode => "The first account here needs the set-up code that the server printed when it started.",
            Self::Invitation => {
                "You need a valid invitation to create an account here. Ask whoever runs this server for one."
            }
            Self::Nothing => "This server takes no new accounts. Ask whoever runs it whether they let you in.",
        }
    }
}

/// The fields of a registration that have passed their rules.
struct Form {
    email: String,
    password: String,
    name: String,
}

impl Services {
    /// What the server shows to anybody.
    ///
    /// # Errors
    /// [`ServiceError::Unavailable`] or [`ServiceError::Overloaded`] when the database does not do it in time.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn server_info(&self) -> Result<ServerInfo> {
        let setup_needed = !self.store().has_owner().await?;
        Ok(ServerInfo {
            version: env!("CARGO_PKG_VERSION").into(),
            registration: self.deps.registration.mode,
            setup_needed,
            setup_code_needed: setup_needed && self.deps.registration.first != FirstAccount::Anybody,
            password_reset: PasswordReset::Link,
            providers: Vec::new(),
        })
    }

    /// A new set-up code for the operator; `None` when none is needed, or it is configured. Those of other nodes, and
    /// of earlier starts, stay valid until there is an owner.
    ///
    /// # Errors
    /// [`ServiceError::Unavailable`] or [`ServiceError::Overloaded`] when the database does not do it in time.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn new_setup_code(&self) -> Result<Option<Secret>> {
        if self.deps.registration.first != FirstAccount::SetUpCode(None) || self.store().has_owner().await? {
            return Ok(None);
        }
        let code = Secret::random("");
        self.store().add_setup_code(&code.hash(), self.env().now()).await?;
        Ok(Some(code))
    }

    /// Adds an account unless the address has one; the answer does not show which.
    ///
    /// # Errors
    /// [`ServiceError::RegistrationClosed`] when the caller may not register, [`ServiceError::Invalid`] when address,
    /// password or name break their rules, [`ServiceError::RateLimited`] after too many registrations from one address,
    /// [`ServiceError::Overloaded`] when no core is free to hash the password.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn register(&self, register: Register, client: &Client) -> Result<()> {
        let form = Form::of(&register);
        let entry = self.entry(&register).await?;
        // A typing error is not counted where there is nothing to guess. Elsewhere even its answer needs a right.
        let open = matches!(entry, Some(Entry::Open { .. }));
        let form = if open { Ok(form?) } else { form };
        self.admit_registration(client.address, self.env().now()).await?;
        let Some(entry) = entry else { return self.refuse(client).await };
        let account = self.new_account(form?, entry, client).await?;
        let services = self.clone();
        // Whether the address was free is dropped on purpose: the answer must not show it.
        let admission = self.detached(async move { Ok(services.store().register(&account).await?) }).await?;
        if admission == Admission::Refused { self.refuse(client).await } else { Ok(()) }
    }

    async fn refuse(&self, client: &Client) -> Result<()> {
        self.record_refusal(AuditAction::Register, [None, None], client.address).await?;
        Err(ServiceError::RegistrationClosed(match self.deps.registration.mode {
            _ if !self.store().has_owner().await? => NeededToRegister::SetUpCode,
            RegistrationMode::Closed => NeededToRegister::Nothing,
            RegistrationMode::Open | RegistrationMode::Invite => NeededToRegister::Invitation,
        }))
    }

    /// By what right a registration may be accepted, as far as that is known before its transaction.
    async fn entry(&self, register: &Register) -> Result<Option<Entry>> {
        let Registration { mode, first } = self.deps.registration;
        if !self.store().has_owner().await? {
            return Ok(match first {
                FirstAccount::Anybody => Some(Entry::Open { first_is_owner: true }),
                FirstAccount::SetUpCode(configured) => {
                    self.is_setup_code(register.setup_code.as_deref(), configured).await?.then_some(Entry::SetUp)
                }
            });
        }
        Ok(match mode {
            RegistrationMode::Open => Some(Entry::Open { first_is_owner: first == FirstAccount::Anybody }),
            RegistrationMode::Invite => self.invitation(register).await?.map(Entry::Invitation),
            RegistrationMode::Closed => None,
        })
    }

    /// The hash of the invitation, if it admits the address now.
    async fn invitation(&self, register: &Register) -> Result<Option<[u8; 32]>> {
        let Some(invitation) = register.invitation.as_deref() else { return Ok(None) };
        let hash = secret::hash(invitation.trim());
        let email = text::email(&register.email).unwrap_or_default();
        Ok(self.store().admits(&hash, &email, self.env().now()).await?.then_some(hash))
    }

    /// Hashes are compared, so that the time shows nothing of how much of a code is right.
    async fn is_setup_code(&self, code: Option<&str>, configured: Option<[u8; 32]>) -> Result<bool> {
        let Some(code) = code.map(str::trim) else { return Ok(false) };
        match configured {
            Some(configured) => Ok(secret::hash(code) == configured),
            None => Ok(self.store().is_setup_code(&secret::hash(code)).await?),
        }
    }

    async fn new_account(&self, form: Form, entry: Entry, client: &Client) -> Result<NewAccount> {
        let user = User {
            id: UserId::from(self.env().id().to_string()),
            email: form.email,
            name: form.name,
            email_verified: false,
            image: None,
            time_zone: "UTC".into(),
            created_at: self.env().now(),
            // The store decides it.
            role: UserRole::Member,
            settings: UserSettings::default(),
        };
        // Also for an address that has an account: the time would show it otherwise.
        let password_hash = self.deps.passwords.hash(&client.block(), form.password).await?;
        let id = user.id.to_string();
        let record = self.entry_of(AuditAction::Register, [Some(id.clone()), Some(id)], client.address);
        Ok(NewAccount { user, password_hash: Some(password_hash), entry, record: Some(record) })
    }
}

impl Form {
    fn of(register: &Register) -> Result<Self> {
        Ok(Self {
            email: text::new_email(&register.email)?,
            password: text::new_password("password", &register.password)?,
            name: text::name("name", register.name.as_deref().unwrap_or_default())?,
        })
    }
}
