//! An OpenID issuer of the plane's own: who has no identity provider on this machine can still call an API with a JWT
//! authorizer. It gives anybody a token for any subject, which is what a loopback plane is for; it is not an AWS service.
//!
//! Below `/_slipway/issuer`: `.well-known/openid-configuration`, `jwks.json`, and `token`, which takes a form (or a query)
//! with `sub`, and where wanted `scope`, `aud` and `lifetime` in seconds. Tokens live in the machine's time, as the
//! functions that read them do.

mod doors;
mod key;
mod token;

pub(crate) use self::doors::{issuer_router, issuer_url};
pub use self::token::DEFAULT_AUDIENCE;
