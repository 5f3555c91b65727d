//! The target of a request: its path without the part that the stage or a mapping puts in front, and its query, as a URI carries them.
//!
//! Decoding differs: HTTP APIs hand the path over decoded, in payload 1.0 and 2.0 alike; REST APIs, function URLs and load balancers
//! as it was sent. Payload 1.0 has the query decoded, payload 2.0 and load balancers as it was sent. So a character that no encoded
//! text can hold is encoded, and what is encoded already is left alone.

use std::fmt::Write as _;

use http::Uri;
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

use super::tolerant::Parameters;

/// The characters that a URI's path cannot hold as they are.
const NOT_IN_A_PATH: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>').add(b'?').add(b'`').add(b'{').add(b'}');
/// The characters that a URI's query cannot hold as they are.
const NOT_IN_A_QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>');
/// The characters that a decoded name or value must have encoded: all but RFC 3986's unreserved ones.
const NOT_IN_A_PARAMETER: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The stage that is served at the root.
const DEFAULT_STAGE: &str = "$default";

/// The path of payload 2.0 without its stage: `rawPath` begins with a named stage, behind a custom domain, too.
pub(super) fn without_stage<'a>(path: &'a str, stage: Option<&str>) -> &'a str {
    match stage {
        Some(stage) if stage != DEFAULT_STAGE => without_prefix(path, stage),
        _ => path,
    }
}

/// The path of payload 1.0 without its stage. A REST API has taken it off `path` already and left it in `requestContext.path`; an HTTP
/// API, and a custom domain's mapping that names no stage, have not.
pub(super) fn of_payload_1<'a>(path: &'a str, with_stage: Option<&str>, stage: Option<&str>) -> &'a str {
    let taken_off = |stage: &str| {
        with_stage
            .and_then(|with_stage| with_stage.strip_prefix('/')?.strip_prefix(stage))
            .is_some_and(|rest| rest == path)
    };
    if stage.is_some_and(taken_off) { path } else { without_stage(path, stage) }
}

/// A path without a first part: `/v1/contacts` without `v1`. One that does not begin with it stays as it is.
pub(super) fn without_prefix<'a>(path: &'a str, prefix: &str) -> &'a str {
    let rest = path.strip_prefix('/').and_then(|path| path.strip_prefix(prefix));
    match rest {
        Some("") => "/",
        Some(rest) if rest.starts_with('/') => rest,
        _ => path,
    }
}

/// A query as a URI carries it.
pub(super) enum Query<'a> {
    /// As the client sent it.
    Sent(&'a str),
    /// Names and values as the client sent them.
    Encoded(&'a Parameters),
    /// Names and values that API Gateway has decoded.
    Decoded(&'a Parameters),
}

/// The URI of a path and a query.
///
/// # Errors
/// Fails if no URI can hold them.
pub(super) fn uri(path: &str, query: &Query<'_>) -> Result<Uri, http::Error> {
    // Without the slash the path would be read as a host's name.
    let slash = if path.starts_with('/') { "" } else { "/" };
    let mut uri = format!("{slash}{}", utf8_percent_encode(path, NOT_IN_A_PATH));
    match query {
        Query::Sent("") => {}
        Query::Sent(text) => {
            uri.push('?');
            uri.extend(utf8_percent_encode(text, NOT_IN_A_QUERY));
        }
        Query::Encoded(parameters) => append(&mut uri, parameters, NOT_IN_A_QUERY),
        Query::Decoded(parameters) => append(&mut uri, parameters, NOT_IN_A_PARAMETER),
    }
    Ok(Uri::try_from(uri)?)
}

fn append(uri: &mut String, parameters: &Parameters, set: &'static AsciiSet) {
    for (index, (name, value)) in parameters.0.iter().enumerate() {
        uri.push(if index == 0 { '?' } else { '&' });
        // Writing to a String cannot fail.
        let _ = write!(uri, "{}={}", utf8_percent_encode(name, set), utf8_percent_encode(value, set));
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("/prod/contacts", Some("prod"), "/contacts"; "named")]
    #[test_case("/prod", Some("prod"), "/"; "the root of a named stage")]
    #[test_case("/production", Some("prod"), "/production"; "not a whole part")]
    #[test_case("/contacts", Some("$default"), "/contacts"; "the default stage")]
    #[test_case("/contacts", None, "/contacts"; "no stage")]
    fn payload_2_has_a_named_stage_in_front(path: &str, stage: Option<&str>, expected: &str) {
        assert_eq!(without_stage(path, stage), expected);
    }

    #[test_case("/contacts", Some("/prod/contacts"), Some("prod"), "/contacts"; "rest api")]
    #[test_case("/contacts/1", Some("/contacts/contacts/1"), Some("contacts"), "/contacts/1"; "a stage that is called as a route")]
    #[test_case("/prod/contacts", Some("/prod/contacts"), Some("prod"), "/contacts"; "http api, or a mapping without a stage")]
    #[test_case("/contacts", Some("/contacts"), Some("prod"), "/contacts"; "custom domain")]
    #[test_case("/contacts", None, None, "/contacts"; "nothing known")]
    fn payload_1_has_it_in_front_or_not(path: &str, with_stage: Option<&str>, stage: Option<&str>, expected: &str) {
        assert_eq!(of_payload_1(path, with_stage, stage), expected);
    }

    #[test_case("/a b%20c/ü?#", "/a%20b%20c/%C3%BC%3F%23"; "decoded and encoded")]
    #[test_case("", "/"; "empty")]
    #[test_case("//host/path", "//host/path"; "two slashes are no host")]
    #[test_case("host:80", "/host:80"; "no slash is no host")]
    fn a_path_is_encoded_where_it_must_be(path: &str, expected: &str) {
        assert_eq!(uri(path, &Query::Sent("")).unwrap().to_string(), expected);
    }

    #[test]
    fn a_query_is_encoded_once() {
        let pairs = |name: &str, value: &str| Parameters(vec![(name.to_owned(), value.to_owned())]);
        let text = |query: &Query<'_>| uri("/", query).unwrap().query().map(str::to_owned);
        assert_eq!(text(&Query::Decoded(&pairs("a&b", "1+2 %41"))).as_deref(), Some("a%26b=1%2B2%20%2541"));
        assert_eq!(text(&Query::Encoded(&pairs("a%26b", "1+2%20%41"))).as_deref(), Some("a%26b=1+2%20%41"));
        assert_eq!(text(&Query::Sent("a=1 2&b=%41")).as_deref(), Some("a=1%202&b=%41"));
        assert_eq!(text(&Query::Decoded(&Parameters::default())), None);
    }
}
