//! Forms as browsers post them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Request;
use serde_json::{Value, json};
use test_case::test_case;

use super::*;

/// A form with these fields and the file `report.txt` of five bytes.
fn form(fields: &[(&str, &str)]) -> Result<Form, Refusal> {
    let mut body = String::new();
    for (name, value) in fields {
        body += &format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    body += "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"C:\\\\report.txt\"\r\n\
        Content-Type: text/plain\r\n\r\nbytes\r\n--XX--\r\n";
    let request = Request::post("/b-1").header("content-type", "multipart/form-data; boundary=XX").body(()).unwrap();
    read(None, &request.into_parts().0, &body.into(), "b-1").unwrap()
}

fn policy(expiration: &str, conditions: Value) -> String {
    STANDARD.encode(json!({ "expiration": expiration, "conditions": conditions }).to_string())
}

/// The fields of a form that somebody signed.
fn signed(policy: &str, more: &[(&str, &str)]) -> Result<Form, Refusal> {
    let mut fields = vec![("key", "up/${filename}"), ("Policy", policy), ("AWSAccessKeyId", "AK"), ("Signature", "s")];
    fields.extend(more);
    form(&fields)
}

const ALWAYS: &str = "2999-01-01T00:00:00Z";

#[test]
fn the_name_of_the_file_stands_in_the_key_and_the_signature_goes() {
    let text =
        policy(ALWAYS, json!([{ "bucket": "b-1" }, ["starts-with", "$key", "up/"], ["content-length-range", 1, 5]]));
    let form = signed(&text, &[]).unwrap();
    assert_eq!((form.key.as_str(), &form.caller.principal), ("up/report.txt", &Principal::Root));
    let body = String::from_utf8(form.body.to_vec()).unwrap();
    assert!(
        body.contains("name=\"key\"\r\n\r\nup/report.txt\r\n") && body.contains("\r\n\r\nbytes\r\n--XX--"),
        "{body}"
    );
    assert!(!body.contains("policy") && !body.contains("AK"), "{body}");
}

#[test]
fn a_form_without_a_policy_is_nobodys() {
    assert_eq!(form(&[("key", "k")]).unwrap().caller.principal, Principal::Anonymous);
    assert_eq!(form(&[]).unwrap_err().code, "InvalidArgument");
}

#[test_case("2001-01-01T00:00:00Z", json!([]), "AccessDenied", "Invalid according to Policy: Policy expired.")]
#[test_case(ALWAYS, json!([{ "key": "other" }]), "AccessDenied", "Invalid according to Policy: Policy Condition failed: [\"eq\", \"$key\", \"other\"]")]
#[test_case(ALWAYS, json!([["starts-with", "$key", "down/"]]), "AccessDenied", "Invalid according to Policy: Policy Condition failed: [\"starts-with\", \"$key\", \"down/\"]")]
#[test_case(ALWAYS, json!([]), "AccessDenied", "Invalid according to Policy: Extra input fields: key")]
#[test_case(ALWAYS, json!([["starts-with", "$key", ""], ["content-length-range", 1, 4]]), "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")]
#[test_case(ALWAYS, json!([["starts-with", "$key", ""], ["content-length-range", 6, 9]]), "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")]
#[test_case(ALWAYS, json!([["is", "$key", ""]]), "InvalidPolicyDocument", "Invalid Policy: Invalid Condition: unknown operation 'is'.")]
fn a_form_is_as_its_policy_says(expiration: &str, conditions: Value, code: &str, message: &str) {
    let refusal = signed(&policy(expiration, conditions), &[]).unwrap_err();
    assert_eq!((refusal.code, refusal.message.as_ref()), (code, message));
}

#[test]
fn fields_to_be_ignored_need_no_condition() {
    let text = policy(ALWAYS, json!([["starts-with", "$key", ""]]));
    assert!(signed(&text, &[("x-ignore-this", "1")]).is_ok());
}
