//! Asking through the public URL, as users do.

use serde_json::{Value, json};

use super::super::ports::{CallPublicUrl as _, HookPorts, PublicAnswer, PublicRequest};
use super::super::verdict::{Finding, Reason, Reasons};
use super::one::Found;
use super::{Run, wants};
use crate::call::CallError;
use crate::suite::{Check, Http, Method, Redirects};
use crate::telemetry::Chain;

/// So many redirects are followed.
const REDIRECTS: usize = 10;

pub(super) async fn run<P: HookPorts>(run: &Run<P>, check: &Check, http: &Http) -> Found {
    let name = &check.name;
    let base = if http.path.starts_with('/') { public_url(run).await } else { Ok(String::new()) };
    let mut request = match base {
        Ok(base) => first(check, http, &base),
        Err(reason) => return Finding::Errored(reason.within(name)).into(),
    };
    for _ in 0..=REDIRECTS {
        if let Some(finding) = beyond(name, &request) {
            return finding.into();
        }
        let answer = match run.case.ports.site().call_public_url(&request).await {
            Ok(answer) => answer,
            Err(error) => return unanswered(name, &request, &error).into(),
        };
        let next = if http.redirects == Redirects::Follow { redirected(&request, &answer) } else { Ok(None) };
        match next {
            Ok(Some(next)) => request = next,
            Ok(None) => return judged(check, http, &answer),
            Err(reason) => return Finding::Failed(Reason::new(format!("check {name:?}: {reason}")).into()).into(),
        }
    }
    Finding::Failed(Reason::new(format!("check {name:?}: more than {REDIRECTS} redirects")).into()).into()
}

/// The application's public URL, read once in a call of the hook.
async fn public_url<P: HookPorts>(run: &Run<P>) -> Result<String, Reason> {
    let case = &run.case;
    let read = || async { case.parameter(&case.names.public_url(), "public URL").await };
    run.url.get_or_init(read).await.clone()
}

fn first(check: &Check, http: &Http, base: &str) -> PublicRequest {
    let reads_body = http.expect.body.is_some() || !http.wants.is_empty() || !check.capture.is_empty();
    PublicRequest {
        method: http.method,
        url: http.url(base),
        headers: http.headers.clone().into_iter().collect(),
        body: http.body.clone(),
        tls: http.tls.clone(),
        reads_body,
    }
}

/// A demand on a certificate that this request cannot meet: it would pass unseen.
fn beyond(check: &str, request: &PublicRequest) -> Option<Finding> {
    let days = request.tls.minimum_days?;
    let plain = !request.url.to_ascii_lowercase().starts_with("https://");
    let reason = || Reason::new(format!("check {check:?}: a URL without TLS has no certificate good for {days} days"));
    plain.then(|| Finding::Failed(reason().into()))
}

/// Users cannot reach the application: that is a finding about it. A request that cannot be made is a fault of the suite.
fn unanswered(check: &str, request: &PublicRequest, error: &CallError) -> Finding {
    match error {
        CallError::Unavailable { .. } => {
            let subject = match request.tls.minimum_days {
                Some(days) => {
                    format!("check {check:?}: the public URL does not answer over a certificate good for {days} days")
                }
                None => format!("check {check:?}: the public URL does not answer"),
            };
            Finding::Failed(Reason::with_detail(subject, Chain(error).to_string()).into())
        }
        _ => {
            let subject = format!("check {check:?}: the request could not be made");
            Finding::Errored(Reason::with_detail(subject, Chain(error).to_string()))
        }
    }
}

