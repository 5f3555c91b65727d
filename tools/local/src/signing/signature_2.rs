//! Signature Version 2, which S3 alone still takes: in presigned URLs as boto3 makes them by default, and in the header.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/RESTAuthentication.html>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use http::request::Parts;
use sha1::Sha1;

use super::bucket_host::bucket_of_host;
use super::signature::mismatch;
use crate::core::ServiceError;

/// The query parameters that are part of the resource.
const SIGNED: [&str; 32] = [
    "accelerate",
    "acl",
    "analytics",
    "cors",
    "defaultObjectAcl",
    "delete",
    "inventory",
    "lifecycle",
    "location",
    "logging",
    "metrics",
    "notification",
    "object-lock",
    "partNumber",
    "policy",
    "replication",
    "requestPayment",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
    "restore",
    "storageClass",
    "tagging",
    "torrent",
    "uploadId",
    "uploads",
    "versionId",
    "versioning",
    "versions",
];
/// The beginning of the header of a signed request.
const HEADER: &str = "AWS ";

/// The access key of a request that is signed in this way in its header.
pub(super) fn access_key(parts: &Parts) -> Option<&str> {
    let header = parts.headers.get("authorization")?.to_str().ok()?;
    header.strip_prefix(HEADER)?.split_once(':').map(|(key, _)| key)
}

/// True if a request is signed in this way.
pub(super) fn is_used(parts: &Parts) -> bool {
    access_key(parts).is_some()
        || (parameter(parts, "AWSAccessKeyId").is_some() && parameter(parts, "Signature").is_some())
}

/// Refuses a signature that is not of `secret`. Its lifetime is for S3 to say.
///
/// # Errors
/// `SignatureDoesNotMatch`.
pub(super) fn verify(secret: &str, parts: &Parts) -> Result<(), ServiceError> {
    let header = parts.headers.get("authorization").and_then(|value| value.to_str().ok());
    let in_header = header
        .and_then(|header| header.strip_prefix(HEADER)?.split_once(':'))
        .map(|(_, signature)| signature.to_owned());
    let by_query = in_header.is_none();
    let signature = in_header.or_else(|| parameter(parts, "Signature")).unwrap_or_default();
    let expected = mac(secret, &text(parts, by_query));
    if expected == signature { Ok(()) } else { Err(mismatch()) }
}

/// The signature of a form's policy.
pub(crate) fn of_policy(secret: &str, policy: &str) -> String {
    mac(secret, policy)
}

fn mac(secret: &str, text: &str) -> String {
    // A key of any length is a key of HMAC's: the error cannot happen.
    let mac = Hmac::<Sha1>::new_from_slice(secret.as_bytes()).map(|mac| mac.chain_update(text).finalize().into_bytes());
    mac.map(|mac| STANDARD.encode(mac)).unwrap_or_default()
}

fn parameter(parts: &Parts, name: &str) -> Option<String> {
    let query = parts.uri.query()?;
    form_urlencoded::parse(query.as_bytes()).find(|(held, _)| held == name).map(|(_, value)| value.into_owned())
}

/// The text that is signed. A presigned URL carries headers as parameters, and its end in the date's place.
fn text(parts: &Parts, by_query: bool) -> String {
    let header = |name: &str| {
        let header = parts.headers.get(name).and_then(|value| value.to_str().ok()).map(|value| value.trim().to_owned());
        header
            .filter(|value| !value.is_empty())
            .or_else(|| parameter(parts, name).filter(|_| by_query))
            .unwrap_or_default()
    };
    let date = match by_query {
        true => parameter(parts, "Expires").unwrap_or_default(),
        false if parts.headers.contains_key("x-amz-date") => String::new(),
        false => header("date"),
    };
    let mut text = format!("{}\n{}\n{}\n{date}\n", parts.method, header("content-md5"), header("content-type"));
    for (name, value) in amazon_headers(parts, by_query) {
        text.push_str(&format!("{name}:{value}\n"));
    }
    text + &resource(parts)
}

fn amazon_headers(parts: &Parts, by_query: bool) -> Vec<(String, String)> {
    let is_ours = |name: &str| name.starts_with("x-amz-");
    let mut found: Vec<(String, String)> = Vec::new();
    for name in parts.headers.keys().map(http::HeaderName::as_str).filter(|name| is_ours(name)) {
        let values = parts.headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).map(str::trim);
        found.push((name.to_owned(), values.collect::<Vec<_>>().join(",")));
    }
    if by_query {
        let query = parts.uri.query().unwrap_or_default();
        let pairs = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| is_ours(name));
        found.extend(pairs.map(|(name, value)| (name.into_owned(), value.into_owned())));
    }
    found.sort();
    found
}

/// `/bucket/key?acl`: as it was sent, with the bucket in front where the host names it.
fn resource(parts: &Parts) -> String {
    let host = parts.headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or_default();
    let bucket = bucket_of_host(host).map(|bucket| format!("/{bucket}")).unwrap_or_default();
    let query = parts.uri.query().unwrap_or_default();
    let mut signed: Vec<(String, Option<String>)> = query
        .split('&')
        .map(|pair| pair.split_once('=').map_or((pair, None), |(name, value)| (name, Some(value))))
        .filter(|(name, _)| SIGNED.contains(name))
        .map(|(name, value)| (name.to_owned(), value.map(decoded)))
        .collect();
    signed.sort();
    let signed: Vec<String> = signed
        .into_iter()
        .map(|(name, value)| value.map_or_else(|| name.clone(), |value| format!("{name}={value}")))
        .collect();
    let query = if signed.is_empty() { String::new() } else { format!("?{}", signed.join("&")) };
    format!("{bucket}{}{query}", parts.uri.path())
}

fn decoded(value: &str) -> String {
    percent_encoding::percent_decode_str(value).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    /// The secret of AWS's documented examples.
    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    #[test]
    fn the_documented_object_get_is_signed() {
        let request = Request::get("/photos/puppy.jpg")
            .header("host", "awsexamplebucket1.us-west-1.s3.amazonaws.com")
            .header("date", "Tue, 27 Mar 2007 19:36:42 +0000");
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let expected = "GET\n\n\nTue, 27 Mar 2007 19:36:42 +0000\n";
        assert!(text(&parts, false).starts_with(expected));
    }

    #[test]
    fn a_presigned_url_is_good_for_its_secret_alone() {
        let unsigned = "/b/k?versionId=1&x-amz-security-token=t&Expires=1175139620";
        let (parts, ()) = Request::get(unsigned).body(()).unwrap().into_parts();
        let expected = "GET\n\n\n1175139620\nx-amz-security-token:t\n/b/k?versionId=1";
        assert_eq!(text(&parts, true), expected);
        let signature: String = form_urlencoded::byte_serialize(mac(SECRET, expected).as_bytes()).collect();
        let signed = format!("{unsigned}&AWSAccessKeyId=AK&Signature={signature}");
        let (parts, ()) = Request::get(signed).body(()).unwrap().into_parts();
        assert!(is_used(&parts) && verify(SECRET, &parts).is_ok());
        assert!(verify("another", &parts).is_err());
    }

    #[test]
    fn the_header_names_the_key() {
        let (parts, ()) = Request::get("/").header("authorization", "AWS AKID:c2ln").body(()).unwrap().into_parts();
        assert_eq!(access_key(&parts), Some("AKID"));
    }
}
