//! Forms that browsers post to a bucket: their fields, their policy, and who signed it.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html>

mod fields;
mod policy;
#[cfg(test)]
mod tests;

use axum::body::Bytes;
use http::Method;
use http::header::CONTENT_TYPE;
use http::request::Parts;

use super::refusal::Refusal;
use crate::core::{Caller, Hub, Principal, Timestamp};
use crate::signing::{policy_signature_2, policy_signature_4};
use fields::Fields;

/// The fields of the signature, which are no part of the object.
const SIGNATURE: [&str; 8] = [
    "awsaccesskeyid",
    "policy",
    "signature",
    "x-amz-algorithm",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-signature",
];
/// The text in a key that stands for the name of the file.
const FILE_NAME: &str = "${filename}";

/// A form whose policy holds.
#[derive(Debug)]
pub(super) struct Form {
    /// The key of the object, with the file's name put in.
    pub(super) key: String,
    /// The signer of the form; anonymous if it is not signed.
    pub(super) caller: Caller,
    /// The same form without its signature, and with the key as it is.
    pub(super) body: Bytes,
}

/// Reads the form of a request; none where it has no form.
///
/// # Errors
/// Fails if the form, its signature, or a field that its policy names is wrong.
pub(super) fn read(hub: Option<&Hub>, parts: &Parts, body: &Bytes, bucket: &str) -> Option<Result<Form, Refusal>> {
    let kind = parts.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok())?;
    if parts.method != Method::POST || !kind.starts_with("multipart/form-data") {
        return None;
    }
    Some(taken(hub, kind, body, bucket))
}

fn taken(hub: Option<&Hub>, kind: &str, body: &Bytes, bucket: &str) -> Result<Form, Refusal> {
    let mut fields = Fields::parse(kind, body)?;
    let key = fields.get("key").ok_or_else(|| lacks("key"))?.replace(FILE_NAME, fields.file_name());
    fields.set("key", key.clone());
    let caller = signer(hub, &fields)?;
    if let Some(text) = fields.get("policy") {
        // Browsers date their forms by the world's time, not the plane's.
        let now = Timestamp::from_millis(jiff::Timestamp::now().as_millisecond());
        policy::Policy::read(text)?.check(&fields, bucket, now)?;
    }
    fields.remove(&SIGNATURE);
    Ok(Form { key, caller, body: fields.write(body) })
}

fn lacks(field: &'static str) -> Refusal {
    let message = format!(
        "Bucket POST must contain a field named '{field}'.  If it is specified, please check the order of the fields."
    );
    Refusal::argument(field, "", message)
}

/// The signer of the policy. As everywhere, a key that nobody gave out is the operator's.
fn signer(hub: Option<&Hub>, fields: &Fields) -> Result<Caller, Refusal> {
    let Some(policy) = fields.get("policy") else { return Ok(Principal::Anonymous.into()) };
    let credential = fields.get("x-amz-credential");
    let access_key = match (credential, fields.get("awsaccesskeyid")) {
        (Some(credential), _) => credential.split('/').next().unwrap_or_default(),
        (None, Some(key)) => key,
        (None, None) => return Err(lacks("AWSAccessKeyId")),
    };
    let name = if credential.is_some() { "x-amz-signature" } else { "signature" };
    let signature =
        fields.get(name).ok_or_else(|| lacks(if credential.is_some() { "X-Amz-Signature" } else { "Signature" }))?;
    let issued = hub.and_then(Hub::authority).and_then(|authority| authority.issued(access_key));
    let unknown = || {
        let message = "The AWS Access Key Id you provided does not exist in our records.";
        Refusal::new("InvalidAccessKeyId", 403, message).with("AWSAccessKeyId", access_key)
    };
    let principal = match issued {
        Some(issued) => {
            if hub.is_some_and(|hub| issued.expires.is_some_and(|end| end <= hub.now())) {
                return Err(Refusal::new("ExpiredToken", 400, "The provided token has expired."));
            }
            if issued.token.is_some() && issued.token.as_deref() != fields.get("x-amz-security-token") {
                return Err(Refusal::new("InvalidToken", 400, "The provided token is malformed or otherwise invalid."));
            }
            let expected = match credential {
                Some(credential) => policy_signature_4(&issued.secret, credential, policy),
                None => policy_signature_2(&issued.secret, policy),
            };
            if expected != signature {
                let message = "The request signature we calculated does not match the signature you provided. Check your key and signing method.";
                return Err(Refusal::new("SignatureDoesNotMatch", 403, message));
            }
            issued.principal
        }
        None if hub.is_some_and(Hub::strict_credentials) => return Err(unknown()),
        None => Principal::Root,
    };
    Ok(Caller { principal, access_key: Some(access_key.to_owned()), through: None })
}
