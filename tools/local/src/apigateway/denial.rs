//! The reasons for not letting a request through, and their answers.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

use super::answer::message;
use super::jwt::Unacceptable;

/// The reason for not letting a request through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Denial {
    /// No token at all.
    NoToken,
    /// A token that is not accepted.
    BadToken(String, Unacceptable),
    /// A good token without the scope.
    NoScope(String),
    /// Not all of what the Lambda authorizer asks for is in the request.
    NoIdentity,
    /// Not signed, or for another service; or the Lambda authorizer says no.
    Forbidden,
    /// The API is not what it was, or the Lambda authorizer does not answer as it should.
    Broken(String),
}

impl Denial {
    /// The text of `$context.authorizer.error`.
    pub(super) fn reason(&self) -> String {
        match self {
            Self::NoToken | Self::NoIdentity => "Unauthorized".to_owned(),
            Self::BadToken(_, Unacceptable(fault)) => fault.clone(),
            Self::NoScope(_) => "the token does not have a required scope".to_owned(),
            Self::Forbidden => "Forbidden".to_owned(),
            Self::Broken(why) => why.clone(),
        }
    }
}

impl IntoResponse for Denial {
    fn into_response(self) -> Response {
        let challenge = match &self {
            Self::NoToken => Some("Bearer".to_owned()),
            Self::BadToken(scopes, Unacceptable(fault)) => Some(challenge(scopes, "invalid_token", fault)),
            Self::NoScope(scopes) => {
                Some(challenge(scopes, "insufficient_scope", "the token does not have a required scope"))
            }
            Self::NoIdentity | Self::Forbidden | Self::Broken(_) => None,
        };
        let mut response = match &self {
            Self::NoToken | Self::BadToken(..) | Self::NoIdentity => message(StatusCode::UNAUTHORIZED, "Unauthorized"),
            Self::NoScope(_) | Self::Forbidden => message(StatusCode::FORBIDDEN, "Forbidden"),
            Self::Broken(_) => message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"),
        };
        if let Some(value) = challenge.and_then(|text| HeaderValue::from_str(&text).ok()) {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, value);
        }
        response
    }
}

/// RFC 6750, section 3, in the order in which API Gateway writes the attributes.
pub(super) fn challenge(scopes: &str, error: &str, description: &str) -> String {
    let description = description.replace('"', "'");
    format!("Bearer scope=\"{scopes}\" error=\"{error}\" error_description=\"{description}\"")
}
