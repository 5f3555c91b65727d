//! The application's public URL, over the same kind of connection as AWS: plain HTTP, or TLS with the pinned roots (API Gateway and
//! certificates of ACM chain to them; for others set `SLIPWAY_CA_BUNDLE`).

use std::path::PathBuf;

use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use http_body_util::BodyExt;

use super::connector::Connector;
use super::{AwsSettings, roots};
use crate::call::{CallError, Source};
use crate::hook::{CallPublicUrl, PublicAnswer, PublicRequest};
use crate::suite::{BAD_PORT, Tls, has_bad_port};

const OPERATION: &str = "public request";
/// A longer body is not held: twenty checks at once share the function's memory.
const LONGEST_BODY: usize = 8 * 1024 * 1024;

/// HTTP to public URLs.
#[derive(Debug, Clone)]
pub struct HttpPublicUrl {
    connector: SharedHttpConnector,
    bundle: Option<PathBuf>,
}

impl HttpPublicUrl {
    /// With the certificates of the settings; region and credentials are not used.
    #[must_use]
    pub fn new(settings: &AwsSettings) -> Self {
        Self { connector: settings.connector.clone(), bundle: settings.bundle.clone() }
    }

    /// The shared connections, or some that meet demands of their own.
    fn connector(&self, tls: &Tls) -> Result<SharedHttpConnector, Source> {
        if *tls == Tls::default() {
            return Ok(self.connector.clone());
        }
        let roots = roots::trust_store(self.bundle.as_deref())?;
        Ok(SharedHttpConnector::new(Connector::demanding(roots, tls)?))
    }
}

impl CallPublicUrl for HttpPublicUrl {
    async fn call_public_url(&self, request: &PublicRequest) -> Result<PublicAnswer, CallError> {
        let unexpected = |source| CallError::Unexpected { operation: OPERATION, source };
        let connector = self.connector(&request.tls).map_err(unexpected)?;
        let sent = to_http(request).map_err(unexpected)?;
        let response = connector.call(sent).await;
        let response =
            response.map_err(|error| CallError::Unavailable { operation: OPERATION, source: error.into() })?;
        let headers = response.headers().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let mut answer = PublicAnswer { status: response.status().as_u16(), headers, ..PublicAnswer::default() };
        if request.reads_body {
            answer.cut = read(response.into_body(), &mut answer.body).await.err();
        }
        Ok(answer)
    }
}

/// Reads a body to its end, or says why it has none.
async fn read(mut body: SdkBody, into: &mut Vec<u8>) -> Result<(), String> {
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| format!("the answer broke off after {} bytes ({error})", into.len()))?;
        let Ok(data) = frame.into_data() else { continue };
        if into.len() + data.len() > LONGEST_BODY {
            return Err(format!("the answer is longer than {} MB", LONGEST_BODY / 1024 / 1024));
        }
        into.extend_from_slice(&data);
    }
    Ok(())
}

fn to_http(request: &PublicRequest) -> Result<HttpRequest, Source> {
    let body = request.body.as_ref().map_or_else(SdkBody::empty, |body| SdkBody::from(body.to_string()));
    let mut sent = HttpRequest::new(body);
    sent.set_method(request.method.as_str())?;
    // A redirect or a captured value may lead anywhere.
    if has_bad_port(&request.url.parse::<http::Uri>()?) {
        return Err(BAD_PORT.into());
    }
    sent.set_uri(request.url.as_str())?;
    if request.body.is_some() {
        sent.headers_mut().try_insert("content-type", "application/json")?;
    }
    sent.headers_mut().try_insert("user-agent", "slipway")?;
    for (name, value) in &request.headers {
        sent.headers_mut().try_insert(name.clone(), value.clone())?;
    }
    Ok(sent)
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
        let headers = vec![("x-check".into(), "yes".into())];
        PublicRequest { method, url, headers, body: None, tls: Tls::default(), reads_body: true }
    }

    #[tokio::test]
    async fn sends_what_the_check_says_over_plain_http() {
        let (url, server) = serve_once("HTTP/1.1 503 Busy\r\ncontent-length: 4\r\n\r\nbusy");
        let request =
            PublicRequest { body: Some(json!({"a": 1})), ..request(Method::Put, format!("{url}/contacts?x=1")) };
        let answer = client().call_public_url(&request).await.unwrap();
        assert_eq!((answer.status, answer.text()), (503, Ok("busy")));
        assert_eq!(answer.header("Content-Length"), Some("4"));
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
    async fn a_body_that_breaks_off_is_an_answer_that_says_so() {
        let (url, server) = serve_once("HTTP/1.1 200 OK\r\ncontent-length: 2000000\r\n\r\nx");
        let answer = client().call_public_url(&request(Method::Get, url)).await.unwrap();
        assert_eq!((answer.status, answer.body.as_slice()), (200, b"x".as_slice()));
        assert!(answer.text().unwrap_err().starts_with("the answer broke off after 1 bytes"), "{answer:?}");
        server.join().unwrap();
    }

    #[tokio::test]
    async fn a_body_that_nobody_looks_at_is_not_waited_for() {
        let (url, server) = serve_once("HTTP/1.1 200 OK\r\ncontent-length: 2000000\r\n\r\nx");
        let request = PublicRequest { reads_body: false, ..request(Method::Get, url) };
        let answer = client().call_public_url(&request).await.unwrap();
        assert_eq!((answer.status, answer.cut), (200, None));
        server.join().unwrap();
    }

    #[tokio::test]
    async fn a_long_body_is_read_and_a_longer_one_is_told_by_its_length() {
        for (length, whole) in [(5 * 1024 * 1024, true), (9 * 1024 * 1024, false)] {
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{}", "x".repeat(length));
            let (url, _server) = serve_once(answer.leak());
            let answer = client().call_public_url(&request(Method::Get, url)).await.unwrap();
            assert_eq!(
                answer.text().map(str::len),
                if whole { Ok(length) } else { Err("the answer is longer than 8 MB".into()) }
            );
        }
    }

    #[tokio::test]
    async fn an_url_that_is_none_is_the_callers_fault() {
        for url in ["no url", "http://127.0.0.1:99999/"] {
            let outcome = client().call_public_url(&request(Method::Get, url.into())).await;
            assert!(matches!(outcome, Err(CallError::Unexpected { .. })), "{outcome:?}");
        }
    }
}