/// The request that a redirect asks for; `None` if the answer is no redirect
/// (<https://www.rfc-editor.org/rfc/rfc9110#name-redirection-3xx>).
fn redirected(request: &PublicRequest, answer: &PublicAnswer) -> Result<Option<PublicRequest>, String> {
    if !matches!(answer.status, 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let location =
        answer.header("location").ok_or_else(|| format!("a redirect ({}) without a location", answer.status))?;
    let url = resolved(&request.url, location).ok_or("a redirect to what is no URL")?;
    let mut next = PublicRequest { url, ..request.clone() };
    let becomes_get = answer.status == 303 && request.method != Method::Head
        || matches!(answer.status, 301 | 302) && request.method == Method::Post;
    if becomes_get {
        next.method = Method::Get;
        next.body = None;
    }
    // What was meant for one host is not told to another.
    if authority(&next.url) != authority(&request.url) {
        next.headers.retain(|(name, _)| {
            !["authorization", "cookie", "x-api-key"].iter().any(|secret| name.eq_ignore_ascii_case(secret))
        });
    }
    Ok(Some(next))
}

fn resolved(base: &str, location: &str) -> Option<String> {
    let base = fluent_uri::Uri::parse(base).ok()?;
    let base = base.strip_fragment();
    let url = fluent_uri::UriRef::parse(location).ok()?.resolve_against(&base).ok()?;
    matches!(url.scheme().as_str(), "http" | "https").then(|| url.strip_fragment().as_str().to_owned())
}

fn authority(url: &str) -> Option<String> {
    Some(url.parse::<::http::Uri>().ok()?.authority()?.as_str().to_ascii_lowercase())
}

fn judged(check: &Check, http: &Http, answer: &PublicAnswer) -> Found {
    let name = &check.name;
    let mut actual = json!({ "status": answer.status, "headers": answer.headers_by_name() });
    let mut expected = http.expect.to_value(answer.status);
    let body = expected.as_object_mut().and_then(|members| members.remove("body"));
    let mut reasons = Finding::differences(name, &expected, &actual);
    if http.expect.body.is_some() || !http.wants.is_empty() || !check.capture.is_empty() {
        match answer.text() {
            Ok(text) => {
                actual["body"] = Value::from(text);
                if let Some(body) = body {
                    reasons.extend(Finding::differences(name, &json!({ "body": body }), &actual));
                }
                reasons.extend(wants::reasons(name, &http.wants, &actual));
            }
            Err(fault) => reasons.push(Reason::new(format!("check {name:?}: body: {fault}"))),
        }
    }
    let finding = Reasons::from_list(reasons).map_or(Finding::Passed, Finding::Failed);
    Found { finding, answer: Some(actual) }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::suite::Tls;

    fn request(method: Method) -> PublicRequest {
        PublicRequest {
            method,
            url: "https://api.example.com/a/b?x=1".into(),
            headers: vec![("Authorization".into(), "secret".into()), ("x-check".into(), "yes".into())],
            body: Some(json!({})),
            tls: Tls::default(),
            reads_body: true,
        }
    }

    fn next(status: u16, location: &str, method: Method) -> Result<Option<PublicRequest>, String> {
        let headers = vec![("location".to_owned(), location.to_owned())];
        redirected(&request(method), &PublicAnswer { status, headers, ..PublicAnswer::default() })
    }

    #[test_case("https://other.example.com/z" => Some("https://other.example.com/z".to_owned()); "a whole url")]
    #[test_case("//other.example.com/z" => Some("https://other.example.com/z".to_owned()); "without a scheme")]
    #[test_case("/z?y=2" => Some("https://api.example.com/z?y=2".to_owned()); "a path")]
    #[test_case("../z" => Some("https://api.example.com/z".to_owned()); "a relative path")]
    #[test_case("?y=2#part" => Some("https://api.example.com/a/b?y=2".to_owned()); "a query, and a fragment that is no server's business")]
    #[test_case("file:///etc/passwd" => None; "another scheme")]
    fn a_redirect_leads(location: &str) -> Option<String> {
        Some(next(302, location, Method::Get).ok()??.url)
    }

    #[test_case(303, Method::Put => ("GET", false))]
    #[test_case(302, Method::Post => ("GET", false))]
    #[test_case(307, Method::Post => ("POST", true))]
    #[test_case(308, Method::Delete => ("DELETE", true))]
    #[test_case(303, Method::Head => ("HEAD", true))]
    fn the_method_becomes(status: u16, method: Method) -> (&'static str, bool) {
        let next = next(status, "/z", method).unwrap().unwrap();
        (next.method.as_str(), next.body.is_some())
    }

    #[test]
    fn a_credential_does_not_go_to_another_host() {
        assert_eq!(next(302, "/z", Method::Get).unwrap().unwrap().headers.len(), 2);
        let elsewhere = next(302, "https://other.example.com/", Method::Get).unwrap().unwrap();
        assert_eq!(elsewhere.headers, [("x-check".to_owned(), "yes".to_owned())]);
    }

    #[test]
    fn what_is_no_redirect_is_the_answer() {
        assert_eq!(next(304, "/z", Method::Get).unwrap(), None);
        assert!(redirected(&request(Method::Get), &PublicAnswer { status: 301, ..PublicAnswer::default() }).is_err());
    }
}
