//! Signature Version 4: whether a request was signed with the secret that its access key was given out with.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>
//!
//! Libraries sign, and choose the headers; none checks what a client chose. The recipe is AWS's, the hashes are libraries'.
//! Time is the machine's, not the plane's: clients date their requests by it.

use std::borrow::Cow;

use axum::body::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::request::Parts;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest, Sha256};

use crate::core::ServiceError;

/// The characters that are escaped in canonical paths and queries: all but RFC 3986's unreserved ones.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
/// The same, for a path.
const PATH: &AsciiSet = &RESERVED.remove(b'/');
/// The most that a request's date may be from now, in seconds.
const SKEW: i64 = 15 * 60;
/// The one algorithm with a shared secret.
const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// Signature Version 4A, which signs for several regions with a key pair.
const ASYMMETRIC: &str = "AWS4-ECDSA-P256-SHA256";

/// A signature with all that it says.
#[derive(Debug)]
struct Signed {
    scope: String,
    headers: Vec<String>,
    signature: String,
    date: String,
    /// The lifetime of a presigned URL, in seconds; none for a signature in the header.
    lifetime: Option<i64>,
}

/// Refuses a signature that is not of `secret`, or that has become too old.
///
/// # Errors
/// `SignatureDoesNotMatch` and its kin, in AWS's words.
pub(super) fn verify(secret: &str, parts: &Parts, body: Option<&Bytes>) -> Result<(), ServiceError> {
    let signed = if parts.headers.contains_key("authorization") { from_header(parts)? } else { from_query(parts)? };
    timely(&signed, jiff::Timestamp::now().as_second())?;
    let canonical = canonical_request(parts, &signed, body);
    let text = format!("{ALGORITHM}\n{}\n{}\n{}", signed.date, signed.scope, hex::encode(Sha256::digest(canonical)));
    let expected = hex::encode(mac(&signing_key(secret, &signed.scope), text.as_bytes()));
    // A secret of the plane's opens nothing outside this machine: a comparison in constant time would guard nothing.
    if expected == signed.signature { Ok(()) } else { Err(mismatch()) }
}

pub(super) fn mismatch() -> ServiceError {
    let text = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access \
                Key and signing method. Consult the service documentation for details.";
    ServiceError::new("SignatureDoesNotMatch", text).with_status(403)
}

fn incomplete(what: &str) -> ServiceError {
    ServiceError::new("IncompleteSignature", format!("Authorization header requires '{what}' parameter."))
        .with_status(400)
}

/// `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`
fn from_header(parts: &Parts) -> Result<Signed, ServiceError> {
    let header = parts.headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (algorithm, rest) = header.split_once(' ').unwrap_or((header, ""));
    known(algorithm)?;
    let field = |name: &str| {
        let mut fields = rest.split(',').map(str::trim);
        fields
            .find_map(|field| field.strip_prefix(name)?.strip_prefix('='))
            .map(str::to_owned)
            .ok_or_else(|| incomplete(name))
    };
    let text = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let date = text("x-amz-date").or_else(|| text("date")).ok_or_else(|| incomplete("X-Amz-Date"))?;
    Ok(Signed {
        scope: scope(&field("Credential")?),
        headers: field("SignedHeaders")?.split(';').map(str::to_owned).collect(),
        signature: field("Signature")?,
        date,
        lifetime: None,
    })
}

/// `?X-Amz-Algorithm=…&X-Amz-Credential=…`
fn from_query(parts: &Parts) -> Result<Signed, ServiceError> {
    let query = parts.uri.query().unwrap_or_default();
    let field = |name: &str| {
        let mut fields = form_urlencoded::parse(query.as_bytes());
        fields.find(|(known, _)| known == name).map(|(_, value)| value.into_owned()).ok_or_else(|| incomplete(name))
    };
    known(&field("X-Amz-Algorithm")?)?;
    Ok(Signed {
        scope: scope(&field("X-Amz-Credential")?),
        headers: field("X-Amz-SignedHeaders")?.split(';').map(str::to_owned).collect(),
        signature: field("X-Amz-Signature")?,
        date: field("X-Amz-Date")?,
        lifetime: Some(field("X-Amz-Expires").ok().and_then(|text| text.parse().ok()).unwrap_or(0)),
    })
}

fn known(algorithm: &str) -> Result<(), ServiceError> {
    match algorithm {
        ALGORITHM => Ok(()),
        ASYMMETRIC => Err(ServiceError::not_implemented("sts", "a request with Signature Version 4A")),
        other => Err(ServiceError::new("IncompleteSignature", format!("Unsupported AWS 'algorithm': '{other}'"))
            .with_status(400)),
    }
}

/// `20260131/us-east-1/lambda/aws4_request` of a credential.
fn scope(credential: &str) -> String {
    credential.split_once('/').map_or("", |(_, scope)| scope).to_owned()
}

fn timely(signed: &Signed, now: i64) -> Result<(), ServiceError> {
    // ISO 8601's basic format.
    let at = signed.date.parse::<jiff::Timestamp>().map_err(|_| incomplete("X-Amz-Date"))?.as_second();
    let refused = |code: &str, text: String| Err(ServiceError::new(code, text).with_status(403));
    match signed.lifetime {
        Some(lifetime) if now > at + lifetime => refused("AccessDenied", "Request has expired".to_owned()),
        None if (now - at).abs() > SKEW => refused(
            "SignatureDoesNotMatch",
            format!("Signature expired: {} is too far from the service's time", signed.date),
        ),
        _ => Ok(()),
    }
}

