//! Passing on what the plane does not run to another endpoint (`--backing-endpoint`).

use axum::body::{Body, Bytes};
use axum::response::Response;
use http::header;
use http::request::Parts;

use super::response::respond;

/// Another emulator's endpoint.
#[derive(Clone, Debug)]
pub(crate) struct BackingEndpoint {
    url: String,
    client: reqwest::Client,
}

impl BackingEndpoint {
    /// An endpoint such as `http://127.0.0.1:4566`.
    pub(crate) fn new(url: &str) -> Self {
        Self { url: url.trim_end_matches('/').to_owned(), client: reqwest::Client::new() }
    }

    /// Sends the request as it came and hands its answer back as it comes.
    pub(super) async fn pass_on(&self, parts: &Parts, body: Bytes) -> Response {
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let mut headers = parts.headers.clone();
        headers.remove(header::HOST);
        headers.remove(header::CONTENT_LENGTH);
        let request = self.client.request(parts.method.clone(), format!("{}{path}", self.url)).headers(headers);
        match request.body(body).send().await {
            Ok(answer) => {
                let mut response = Response::new(Body::empty());
                *response.status_mut() = answer.status();
                for (name, value) in answer.headers() {
                    if name != header::TRANSFER_ENCODING && name != header::CONTENT_LENGTH {
                        response.headers_mut().append(name.clone(), value.clone());
                    }
                }
                match answer.bytes().await {
                    Ok(bytes) => *response.body_mut() = Body::from(bytes),
                    Err(error) => {
                        return respond(502, "text/plain", format!("the backing endpoint broke off: {error}"));
                    }
                }
                response
            }
            Err(error) => respond(502, "text/plain", format!("the backing endpoint does not answer: {error}")),
        }
    }
}
