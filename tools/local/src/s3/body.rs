//! The body of a request: its framing taken off, and compared with every digest that came with it.
//!
//! It is read whole before an operation sees it, so that a body which is not what its digest says stores nothing.

use axum::body::{Body, Bytes, to_bytes};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use sha2::{Digest as _, Sha256};

use super::checksum::{Algorithm, md5};
use super::chunked;
use super::refusal::Refusal;

/// The largest body that a client may send in one request.
const LIMIT: usize = 1024 * 1024 * 1024;

/// Reads the body. Trailing headers are headers afterwards.
pub(super) async fn read(parts: &mut Parts, body: Body) -> Result<Bytes, Refusal> {
    let body = to_bytes(body, LIMIT).await.map_err(|_| {
        let message = "Your proposed upload exceeds the maximum allowed size";
        Refusal::new("EntityTooLarge", 400, message).with("MaxSizeAllowed", LIMIT.to_string())
    })?;
    let hash = text(&parts.headers, "x-amz-content-sha256").map(str::to_owned);
    let body = match hash.as_deref() {
        Some(hash) if hash.starts_with("STREAMING-") => unframe(parts, &body)?,
        Some(hash) if hash.len() == 64 => check_payload(hash, body)?,
        _ => body,
    };
    check_md5(&parts.headers, &body)?;
    check_sums(parts, &body)?;
    Ok(body)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn incomplete() -> Refusal {
    let message = "You did not provide the number of bytes specified by the Content-Length HTTP header";
    Refusal::new("IncompleteBody", 400, message)
}

fn unframe(parts: &mut Parts, framed: &[u8]) -> Result<Bytes, Refusal> {
    let decoded = chunked::decode(framed).ok_or_else(incomplete)?;
    if let Some(length) = text(&parts.headers, "x-amz-decoded-content-length")
        && length.parse() != Ok(decoded.data.len())
    {
        return Err(incomplete());
    }
    let promised = text(&parts.headers, "x-amz-trailer").unwrap_or_default().to_ascii_lowercase();
    for (name, value) in decoded.trailers {
        let named = promised.split(',').any(|promise| promise.trim() == name);
        if let (true, Ok(name), Ok(value)) = (named, HeaderName::try_from(name), HeaderValue::try_from(value)) {
            parts.headers.insert(name, value);
        }
    }
    if promised.split(',').any(|name| !name.is_empty() && !parts.headers.contains_key(name.trim())) {
        return Err(Refusal::new(
            "MalformedTrailerError",
            400,
            "The request contained trailing data that was not well-formed or did not conform to our published schema.",
        ));
    }
    own_encoding(&mut parts.headers);
    Ok(decoded.data)
}

/// Leaves the object's own encoding only: `gzip` of `Content-Encoding: gzip,aws-chunked`.
fn own_encoding(headers: &mut HeaderMap) {
    let Some(encoding) = headers.remove(header::CONTENT_ENCODING) else { return };
    let own = encoding.to_str().unwrap_or_default();
    let own: Vec<&str> = own.split(',').map(str::trim).filter(|e| *e != "aws-chunked" && !e.is_empty()).collect();
    if let (false, Ok(value)) = (own.is_empty(), HeaderValue::from_str(&own.join(","))) {
        headers.insert(header::CONTENT_ENCODING, value);
    }
}

fn check_payload(said: &str, body: Bytes) -> Result<Bytes, Refusal> {
    let calculated = hex::encode(Sha256::digest(&body));
    if calculated.eq_ignore_ascii_case(said) {
        return Ok(body);
    }
    let message = "The provided 'x-amz-content-sha256' header does not match what was computed.";
    Err(Refusal::new("XAmzContentSHA256Mismatch", 400, message)
        .with("ClientComputedContentSHA256", said)
        .with("S3ComputedContentSHA256", calculated))
}

fn check_md5(headers: &HeaderMap, body: &[u8]) -> Result<(), Refusal> {
    let Some(said) = headers.get("content-md5") else { return Ok(()) };
    let said = said.to_str().unwrap_or_default();
    let digest = STANDARD.decode(said).ok().filter(|digest| digest.len() == 16).ok_or_else(|| {
        Refusal::new("InvalidDigest", 400, "The Content-MD5 you specified was invalid.").with("Content-MD5", said)
    })?;
    let calculated = md5(body);
    if digest == calculated {
        return Ok(());
    }
    Err(Refusal::new("BadDigest", 400, "The Content-MD5 you specified did not match what we received.")
        .with("ExpectedDigest", said)
        .with("CalculatedDigest", STANDARD.encode(calculated)))
}

/// The checksum headers, which speak of the body everywhere but where an upload is completed.
fn check_sums(parts: &Parts, body: &[u8]) -> Result<(), Refusal> {
    let query = parts.uri.query().unwrap_or_default();
    if parts.method == Method::POST && query.split('&').any(|pair| pair.starts_with("uploadId=")) {
        return Ok(());
    }
    let given: Vec<(Algorithm, &str)> = Algorithm::ALL
        .into_iter()
        .filter_map(|algorithm| Some((algorithm, text(&parts.headers, algorithm.header())?)))
        .collect();
    if given.len() > 1 {
        let message = "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.";
        return Err(Refusal::request(message));
    }
    if let Some(named) = text(&parts.headers, "x-amz-sdk-checksum-algorithm") {
        let named = Algorithm::named(&named.to_ascii_uppercase())?;
        if given.iter().all(|(algorithm, _)| *algorithm != named) {
            let message = "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.";
            return Err(Refusal::request(message));
        }
    }
    given.into_iter().try_for_each(|(algorithm, value)| check_sum(algorithm, value, body))
}

/// Compares one checksum with the body.
pub(super) fn check_sum(algorithm: Algorithm, value: &str, body: &[u8]) -> Result<(), Refusal> {
    if STANDARD.decode(value).ok().is_none_or(|bytes| bytes.len() != algorithm.length()) {
        return Err(Refusal::request(format!("Value for {} header is invalid.", algorithm.header())));
    }
    if algorithm.of(body) == value {
        return Ok(());
    }
    let message = format!("The {} you specified did not match the calculated checksum.", algorithm.name());
    Err(Refusal::new("BadDigest", 400, message))
}

#[cfg(test)]
mod tests {
    use http::Request;
    use test_case::test_case;

    use super::*;

    async fn sent(headers: &[(&str, &str)], body: &'static str) -> Result<(Bytes, HeaderMap), Refusal> {
        let mut request = Request::put("/bucket/key");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        read(&mut parts, Body::from(body)).await.map(|body| (body, parts.headers))
    }

    #[tokio::test]
    async fn a_trailing_checksum_becomes_a_header_and_is_compared() {
        let headers = [
            ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
            ("x-amz-trailer", "x-amz-checksum-crc32"),
            ("x-amz-sdk-checksum-algorithm", "CRC32"),
            ("content-encoding", "gzip,aws-chunked"),
        ];
        let body = "9\r\n123456789\r\n0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n\r\n";
        let (body, headers_after) = sent(&headers, body).await.unwrap();
        assert_eq!(body.as_ref(), b"123456789");
        assert_eq!(headers_after["content-encoding"], "gzip");
        let wrong = "9\r\n123456780\r\n0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n\r\n";
        assert_eq!(sent(&headers, wrong).await.unwrap_err().code, "BadDigest");
        assert_eq!(sent(&headers, "9\r\n123456789\r\n0\r\n\r\n").await.unwrap_err().code, "MalformedTrailerError");
    }

    #[test_case("content-md5", "AAAAAAAAAAAAAAAAAAAAAA==", "BadDigest")]
    #[test_case("content-md5", "not base64", "InvalidDigest")]
    #[test_case("x-amz-checksum-sha1", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "BadDigest")]
    #[test_case("x-amz-checksum-sha1", "AAAA", "InvalidRequest")]
    #[test_case("x-amz-sdk-checksum-algorithm", "CRC32", "InvalidRequest")]
    #[test_case(
        "x-amz-content-sha256",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "XAmzContentSHA256Mismatch"
    )]
    #[tokio::test]
    async fn a_digest_that_is_not_the_bodys_is_refused(header: &str, value: &str, code: &str) {
        assert_eq!(sent(&[(header, value)], "x").await.unwrap_err().code, code);
    }
}
