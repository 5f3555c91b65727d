//! The CORS rules of a bucket, for browsers that ask before and with a request from another site.

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use s3s::dto::CORSRule;

use super::refusal::Refusal;

/// The rule for this origin, method and headers.
fn rule<'a>(rules: &'a [CORSRule], origin: &str, method: &str, asked: &[&str]) -> Option<&'a CORSRule> {
    rules.iter().find(|rule| {
        let headers = rule.allowed_headers.as_deref().unwrap_or_default();
        rule.allowed_methods.iter().any(|allowed| allowed == method)
            && rule.allowed_origins.iter().any(|allowed| is_like(allowed, origin))
            && asked
                .iter()
                .all(|name| headers.iter().any(|allowed| is_like(&allowed.to_lowercase(), &name.to_lowercase())))
    })
}

/// True if a text is like a pattern with one asterisk.
fn is_like(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, end)) => text.len() >= start.len() + end.len() && text.starts_with(start) && text.ends_with(end),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn set(answer: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        answer.insert(name, value);
    }
}

/// Headers of an answer to a request that comes from another site.
pub(super) fn headers(rules: &[CORSRule], method: &Method, request: &HeaderMap) -> HeaderMap {
    let found =
        text(request, &header::ORIGIN).and_then(|origin| Some((origin, rule(rules, origin, method.as_str(), &[])?)));
    found.map_or_else(HeaderMap::new, |(origin, rule)| allowed(rule, origin))
}

fn allowed(rule: &CORSRule, origin: &str) -> HeaderMap {
    let mut answer = HeaderMap::new();
    let everybody = rule.allowed_origins.iter().any(|allowed| allowed == "*");
    set(&mut answer, header::ACCESS_CONTROL_ALLOW_ORIGIN, if everybody { "*" } else { origin });
    if !everybody {
        set(&mut answer, header::ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
    }
    set(&mut answer, header::ACCESS_CONTROL_ALLOW_METHODS, &rule.allowed_methods.join(", "));
    if let Some(exposed) = rule.expose_headers.as_deref().filter(|exposed| !exposed.is_empty()) {
        set(&mut answer, header::ACCESS_CONTROL_EXPOSE_HEADERS, &exposed.join(", "));
    }
    if let Some(seconds) = rule.max_age_seconds {
        set(&mut answer, header::ACCESS_CONTROL_MAX_AGE, &seconds.to_string());
    }
    set(&mut answer, header::VARY, "Origin, Access-Control-Request-Headers, Access-Control-Request-Method");
    answer
}

/// The answer to a preflight request.
pub(super) fn preflight(rules: Option<&[CORSRule]>, request: &HeaderMap) -> Result<(StatusCode, HeaderMap), Refusal> {
    let Some(origin) = text(request, &header::ORIGIN) else {
        let message = "Insufficient information. Origin request header needed.";
        return Err(Refusal::new("BadRequest", 400, message));
    };
    let Some(method) = text(request, &header::ACCESS_CONTROL_REQUEST_METHOD) else {
        let message = "Invalid Access-Control-Request-Method: null";
        return Err(Refusal::new("BadRequest", 400, message));
    };
    let forbidden = |message: &'static str| {
        Refusal::new("AccessForbidden", 403, message).with("Method", method).with("ResourceType", "BUCKET")
    };
    let rules = rules.ok_or_else(|| forbidden("CORSResponse: CORS is not enabled for this bucket."))?;
    let wanted = text(request, &header::ACCESS_CONTROL_REQUEST_HEADERS).unwrap_or_default();
    let names: Vec<&str> = wanted.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    let rule = rule(rules, origin, method, &names).ok_or_else(|| {
        forbidden("CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.")
    })?;
    let mut answer = allowed(rule, origin);
    if !names.is_empty() {
        set(&mut answer, header::ACCESS_CONTROL_ALLOW_HEADERS, &names.join(", ").to_lowercase());
    }
    Ok((StatusCode::OK, answer))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Vec<CORSRule> {
        vec![CORSRule {
            allowed_headers: Some(vec!["x-amz-*".to_owned()]),
            allowed_methods: vec!["PUT".to_owned()],
            allowed_origins: vec!["https://*.example.com".to_owned()],
            max_age_seconds: Some(60),
            ..CORSRule::default()
        }]
    }

    fn request(origin: &str, headers: &str) -> HeaderMap {
        let pairs =
            [("origin", origin), ("access-control-request-method", "PUT"), ("access-control-request-headers", headers)];
        pairs.into_iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    #[test]
    fn a_site_that_a_rule_names_may_ask() {
        let (status, answer) = preflight(Some(&rules()), &request("https://a.example.com", "X-Amz-Date")).unwrap();
        assert_eq!(
            (status, &answer["access-control-allow-origin"]),
            (StatusCode::OK, &HeaderValue::from_static("https://a.example.com"))
        );
        assert_eq!(answer["access-control-allow-headers"], "x-amz-date");
    }

    #[test]
    fn another_site_or_header_may_not() {
        for (origin, headers) in [("https://example.org", "x-amz-date"), ("https://a.example.com", "cookie")] {
            assert_eq!(preflight(Some(&rules()), &request(origin, headers)).unwrap_err().code, "AccessForbidden");
        }
        assert_eq!(preflight(None, &request("https://a.example.com", "")).unwrap_err().status(), 403);
    }
}
