//! The event, and the request it stands for.
//!
//! One type reads what API Gateway (payload 2.0 and 1.0, HTTP and REST APIs), function URLs (payload 2.0) and load balancers send:
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>,
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html>,
//! <https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html>,
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html>.

use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::COOKIE;
use http::{HeaderMap, HeaderValue, Request};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::caller::{Authorizer, Identity};
use super::reply::Form;
use super::target::{self, Query};
use super::tolerant::{Headers, Object, Parameters};
use crate::http::Caller;

/// An event: the members that a request needs. The members that are there tell the kind.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct HttpEvent {
    raw_path: Option<String>,
    raw_query_string: Option<String>,
    cookies: Option<Vec<String>>,
    path: Option<String>,
    http_method: Option<String>,
    query_string_parameters: Option<Parameters>,
    multi_value_query_string_parameters: Option<Parameters>,
    headers: Option<Headers>,
    multi_value_headers: Option<Headers>,
    body: Option<String>,
    is_base64_encoded: bool,
    request_context: RequestContext,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct RequestContext {
    request_id: Option<String>,
    stage: Option<String>,
    /// With the stage, payload 1.0.
    path: Option<String>,
    http: Option<Http>,
    elb: Option<IgnoredAny>,
    authorizer: Object<Authorizer>,
    identity: Object<Identity>,
}

#[derive(Debug, Deserialize)]
struct Http {
    method: String,
}

/// The sender of an event: API Gateway with one of its payload formats, or a load balancer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Payload2,
    Payload1,
    LoadBalancer,
}

/// The reason why an event is no request.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// It is of a kind that stands for no HTTP request.
    #[error("the event is of API Gateway's payload 2.0 or 1.0, a function URL or a load balancer in no part")]
    NotHttp,
    /// The body claims to be base64, and is not.
    #[error("the body is not base64")]
    Body(#[source] base64::DecodeError),
    /// Method, path or a header cannot be used in HTTP.
    #[error("the request is malformed")]
    Malformed,
}

impl From<http::Error> for RequestError {
    fn from(_: http::Error) -> Self {
        Self::Malformed
    }
}

impl HttpEvent {
    /// The form that the answer must have.
    ///
    /// # Errors
    /// Fails if the event stands for no request.
    pub fn form(&self) -> Result<Form, RequestError> {
        Ok(match self.kind()? {
            Kind::Payload2 => Form::Payload2,
            Kind::Payload1 => Form::Payload1,
            // A target group has multi-value headers or has not, for requests and answers alike.
            Kind::LoadBalancer if self.multi_value_headers.is_some() => Form::LoadBalancerMultiValue,
            Kind::LoadBalancer => Form::LoadBalancer,
        })
    }

    /// API Gateway's or the function URL's name of the request, which is in its access log.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request_context.request_id.as_deref()
    }

    /// The method, empty where there is none.
    #[must_use]
    pub fn method(&self) -> &str {
        let http = self.request_context.http.as_ref().map(|http| http.method.as_str());
        http.or(self.http_method.as_deref()).unwrap_or_default()
    }

    /// The first value of a header, if it is a text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.multi_value_headers.as_ref().or(self.headers.as_ref())?.map.get(name)?.to_str().ok()
    }

    /// The request for the router; who asks, where somebody vouches for them, is among the extensions. `base_path` is what a custom
    /// domain's mapping puts before the paths of payload 1.0, without slashes.
    ///
    /// # Errors
    /// Fails if the event does not hold a request.
    pub fn into_request(self, base_path: Option<&str>) -> Result<Request<Body>, RequestError> {
        let kind = self.kind()?;
        let uri = target::uri(self.path(kind, base_path), &self.query(kind))?;
        let caller = self.caller(kind);
        let method = match self.request_context.http {
            Some(http) => http.method,
            None => self.http_method.unwrap_or_default(),
        };
        let headers = self.multi_value_headers.or(self.headers).unwrap_or_default();
        if headers.malformed {
            return Err(RequestError::Malformed);
        }
        let body = match self.body {
            None => Vec::new(),
            Some(text) if self.is_base64_encoded => STANDARD.decode(text).map_err(RequestError::Body)?,
            Some(text) => text.into_bytes(),
        };
        let mut request = Request::builder().method(method.as_str()).uri(uri).body(Body::from(body))?;
        *request.headers_mut() = headers.map;
        add_cookies(request.headers_mut(), self.cookies)?;
        if let Some(caller) = caller {
            request.extensions_mut().insert(caller);
        }
        Ok(request)
    }

    fn kind(&self) -> Result<Kind, RequestError> {
        let context = &self.request_context;
        if context.http.is_some() {
            Ok(Kind::Payload2)
        } else if self.http_method.is_none() {
            Err(RequestError::NotHttp)
        } else if context.elb.is_some() {
            Ok(Kind::LoadBalancer)
        } else {
            Ok(Kind::Payload1)
        }
    }

    fn path(&self, kind: Kind, base_path: Option<&str>) -> &str {
        let (context, path) = (&self.request_context, self.path.as_deref().unwrap_or("/"));
        match kind {
            Kind::Payload2 => target::without_stage(self.raw_path.as_deref().unwrap_or("/"), context.stage.as_deref()),
            Kind::LoadBalancer => path,
            Kind::Payload1 => {
                let path = target::of_payload_1(path, context.path.as_deref(), context.stage.as_deref());
                base_path.map_or(path, |base_path| target::without_prefix(path, base_path))
            }
        }
    }

    fn query(&self, kind: Kind) -> Query<'_> {
        let parameters = self.multi_value_query_string_parameters.as_ref().or(self.query_string_parameters.as_ref());
        match (kind, parameters) {
            (Kind::Payload2, _) => Query::Sent(self.raw_query_string.as_deref().unwrap_or_default()),
            (_, None) => Query::Sent(""),
            (Kind::LoadBalancer, Some(parameters)) => Query::Encoded(parameters),
            (Kind::Payload1, Some(parameters)) => Query::Decoded(parameters),
        }
    }

    /// The caller that the authorizer let through; none where the API has no authorizer.
    fn caller(&self, kind: Kind) -> Option<Caller> {
        let (authorizer, identity) =
            (self.request_context.authorizer.0.as_ref(), self.request_context.identity.0.as_ref());
        match kind {
            Kind::Payload2 => authorizer.and_then(Authorizer::caller),
            Kind::Payload1 => {
                authorizer.and_then(Authorizer::caller_of_payload_1).or_else(|| identity.and_then(Identity::caller))
            }
            Kind::LoadBalancer => None,
        }
    }
}

fn add_cookies(headers: &mut HeaderMap, cookies: Option<Vec<String>>) -> Result<(), RequestError> {
    if let Some(cookies) = cookies.filter(|cookies| !cookies.is_empty()) {
        let value = HeaderValue::try_from(cookies.join("; ")).map_err(|_| RequestError::Malformed)?;
        headers.insert(COOKIE, value);
    }
    Ok(())
}
