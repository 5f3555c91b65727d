//! The event, and the request it stands for.

use std::collections::HashMap;

use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::COOKIE;
use http::{HeaderName, HeaderValue, Request, Uri};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Deserialize;

use crate::domain::Owner;
use crate::http::Caller;

/// API Gateway hands over the path decoded; what a URI cannot hold is encoded again.
const NOT_IN_A_PATH: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>').add(b'?').add(b'`').add(b'{').add(b'}');

/// An HTTP API event, payload format 2.0: the members that a request needs.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpEvent {
    raw_path: Option<String>,
    raw_query_string: Option<String>,
    cookies: Option<Vec<String>>,
    headers: Option<HashMap<String, String>>,
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
    #[serde(default)]
    request_context: RequestContext,
}

#[derive(Debug, Default, Deserialize)]
struct RequestContext {
    http: Option<Http>,
    authorizer: Option<Authorizer>,
}

#[derive(Debug, Deserialize)]
struct Http {
    method: String,
}

#[derive(Debug, Deserialize)]
struct Authorizer {
    jwt: Option<Jwt>,
}

#[derive(Debug, Deserialize)]
struct Jwt {
    claims: Claims,
}

#[derive(Debug, Deserialize)]
struct Claims {
    sub: Option<String>,
}

/// Why an event is no request.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// It has no `requestContext.http`: it is of another kind than HTTP API, payload 2.0.
    #[error("the event has no requestContext.http")]
    NotHttp,
    /// The body claims to be base64, and is not.
    #[error("the body is not base64")]
    Body(#[source] base64::DecodeError),
    /// Method, path or a header cannot be used in HTTP.
    #[error("the request is malformed")]
    Malformed(#[source] http::Error),
}

impl HttpEvent {
    /// The request for the router; who asks is among the extensions.
    ///
    /// # Errors
    /// When the event does not hold a request.
    pub fn into_request(self) -> Result<Request<Body>, RequestError> {
        let caller = self.request_context.caller();
        let http = self.request_context.http.ok_or(RequestError::NotHttp)?;
        let body = match self.body {
            None => Vec::new(),
            Some(text) if self.is_base64_encoded => STANDARD.decode(text).map_err(RequestError::Body)?,
            Some(text) => text.into_bytes(),
        };
        let uri = uri(self.raw_path.as_deref(), self.raw_query_string.as_deref()).map_err(RequestError::Malformed)?;
        let mut request = Request::builder().method(http.method.as_str()).uri(uri).extension(caller);
        for (name, value) in self.headers.unwrap_or_default() {
            let header = HeaderName::try_from(name).map_err(http::Error::from);
            let value = HeaderValue::try_from(value).map_err(http::Error::from);
            request = request.header(header.map_err(RequestError::Malformed)?, value.map_err(RequestError::Malformed)?);
        }
        if let Some(cookies) = self.cookies {
            request = request.header(COOKIE, cookies.join("; "));
        }
        request.body(Body::from(body)).map_err(RequestError::Malformed)
    }
}

impl RequestContext {
    /// The authorizer's subject; everyone only where the API has no authorizer at all.
    fn caller(&self) -> Caller {
        let Some(authorizer) = &self.authorizer else { return Caller::Known(Owner::everyone()) };
        let subject = authorizer.jwt.as_ref().and_then(|jwt| jwt.claims.sub.as_deref());
        subject.map_or(Caller::Unnamed, |subject| Caller::Known(Owner::subject(subject)))
    }
}

fn uri(path: Option<&str>, query: Option<&str>) -> Result<Uri, http::Error> {
    let path = utf8_percent_encode(path.unwrap_or("/"), NOT_IN_A_PATH);
    let text = match query {
        Some(query) if !query.is_empty() => format!("{path}?{query}"),
        _ => path.to_string(),
    };
    Ok(Uri::try_from(text)?)
}
