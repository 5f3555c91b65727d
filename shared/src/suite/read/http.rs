//! A check through the public URL.

use serde_json::Value;

use super::super::check::Probe;
use super::super::http::{BAD_PORT, Http, HttpExpectation, Method, Redirects, Statuses, Tls, has_bad_port};
use super::super::placeholder;
use super::value::{headers, wants};
use super::{Files, optional, required};
use crate::reading::{At, Members};
use crate::template::Content;

pub(super) fn http(members: &mut Members<'_>, files: &dyn Files) -> Option<Probe> {
    let method = optional(members, "method", |at| at.choice(&Method::ALL.map(|method| (method.as_str(), method))));
    let path = required(members, "path", path);
    let http = Http {
        method: method.unwrap_or_default(),
        path: path.unwrap_or_default(),
        headers: optional(members, "headers", headers).unwrap_or_default(),
        body: optional(members, "body", |at| Some(at.value())),
        redirects: optional(members, "redirects", redirects).unwrap_or_default(),
        tls: optional(members, "tls", tls).unwrap_or_default(),
        expect: required(members, "expect", expectation).unwrap_or_else(HttpExpectation::nothing),
        wants: wants(members, files),
    };
    Some(Probe::Http(http))
}

fn path(at: &At<'_>) -> Option<String> {
    let text = at.text()?;
    let filled = placeholder::filled_with_any(text);
    let whole = ["http://", "https://"].iter().any(|scheme| filled.starts_with(scheme));
    if !whole && !filled.starts_with('/') {
        at.fault(format!(
            "{text:?} is neither a path, which begins with a slash, nor a URL, which begins with https://"
        ));
    } else {
        match filled.parse::<::http::Uri>() {
            Err(error) => at.fault(format!("{text:?} is not a URL: {error}")),
            Ok(url) if filled == text && has_bad_port(&url) => at.fault(format!("{text:?} is not a URL: {BAD_PORT}")),
            Ok(_) => {}
        }
    }
    Some(text.to_owned())
}

fn redirects(at: &At<'_>) -> Option<Redirects> {
    at.choice(&[("answer", Redirects::Answer), ("follow", Redirects::Follow)])
}

fn tls(at: &At<'_>) -> Option<Tls> {
    let mut members = at.members()?;
    let verify = optional(&mut members, "verify", At::boolean).unwrap_or(true);
    let days = optional(&mut members, "minimumDays", |at| at.whole(1..=825));
    members.finish();
    if !verify && days.is_some() {
        at.fault("a certificate that is not verified cannot be held to minimumDays");
    }
    Some(Tls { verify, minimum_days: days.and_then(|days| u16::try_from(days).ok()) })
}

fn expectation(at: &At<'_>) -> Option<HttpExpectation> {
    let mut members = at.members()?;
    let status = required(&mut members, "status", statuses);
    let headers = optional(&mut members, "headers", headers).unwrap_or_default();
    let body: Option<Value> = optional(&mut members, "body", |at| Some(at.value()));
    members.finish();
    Some(HttpExpectation { status: status.unwrap_or(Statuses(Vec::new())), headers, body })
}

fn statuses(at: &At<'_>) -> Option<Statuses> {
    let status = |at: &At<'_>| at.whole(100..=599).and_then(|status| u16::try_from(status).ok());
    let statuses = match at.node().content {
        Content::List(_) => at.each(status)?,
        _ => vec![status(at)?],
    };
    if at.node().items().is_empty() && statuses.is_empty() {
        at.fault("expected an HTTP status, or several, found none");
    }
    Some(Statuses(statuses))
}
