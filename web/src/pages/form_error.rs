//! Converts errors of requests to errors of forms.

use crate::text::account as text;
use crate::{api::ApiError, components::form::FormError, platform::case};
use tandem_protocol::{ErrorCode, Problem};
use yew::AttrValue;

/// The error of a form, with a message for each field that the server has refused.
pub(super) fn form_error(error: &ApiError) -> FormError {
    match error {
        ApiError::Refused(problem) => refused(problem),
        other => FormError { title: other.to_string().into(), ..FormError::default() },
    }
}

/// The error of a log-in. The server does not say which of the two fields is wrong, so both are marked.
pub(super) fn sign_in_error(error: &ApiError) -> FormError {
    match error.code() {
        Some(ErrorCode::InvalidCredentials) => FormError {
            title: text::EMAIL_AND_PASSWORD_DO_NOT.into(),
            text: text::CHECK_BOTH_AND_TRY_AGAIN.into(),
            fields: vec![field("email", ""), field("password", text::TYPE_THE_PASSWORD_AGAIN)],
        },
        _ => form_error(error),
    }
}

/// Whether the server requires the password for this request.
pub(super) fn wants_password(error: &ApiError) -> bool {
    error.code() == Some(ErrorCode::ConfirmationRequired)
}

/// The error of a form of a signed-in person that contains their password.
pub(super) fn confirmation_error(error: &ApiError) -> FormError {
    match error.code() {
        Some(ErrorCode::InvalidCredentials) => FormError {
            title: text::THE_PASSWORD_IS_WRONG.into(),
            fields: vec![
                field("password", text::TYPE_THE_PASSWORD_AGAIN),
                field("current_password", text::TYPE_IT_AGAIN),
            ],
            ..FormError::default()
        },
        Some(ErrorCode::ConfirmationRequired) => {
            let said = form_error(error);
            FormError { title: said.text, ..FormError::default() }
        }
        _ => form_error(error),
    }
}

/// The error of a registration; `wrong_code` is what it says when the code that was sent admits nobody: title, and text instead of the server's. The server never says whether
/// an address is taken; a log-in that fails right after the registration shows it.
pub(super) fn register_error(error: &ApiError, wrong_code: Option<[&'static str; 2]>) -> FormError {
    match (error.code(), wrong_code) {
        (Some(ErrorCode::RegistrationClosed), Some([title, text])) => {
            FormError { title: title.into(), text: text.into(), fields: vec![field("code", "")] }
        }
        (Some(ErrorCode::InvalidCredentials), _) => FormError {
            title: text::THIS_DID_NOT_WORK.into(),
            text: text::ADDRESS_MAY_BE_TAKEN.into(),
            fields: vec![field("email", text::USE_ANOTHER_ADDRESS_OR_SIGN)],
        },
        _ => form_error(error),
    }
}

fn refused(problem: &Problem) -> FormError {
    let fields: Vec<_> = problem.errors.iter().map(|error| field(&error.field, &sentence(&error.message))).collect();
    // What stands in the way is said by the detail alone.
    if problem.code == ErrorCode::Conflict && fields.is_empty() {
        return FormError { title: sentence(&problem.detail).into(), ..FormError::default() };
    }
    let title = match problem.code {
        ErrorCode::RateLimited => text::TOO_MANY_TRIES,
        ErrorCode::InvalidRequest => text::SOMETHING_IS_NOT_RIGHT_YET,
        // No form has another token than that of a link.
        ErrorCode::InvalidToken => text::THIS_LINK_DOES_NOT_WORK,
        code => code.title(),
    };
    let text = if fields.is_empty() { sentence(&problem.detail) } else { text::CHECK_THE_MARKED_FIELDS.to_owned() };
    FormError { title: title.into(), text: text.into(), fields }
}

fn field(name: &str, text: &str) -> (AttrValue, AttrValue) {
    (name.to_owned().into(), text.to_owned().into())
}

/// Capitalises the first letter, because the messages of the server are written for programs.
fn sentence(text: &str) -> String {
    let first = text.chars().next().map_or(0, char::len_utf8);
    format!("{}{}", case::upper(&text[..first]), &text[first..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use tandem_protocol::error::FieldError;

    fn problem(code: ErrorCode, errors: Vec<FieldError>) -> ApiError {
        ApiError::Refused(Box::new(Problem {
            kind: "about:blank".into(),
            title: code.title().into(),
            status: code.status(),
            code,
            detail: "what happened".into(),
            request_id: "r".into(),
            errors,
            task: None,
        }))
    }

    #[test]
    fn a_required_confirmation_has_a_password_field() {
        let required = problem(ErrorCode::ConfirmationRequired, Vec::new());
        assert!(wants_password(&required));
        assert_eq!(confirmation_error(&required).title, "What happened");
        let wrong = problem(ErrorCode::InvalidCredentials, Vec::new());
        assert!(!wants_password(&wrong));
        assert_eq!(confirmation_error(&wrong).title, "The password is wrong");
    }

    #[test]
    fn a_wrong_password_marks_both_fields_and_names_neither() {
        let error = sign_in_error(&problem(ErrorCode::InvalidCredentials, Vec::new()));
        assert_eq!(error.fields.len(), 2);
        assert!(error.title.contains("do not match"));
    }

    #[test]
    fn refused_fields_have_their_messages() {
        let wrong = FieldError { field: "password".into(), message: "is too short".into() };
        let error = form_error(&problem(ErrorCode::InvalidRequest, vec![wrong]));
        assert_eq!(error.fields, [("password".into(), "Is too short".into())]);
    }

    #[test]
    fn a_wrong_code_is_not_a_closed_door() {
        let closed = problem(ErrorCode::RegistrationClosed, Vec::new());
        let wrong = register_error(&closed, Some(["This is not the set-up code", ""]));
        assert_eq!((wrong.title.as_str(), wrong.fields.len()), ("This is not the set-up code", 1));
        assert_eq!(register_error(&closed, None).title, "Registration is closed");
    }

    #[test]
    fn a_network_error_explains_what_to_do() {
        assert!(form_error(&ApiError::Network).title.contains("cannot be reached"));
    }
}
