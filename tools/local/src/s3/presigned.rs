//! Signatures: any credentials will do, so they are taken off before the library sees a request; what a presigned URL
//! says of its time is kept to.
//!
//! Both forms of presigned URLs are read: version 4 (`X-Amz-Signature`), and version 2 (`Signature`), which boto3 makes
//! for S3 when nothing else is asked for.

use std::time::Duration;

use http::request::Parts;
use http::{Uri, header};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::asked::Sent;
use super::refusal::Refusal;
use crate::core::Timestamp;

/// The longest time that a version 4 URL may be good for.
const WEEK: u64 = 7 * 24 * 60 * 60;
/// The longest time that a client's clock may be ahead.
const SKEW: Duration = Duration::from_secs(15 * 60);
/// Query parameters of a version 2 URL.
const VERSION_2: [&str; 3] = ["AWSAccessKeyId", "Signature", "Expires"];
/// The headers of a signature, which are taken off before the library sees the request.
const HEADERS: [&str; 6] = [
    "authorization",
    "x-amz-content-sha256",
    "x-amz-decoded-content-length",
    "x-amz-trailer",
    "x-amz-date",
    "x-amz-security-token",
];

/// The kind and age of a request's signature, as its headers or its query give them.
pub(super) fn sent(parts: &Parts, now: Timestamp) -> Sent {
    let query = parts.uri.query().unwrap_or_default();
    let parameter = |name: &str| {
        form_urlencoded::parse(query.as_bytes()).find(|(held, _)| held == name).map(|(_, value)| value.into_owned())
    };
    const SIGNATURE_4: Option<&str> = Some("AWS4-HMAC-SHA256");
    const SIGNATURE_2: Option<&str> = Some("AWS");
    let header = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if let Some(header) = header {
        let signature = if header.starts_with("AWS4") { SIGNATURE_4 } else { SIGNATURE_2 };
        return Sent { auth_type: Some("REST-HEADER"), signature, age: None };
    }
    let by_query = Some("REST-QUERY-STRING");
    if let Some(date) = parameter("X-Amz-Date") {
        let age = read_date(&date).map(|made| now.as_millis() - made.as_millis());
        return Sent { auth_type: by_query, signature: SIGNATURE_4, age };
    }
    match parameter("Signature") {
        Some(_) => Sent { auth_type: by_query, signature: SIGNATURE_2, age: None },
        None => Sent::default(),
    }
}

fn read_date(date: &str) -> Option<Timestamp> {
    let date = DateTime::strptime("%Y%m%dT%H%M%SZ", date).and_then(|date| date.to_zoned(TimeZone::UTC)).ok()?;
    Some(Timestamp::from_millis(date.timestamp().as_millisecond()))
}

/// Takes the signature off, in whatever form it is there.
pub(super) fn unsign(parts: &mut Parts, now: Timestamp) -> Result<(), Refusal> {
    for name in HEADERS {
        parts.headers.remove(name);
    }
    let query = parts.uri.query().unwrap_or_default();
    let parameter = |name: &str| {
        form_urlencoded::parse(query.as_bytes()).find(|(held, _)| held == name).map(|(_, value)| value.into_owned())
    };
    if parameter("X-Amz-Algorithm").is_some() || parameter("X-Amz-Signature").is_some() {
        check_version_4(&parameter, now)?;
        parts.uri = without(&parts.uri, |name| name.starts_with("X-Amz-"))?;
    } else if parameter("AWSAccessKeyId").is_some() || parameter("Signature").is_some() {
        check_version_2(&parameter, now)?;
        parts.uri =
            without(&parts.uri, |name| VERSION_2.contains(&name) || name.eq_ignore_ascii_case("x-amz-security-token"))?;
    }
    Ok(())
}

fn check_version_4(parameter: &impl Fn(&str) -> Option<String>, now: Timestamp) -> Result<(), Refusal> {
    let error = |message: &'static str| Refusal::new("AuthorizationQueryParametersError", 400, message);
    let names = [
        "X-Amz-Algorithm",
        "X-Amz-Credential",
        "X-Amz-Date",
        "X-Amz-Expires",
        "X-Amz-Signature",
        "X-Amz-SignedHeaders",
    ];
    if names.iter().any(|name| parameter(name).is_none()) {
        return Err(error(
            "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.",
        ));
    }
    let date = parameter("X-Amz-Date").unwrap_or_default();
    let made = read_date(&date)
        .ok_or_else(|| error("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\""))?;
    let expires = parameter("X-Amz-Expires").unwrap_or_default();
    let seconds: i64 = expires.parse().map_err(|_| error("X-Amz-Expires should be a number"))?;
    let seconds = u64::try_from(seconds).map_err(|_| error("X-Amz-Expires must be non-negative"))?;
    if seconds > WEEK {
        return Err(error(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds",
        ));
    }
    if made > now + SKEW {
        return Err(Refusal::new("AccessDenied", 403, "Request is not yet valid"));
    }
    let end = made + Duration::from_secs(seconds);
    if now > end {
        return Err(expired(end, now).with("X-Amz-Expires", expires));
    }
    Ok(())
}

