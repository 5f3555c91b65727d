//! The settings of the API.

use std::num::NonZeroU32;
use std::str::FromStr;

use http::HeaderValue;
use slipway_shared::env::{self, Lookup, Reader};

use crate::settings::About;

/// The settings that the router is made with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiSettings {
    /// The service and its build, for `/version`.
    pub about: About,
    /// The origins that may call from a browser; none may, if it is absent.
    pub allowed_origins: Option<AllowedOrigins>,
    /// The requests a second that each owner may make of one process; any number, if it is absent.
    pub owner_requests_per_second: Option<NonZeroU32>,
}

impl ApiSettings {
    /// Reads what may be set, beside what is running.
    pub(crate) fn read(reader: &mut Reader<'_, impl Lookup>, about: Option<About>) -> Option<Self> {
        let allowed_origins = reader.optional(env::CORS_ALLOWED_ORIGINS);
        let owner_requests_per_second = reader.optional(env::OWNER_REQUESTS_PER_SECOND);
        Some(Self {
            about: about?,
            allowed_origins: allowed_origins?,
            owner_requests_per_second: owner_requests_per_second?,
        })
    }
}

/// An API with nothing set.
impl From<About> for ApiSettings {
    fn from(about: About) -> Self {
        Self { about, allowed_origins: None, owner_requests_per_second: None }
    }
}

/// The origins whose pages may call the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AllowedOrigins {
    /// The pages of every origin.
    Any,
    /// The pages of these origins.
    Listed(Vec<HeaderValue>),
}

/// A text that names no origins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be * or origins such as https://example.com, separated by commas")]
pub struct NoOrigins;

impl FromStr for AllowedOrigins {
    type Err = NoOrigins;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.trim() == "*" {
            return Ok(Self::Any);
        }
        text.split(',').map(|origin| origin_of(origin.trim())).collect::<Option<_>>().map(Self::Listed).ok_or(NoOrigins)
    }
}

/// An origin as browsers send it: scheme, host and port in small letters, and nothing else (RFC 6454, section 6.2).
fn origin_of(text: &str) -> Option<HeaderValue> {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let small = host.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b':' | b'[' | b']'));
    if host.is_empty() || !small { None } else { HeaderValue::try_from(text).ok() }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("*" => Some(AllowedOrigins::Any); "all")]
    #[test_case("https://a.example, http://localhost:3000" => Some(AllowedOrigins::Listed(vec![
        HeaderValue::from_static("https://a.example"), HeaderValue::from_static("http://localhost:3000"),
    ])); "two")]
    #[test_case("https://a.example/" => None; "a path")]
    #[test_case("https://A.example" => None; "capitals, which browsers do not send")]
    #[test_case("a.example" => None; "no scheme")]
    #[test_case("https://a.example," => None; "nothing behind the comma")]
    #[test_case("*, https://a.example" => None; "all and one")]
    fn reads_origins(text: &str) -> Option<AllowedOrigins> {
        text.parse().ok()
    }
}