fn canonical_request(parts: &Parts, signed: &Signed, body: Option<&Bytes>) -> String {
    let is_s3 = signed.scope.split('/').nth(2) == Some("s3");
    let headers: String = signed.headers.iter().map(|name| format!("{name}:{}\n", header(parts, name))).collect();
    [
        parts.method.as_str(),
        &path(parts.uri.path(), is_s3),
        &canonical_query(parts.uri.query().unwrap_or_default()),
        &headers,
        &signed.headers.join(";"),
        &payload_hash(parts, signed, body),
    ]
    .join("\n")
}

/// S3's paths are encoded once, as they were sent; the others' once more.
fn path(path: &str, is_s3: bool) -> String {
    let decoded = percent_decode_str(path).decode_utf8_lossy();
    let once = utf8_percent_encode(&decoded, PATH).to_string();
    if is_s3 { once } else { utf8_percent_encode(path, PATH).to_string() }
}

fn canonical_query(query: &str) -> String {
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let mut pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .filter(|(name, _)| name != "X-Amz-Signature")
        .map(|(name, value)| {
            (utf8_percent_encode(&name, RESERVED).to_string(), utf8_percent_encode(&value, RESERVED).to_string())
        })
        .collect();
    pairs.sort();
    pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// A header's values, trimmed, runs of spaces as one.
fn header(parts: &Parts, name: &str) -> String {
    let values = parts.headers.get_all(name).iter().filter_map(|value| std::str::from_utf8(value.as_bytes()).ok());
    let folded = values.map(|value| match value.contains(' ') || value.contains('\t') {
        true => Cow::Owned(value.split_whitespace().collect::<Vec<_>>().join(" ")),
        // A session token is long, and has none: it is not looked at letter by letter, as `to_str` would, too.
        false => Cow::Borrowed(value),
    });
    folded.collect::<Vec<_>>().join(",")
}

/// The signed form of the body: its digest, or what stands in its place where S3 lets clients sign headers alone.
fn payload_hash(parts: &Parts, signed: &Signed, body: Option<&Bytes>) -> String {
    let given = parts.headers.get("x-amz-content-sha256").and_then(|value| value.to_str().ok());
    match (given, body) {
        (Some(given), None) => given.to_owned(),
        (None, None) if signed.lifetime.is_some() => "UNSIGNED-PAYLOAD".to_owned(),
        (_, body) => hex::encode(Sha256::digest(body.map(Bytes::as_ref).unwrap_or_default())),
    }
}

/// The signature of a form's policy, by the credential that the form names.
pub(crate) fn of_policy(secret: &str, credential: &str, policy: &str) -> String {
    hex::encode(mac(&signing_key(secret, &scope(credential)), policy.as_bytes()))
}

/// The key of a day, a region and a service.
fn signing_key(secret: &str, scope: &str) -> Vec<u8> {
    scope.split('/').fold(format!("AWS4{secret}").into_bytes(), |key, part| mac(&key, part.as_bytes()))
}

fn mac(key: &[u8], text: &[u8]) -> Vec<u8> {
    // A key of any length is a key of HMAC's: the error cannot happen.
    Hmac::<Sha256>::new_from_slice(key)
        .map(|mac| mac.chain_update(text).finalize().into_bytes().to_vec())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    /// AWS's own worked example: `ListUsers` of IAM on 30 August 2015.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>
    #[test]
    fn awss_own_example_comes_out() {
        let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
        let request = Request::builder()
            .uri("https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08")
            .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
            .header("host", "iam.amazonaws.com")
            .header("x-amz-date", "20150830T123600Z")
            .header(
                "authorization",
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, \
                 SignedHeaders=content-type;host;x-amz-date, \
                 Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
            );
        let parts = request.body(()).unwrap().into_parts().0;
        let signed = from_header(&parts).unwrap();
        let canonical = canonical_request(&parts, &signed, Some(&Bytes::new()));
        let digest = hex::encode(Sha256::digest(canonical));
        assert_eq!(digest, "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59");
        let text = format!("{ALGORITHM}\n{}\n{}\n{digest}", signed.date, signed.scope);
        assert_eq!(hex::encode(mac(&signing_key(secret, &signed.scope), text.as_bytes())), signed.signature);
        assert!(verify(secret, &parts, Some(&Bytes::new())).unwrap_err().message.contains("expired"));
    }

    #[test]
    fn a_date_out_of_the_window_is_refused() {
        let mut signed = Signed {
            scope: String::new(),
            headers: Vec::new(),
            signature: String::new(),
            date: "20260101T000000Z".into(),
            lifetime: None,
        };
        let midnight = 1_767_225_600;
        assert!(timely(&signed, midnight + 899).is_ok() && timely(&signed, midnight - 901).is_err());
        signed.lifetime = Some(60);
        assert!(timely(&signed, midnight + 60).is_ok());
        assert_eq!(timely(&signed, midnight + 61).unwrap_err().message, "Request has expired");
    }

    #[test]
    fn two_key_signatures_are_not_run() {
        let header = "AWS4-ECDSA-P256-SHA256 Credential=A/20260101/s3/aws4_request, SignedHeaders=host, Signature=0";
        let parts = Request::builder().header("authorization", header).body(()).unwrap().into_parts().0;
        assert!(verify("s", &parts, None).unwrap_err().is("NotImplemented"));
    }
}
