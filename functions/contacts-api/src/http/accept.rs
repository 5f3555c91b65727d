//! The media types that the client accepts: a client that takes no JSON is told so before anything is done.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use headers_accept::Accept;
use http::{HeaderMap, Method, header};
use mediatype::names::{_STAR, APPLICATION, JSON, Q};
use mediatype::{MediaTypeBuf, ReadParams as _};

use super::error::ApiError;

/// Refuses a request whose answer would be JSON that the client does not take.
pub(super) async fn json_only(request: Request, next: Next) -> Result<Response, ApiError> {
    // The answers of these have no body.
    let bodiless = matches!(*request.method(), Method::OPTIONS | Method::DELETE);
    if bodiless || accepts_json(request.headers()) {
        Ok(next.run(request).await)
    } else {
        Err(ApiError::NotAcceptable { available: "JSON" })
    }
}

/// True if the client takes JSON: the most specific range that covers it decides. A header that cannot be read asks for nothing, as
/// some old clients send `*`; parameters are passed over, as many clients ask for a `charset`, which JSON does not have.
fn accepts_json(headers: &HeaderMap) -> bool {
    header(headers).is_none_or(|accept| {
        let range = accept.media_types().find(|range| covers_json(range));
        range.is_some_and(|range| !is_refusal(range))
    })
}

/// The `Accept` header of the client, if it asks for anything in particular.
pub(super) fn header(headers: &HeaderMap) -> Option<Accept> {
    let values: Vec<&str> = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
    match values[..] {
        // The header that most clients send is not worth reading.
        [] | ["*/*"] => None,
        _ => values.join(",").parse().ok(),
    }
}

fn covers_json(range: &MediaTypeBuf) -> bool {
    let subtype = range.subty() == _STAR || (range.subty() == JSON && range.suffix().is_none());
    range.ty() == _STAR || (range.ty() == APPLICATION && subtype)
}

/// A quality of zero says: anything but this (RFC 9110, section 12.4.2).
fn is_refusal(range: &MediaTypeBuf) -> bool {
    range.get_param(Q).is_some_and(|quality| quality.as_str().parse() == Ok(0.0_f32))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use test_case::test_case;

    use super::*;

    #[test_case(&[] => true; "no header")]
    #[test_case(&["*/*"] => true; "anything")]
    #[test_case(&["application/json"] => true; "json")]
    #[test_case(&["application/json; charset=utf-8"] => true; "json with a parameter")]
    #[test_case(&["text/html, application/*;q=0.1"] => true; "json at last")]
    #[test_case(&["text/html", "application/json"] => true; "two headers")]
    #[test_case(&["text/html, */*;q=0"] => false; "anything but json")]
    #[test_case(&["application/json;q=0, */*"] => false; "all but json")]
    #[test_case(&["application/json;charset=UTF-8;q=0.0, */*"] => false; "json with a parameter refused")]
    #[test_case(&["application/problem+json"] => false; "another type of the same suffix")]
    #[test_case(&["text/html"] => false; "another type")]
    #[test_case(&["text/html, *; q=.2, */*; q=.2"] => true; "a broken header of old clients")]
    fn negotiates(values: &[&'static str]) -> bool {
        let headers = values.iter().map(|value| (header::ACCEPT, HeaderValue::from_static(value))).collect();
        accepts_json(&headers)
    }
}
