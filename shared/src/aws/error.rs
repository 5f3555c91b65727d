//! From the SDK's errors to what a caller can do about them.

use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::call::{CallError, Source};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    NotFound,
    AlreadyExists,
    Throttled,
    Denied,
    Unavailable,
    Unexpected,
}

/// Translates the error of one operation. `operation` is the AWS name, e.g. `GetParameter`.
pub fn translate<E>(operation: &'static str, error: SdkError<E, HttpResponse>) -> CallError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    let kind = match &error {
        SdkError::ServiceError(service) => {
            kind_of(service.err().code().unwrap_or_default(), service.raw().status().as_u16())
        }
        SdkError::DispatchFailure(_) | SdkError::TimeoutError(_) | SdkError::ResponseError(_) => Kind::Unavailable,
        _ => Kind::Unexpected,
    };
    // The service's own error says which one it was; the SDK's wrapper around it only says "service error".
    let source: Source = match error {
        SdkError::ServiceError(service) => Box::new(service.into_err()),
        other => Box::new(other),
    };
    match kind {
        Kind::NotFound => CallError::NotFound { operation, source },
        Kind::AlreadyExists => CallError::AlreadyExists { operation, source },
        Kind::Throttled => CallError::Throttled { operation, source },
        Kind::Denied => CallError::Denied { operation, source },
        Kind::Unavailable => CallError::Unavailable { operation, source },
        Kind::Unexpected => CallError::Unexpected { operation, source },
    }
}

/// AWS error codes are named regularly across services; query services drop the `Exception`.
fn kind_of(code: &str, status: u16) -> Kind {
    let name = code.strip_suffix("Exception").unwrap_or(code);
    match name {
        "AccessDenied"
        | "UnauthorizedOperation"
        | "Unauthorized"
        | "Forbidden"
        | "AuthorizationError"
        | "ExpiredToken"
        | "InvalidClientTokenId"
        | "UnrecognizedClient"
        | "SignatureDoesNotMatch"
        | "InvalidAccessKeyId"
        | "MissingAuthenticationToken" => Kind::Denied,
        "Throttling"
        | "Throttled"
        | "TooManyRequests"
        | "RequestLimitExceeded"
        | "SlowDown"
        | "TooManyUpdates"
        | "ProvisionedThroughputExceeded"
        | "RequestThrottled" => Kind::Throttled,
        "NoSuchKey" | "NoSuchBucket" => Kind::NotFound,
        "ResourceConflict" => Kind::AlreadyExists,
        _ if name.ends_with("NotFound") || name.ends_with("DoesNotExist") => Kind::NotFound,
        _ if name.ends_with("AlreadyExists") => Kind::AlreadyExists,
        _ => match status {
            401 | 403 => Kind::Denied,
            429 => Kind::Throttled,
            500..=599 => Kind::Unavailable,
            _ => Kind::Unexpected,
        },
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("AccessDeniedException", 400 => Kind::Denied; "json services deny with 400")]
    #[test_case("AccessDenied", 403 => Kind::Denied; "query services deny with 403")]
    #[test_case("ThrottlingException", 400 => Kind::Throttled; "throttling")]
    #[test_case("TooManyRequestsException", 429 => Kind::Throttled; "lambda throttles")]
    #[test_case("ParameterNotFound", 400 => Kind::NotFound; "parameter")]
    #[test_case("DeploymentDoesNotExistException", 400 => Kind::NotFound; "deployment")]
    #[test_case("NoSuchKey", 404 => Kind::NotFound; "object")]
    #[test_case("ParameterAlreadyExists", 400 => Kind::AlreadyExists; "parameter exists")]
    #[test_case("AlreadyExistsException", 400 => Kind::AlreadyExists; "change set exists")]
    #[test_case("InternalServerError", 500 => Kind::Unavailable; "their fault")]
    #[test_case("", 503 => Kind::Unavailable; "no code at all")]
    #[test_case("ValidationError", 400 => Kind::Unexpected; "our fault")]
    #[test_case("NotImplemented", 501 => Kind::Unavailable; "an emulator that cannot")]
    fn sorts_by_what_the_caller_can_do(code: &str, status: u16) -> Kind {
        kind_of(code, status)
    }
}
