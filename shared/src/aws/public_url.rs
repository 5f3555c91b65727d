//! The application's public URL, over the same kind of connection as AWS: plain HTTP, or TLS with the pinned roots (API Gateway and
//! certificates of ACM chain to them; for others set `SLIPWAY_CA_BUNDLE`).

use std::time::Duration;

use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use http_body_util::{BodyExt, Limited};
use tokio::time::timeout;

use super::AwsSettings;
use crate::call::{CallError, Source};
use crate::hook::{CallPublicUrl, PublicAnswer, PublicRequest};

const OPERATION: &str = "public request";
/// API Gateway's own limit for an integration is 30 s; a health check that needs a third of it is not healthy.
const WHOLE_CALL: Duration = Duration::from_secs(10);
/// A larger body is refused rather than held.
const LARGEST_BODY: usize = 1024 * 1024;

/// HTTP to public URLs.
#[derive(Debug, Clone)]
pub struct HttpPublicUrl {
    connector: SharedHttpConnector,
}

impl HttpPublicUrl {
    /// With the certificates of the settings; region and credentials are not used.
    #[must_use]
    pub fn new(settings: &AwsSettings) -> Self {
        Self { connector: settings.connector.clone() }
    }

    async fn exchange(&self, request: HttpRequest) -> Result<PublicAnswer, CallError> {
        let response = self.connector.call(request).await.map_err(|error| unavailable(Box::new(error)))?;
        let status = response.status().as_u16();
        let body = Limited::new(response.into_body(), LARGEST_BODY).collect().await.map_err(unavailable)?;
        Ok(PublicAnswer { status, body: String::from_utf8_lossy(&body.to_bytes()).into_owned() })
    }
}

impl CallPublicUrl for HttpPublicUrl {
    async fn call_public_url(&self, request: &PublicRequest) -> Result<PublicAnswer, CallError> {
        let request = to_http(request).map_err(|source| CallError::Unexpected { operation: OPERATION, source })?;
        timeout(WHOLE_CALL, self.exchange(request)).await.map_err(|elapsed| unavailable(Box::new(elapsed)))?
    }
}

fn unavailable(source: Source) -> CallError {
    CallError::Unavailable { operation: OPERATION, source }
}

fn to_http(request: &PublicRequest) -> Result<HttpRequest, Source> {
    let body = request.body.as_ref().map_or_else(SdkBody::empty, |body| SdkBody::from(body.to_string()));
    let mut http = HttpRequest::new(body);
    http.set_method(request.method.as_str())?;
    http.set_uri(request.url.as_str())?;
    if request.body.is_some() {
        http.headers_mut().try_insert("content-type", "application/json")?;
    }
    http.headers_mut().try_insert("user-agent", "slipway-post-traffic")?;
    for (name, value) in &request.headers {
        http.headers_mut().try_insert(name.clone(), value.clone())?;
    }
    Ok(http)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{Connection, serve_once, settings};
    use super::*;
    use crate::suite::Method;

    fn client() -> HttpPublicUrl {
        HttpPublicUrl::new(&settings(&Connection::default()))
    }

    fn request(method: Method, url: String) -> PublicRequest {
        PublicRequest { method, url, headers: vec![("x-check".into(), "yes".into())], body: None }
    }

    #[tokio::test]
    async fn sends_what_the_check_says_over_plain_http() {
        let (url, server) = serve_once("HTTP/1.1 503 Busy\r\ncontent-length: 4\r\n\r\nbusy");
        let request =
            PublicRequest { body: Some(json!({"a": 1})), ..request(Method::Put, format!("{url}/contacts?x=1")) };
        let answer = client().call_public_url(&request).await.unwrap();
        assert_eq!(answer, PublicAnswer { status: 503, body: "busy".into() });
        let sent = server.join().unwrap().to_ascii_lowercase();
        assert!(sent.starts_with("put /contacts?x=1 http/1.1\r\n"), "{sent}");
        assert!(sent.contains("x-check: yes") && sent.contains("content-type: application/json"), "{sent}");
        assert!(sent.ends_with("{\"a\":1}"), "{sent}");
    }

    #[tokio::test]
    async fn a_refused_connection_is_unavailable() {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", free.local_addr().unwrap());
        drop(free);
        let outcome = client().call_public_url(&request(Method::Get, url)).await;
        assert!(matches!(outcome, Err(CallError::Unavailable { .. })), "{outcome:?}");
    }

    #[tokio::test]
    async fn a_body_without_end_is_refused() {
        let (url, server) = serve_once("HTTP/1.1 200 OK\r\ncontent-length: 2000000\r\n\r\nx");
        let outcome = client().call_public_url(&request(Method::Get, url)).await;
        assert!(matches!(outcome, Err(CallError::Unavailable { .. })), "{outcome:?}");
        server.join().unwrap();
    }

    #[tokio::test]
    async fn an_url_that_is_none_is_the_callers_fault() {
        let outcome = client().call_public_url(&request(Method::Get, "no url".into())).await;
        assert!(matches!(outcome, Err(CallError::Unexpected { .. })), "{outcome:?}");
    }
}
