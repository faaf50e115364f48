//! The registration page. Registering also signs in.
//!
//! Who may register is up to the server: everybody, who has an invitation, or nobody. The first account of a server that
//! others can reach takes a code that its start has printed. Links with a secret have it behind `#`.

use super::form_error::register_error;
use crate::text::account as text;
use crate::{
    components::{
        brand::splash,
        callout::callout,
        form::{FormStatus, RegisterFields, Registration, auth_page},
        icon::Icon,
    },
    hooks::{Entry, use_entry, use_secret, use_session, use_title},
    platform::window,
    state::route::Route,
};
use tandem_protocol::{enums::RegistrationMode, rest::Register};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// How somebody may get an account here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Open,
    /// The first account, of the owner.
    First,
    /// The same, with a code that is not in the link.
    FirstWithCode,
    /// With the invitation of the link.
    Invited,
    /// With an invitation that the link does not have.
    ByInvitation,
    Closed,
}

impl Way {
    fn of(entry: Entry, secret: &str) -> Self {
        let has = |name: &str| secret.starts_with(name);
        match entry.registration {
            _ if entry.setup_needed && entry.setup_code_needed && !has("setup=") => Self::FirstWithCode,
            _ if entry.setup_needed => Self::First,
            RegistrationMode::Closed => Self::Closed,
            _ if has("invite=") => Self::Invited,
            RegistrationMode::Open => Self::Open,
            RegistrationMode::Invite => Self::ByInvitation,
        }
    }

    /// What stands below the heading.
    fn text(self) -> &'static str {
        match self {
            Self::Open => text::OPEN_TO_ALL,
            Self::First => text::FIRST_ACCOUNT,
            Self::FirstWithCode => text::FIRST_ACCOUNT_WITH_CODE,
            Self::Invited => text::INVITED,
            Self::ByInvitation => text::BY_INVITATION,
            Self::Closed => text::CLOSED,
        }
    }

    /// What it means when the code of the link or the field admits nobody: a title and a text.
    fn wrong_code(self) -> Option<[&'static str; 2]> {
        match self {
            Self::First | Self::FirstWithCode => Some([text::THIS_IS_NOT_THE_CODE, text::FIRST_ACCOUNT_WITH_CODE]),
            Self::Invited | Self::ByInvitation => {
                Some([text::THIS_INVITATION_DOES_NOT_WORK, text::WHY_IT_DOES_NOT_WORK])
            }
            Self::Open | Self::Closed => None,
        }
    }

    /// The field for a code: label and hint.
    fn field(self) -> (AttrValue, AttrValue) {
        match self {
            Self::FirstWithCode => (text::SET_UP_CODE.into(), text::WHERE_THE_CODE_IS.into()),
            Self::ByInvitation => (text::INVITATION.into(), text::THE_LINK_THAT_YOU_WERE.into()),
            _ => (AttrValue::default(), AttrValue::default()),
        }
    }
}

/// The page at `/register`.
#[component]
pub(crate) fn RegisterPage() -> Html {
    use_title(text::CREATE_AN_ACCOUNT);
    let session = use_session();
    let entry = use_entry();
    let secret = use_secret();
    let status = use_state_eq(FormStatus::default);
    let way = entry.map(|entry| Way::of(entry, &secret));
    use_effect_with(way.is_some(), |_| window::focus_first(".auth input"));
    let on_submit = {
        let status = status.clone();
        Callback::from(move |filled: Registration| {
            let wrong_code = way.and_then(Way::wrong_code);
            let (session, status, body) = (session.clone(), status.clone(), body(filled, &secret));
            status.set(FormStatus::busy());
            spawn_local(async move {
                let error = session.register(&body).await.err();
                status.set(FormStatus::ended(error.as_ref().map(|error| register_error(error, wrong_code))));
            });
        })
    };
    let alternative =
        html! { <>{ text::ALREADY_HAVE_ONE }<a href={Route::SignIn.to_string()}>{ text::SIGN_IN }</a></> };
    let Some(way) = way else {
        return splash();
    };
    let content = html! {
        if way == Way::Closed {
            { callout(Some(Icon::Info), text::NEW_ACCOUNTS_ARE_CLOSED, text::ASK_TO_BE_LET_IN, Html::default()) }
        } else {
            <RegisterFields code={way.field()} status={(*status).clone()} {on_submit} />
        }
    };
    auth_page(text::CREATE_AN_ACCOUNT, way.text(), alternative, content)
}

/// The request, with the secret of the link or of the field. People may paste the whole link.
fn body(filled: Registration, secret: &str) -> Register {
    let after = |text: &str, name: &str| text.rsplit_once(name).map(|(_, code)| code.to_owned());
    // The link counts; what was typed before it was opened does not.
    let code = Some(filled.code).filter(|code| !code.is_empty() && secret.is_empty());
    let typed = |name: &str| code.as_deref().map(|code| after(code, name).unwrap_or_else(|| code.to_owned()));
    Register {
        name: Some(filled.name).filter(|name| !name.is_empty()),
        email: filled.email,
        password: filled.password,
        // Which of the two a typed code is depends on the server, which takes one of them only.
        setup_code: after(secret, "setup=").or_else(|| typed("setup=")),
        invitation: after(secret, "invite=").or_else(|| typed("invite=")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(registration: RegistrationMode, setup_needed: bool, setup_code_needed: bool) -> Entry {
        Entry { registration, setup_needed, setup_code_needed }
    }

    #[test]
    fn the_way_in_depends_on_the_server_and_on_the_link() {
        use RegistrationMode::{Closed, Invite, Open};
        for (server, secret, way) in [
            (server(Open, false, false), "", Way::Open),
            (server(Open, true, false), "", Way::First),
            (server(Invite, true, true), "", Way::FirstWithCode),
            (server(Invite, true, true), "setup=x", Way::First),
            (server(Invite, false, false), "invite=x", Way::Invited),
            (server(Invite, false, false), "", Way::ByInvitation),
            (server(Closed, false, false), "", Way::Closed),
            (server(Closed, false, false), "invite=x", Way::Closed),
            (server(Open, false, false), "invite=x", Way::Invited),
        ] {
            assert_eq!(Way::of(server, secret), way, "{server:?} {secret}");
        }
    }

    #[test]
    fn a_pasted_link_is_as_good_as_its_code() {
        let filled = |code: &str| Registration { code: code.into(), ..Registration::default() };
        assert_eq!(body(filled("https://t.example/register#invite=abc"), "").invitation.as_deref(), Some("abc"));
        assert_eq!(body(filled("abc"), "").setup_code.as_deref(), Some("abc"));
        assert_eq!(body(filled(""), "setup=s").setup_code.as_deref(), Some("s"));
        let open = body(filled(""), "");
        assert_eq!((open.setup_code, open.invitation), (None, None));
    }
}
