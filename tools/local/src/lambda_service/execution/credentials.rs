//! Temporary credentials of a function's role.

/// Temporary credentials of a function's role.
#[derive(Clone, Debug)]
pub(in crate::lambda_service) struct Credentials {
    pub(in crate::lambda_service) access_key: String,
    pub(in crate::lambda_service) secret_key: String,
    pub(in crate::lambda_service) session_token: String,
}