fn check_version_2(parameter: &impl Fn(&str) -> Option<String>, now: Timestamp) -> Result<(), Refusal> {
    if VERSION_2.iter().any(|name| parameter(name).is_none()) {
        let message = "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters";
        return Err(Refusal::new("AccessDenied", 403, message));
    }
    let expires = parameter("Expires").unwrap_or_default();
    let Ok(seconds) = expires.parse::<i64>() else {
        let message = format!("Invalid date (should be seconds since epoch): {expires}");
        return Err(Refusal::new("AccessDenied", 403, message));
    };
    let end = Timestamp::from_millis(seconds.saturating_mul(1000));
    if now > end { Err(expired(end, now)) } else { Ok(()) }
}

fn expired(end: Timestamp, now: Timestamp) -> Refusal {
    let text = |at: Timestamp| format!("{}Z", &at.iso8601()[..19]);
    Refusal::new("AccessDenied", 403, "Request has expired").with("Expires", text(end)).with("ServerTime", text(now))
}

/// The address without these query parameters, the others as they were written.
fn without(uri: &Uri, taken: impl Fn(&str) -> bool) -> Result<Uri, Refusal> {
    let query = uri.query().unwrap_or_default();
    let kept: Vec<&str> = query
        .split('&')
        .filter(|pair| !pair.is_empty() && !taken(pair.split('=').next().unwrap_or_default()))
        .collect();
    let path = if kept.is_empty() { uri.path().to_owned() } else { format!("{}?{}", uri.path(), kept.join("&")) };
    path.parse().map_err(|_| Refusal::new("InvalidURI", 400, "Couldn't parse the specified URI."))
}

#[cfg(test)]
mod tests {
    use http::Request;
    use test_case::test_case;

    use super::*;

    fn unsigned(query: &str, now: i64) -> Result<String, Refusal> {
        let (mut parts, ()) = Request::get(format!("/b/k?{query}")).body(()).unwrap().into_parts();
        unsign(&mut parts, Timestamp::from_millis(now * 1000)).map(|()| parts.uri.to_string())
    }

    const V4: &str = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AK%2F20260101%2Fus-east-1%2Fs3%2Faws4_request\
        &X-Amz-Date=20260101T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=0&versionId=1";
    /// 2026-01-01T00:00:00Z.
    const MADE: i64 = 1_767_225_600;

    #[test]
    fn what_is_not_of_the_signature_stays() {
        assert_eq!(unsigned(V4, MADE + 60).unwrap(), "/b/k?versionId=1");
        assert_eq!(unsigned("AWSAccessKeyId=AK&Signature=s%3D&Expires=100", 100).unwrap(), "/b/k");
        assert_eq!(unsigned("Expires=none", 0).unwrap(), "/b/k?Expires=none");
    }

    #[test_case(V4, MADE + 61, "Request has expired")]
    #[test_case(V4, MADE - 1000, "Request is not yet valid")]
    #[test_case("AWSAccessKeyId=AK&Signature=s&Expires=100", 101, "Request has expired")]
    #[test_case("AWSAccessKeyId=AK&Signature=s&Expires=soon", 0, "Invalid date (should be seconds since epoch): soon")]
    fn a_url_is_good_for_its_time_only(query: &str, now: i64, message: &str) {
        let refusal = unsigned(query, now).unwrap_err();
        assert_eq!((refusal.code, refusal.message.as_ref()), ("AccessDenied", message));
    }

    #[test]
    fn a_url_of_version_4_needs_all_its_parameters() {
        let refusal = unsigned("X-Amz-Signature=0", MADE).unwrap_err();
        assert_eq!((refusal.code, refusal.status()), ("AuthorizationQueryParametersError", 400));
        let long = V4.replace("Expires=60", "Expires=604801");
        assert_eq!(unsigned(&long, MADE).unwrap_err().code, "AuthorizationQueryParametersError");
    }
}
