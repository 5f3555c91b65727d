//! A connection that answers from a list and keeps what was asked, so that adapters are tested through the SDK's real wire format.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use serde_json::Value;

use super::AwsSettings;

/// One request as it left the SDK.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) uri: String,
    pub(super) target: Option<String>,
    pub(super) body: String,
    headers: Vec<(String, String)>,
}

impl Seen {
    /// A header, by its name in small letters.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

#[derive(Debug, Default)]
struct State {
    answers: VecDeque<(u16, String)>,
    headers: Vec<(&'static str, &'static str)>,
    seen: Vec<Seen>,
}

/// Clones share what they answer and saw.
#[derive(Debug, Clone, Default)]
pub(super) struct Connection(Arc<Mutex<State>>);

impl Connection {
    pub(super) fn answering(status: u16, body: &Value) -> Self {
        Self::default().then(status, body)
    }

    pub(super) fn then(self, status: u16, body: &Value) -> Self {
        self.then_text(status, &body.to_string())
    }

    /// For the services that speak XML, and for objects.
    pub(super) fn answering_text(status: u16, body: &str) -> Self {
        Self::default().then_text(status, body)
    }

    pub(super) fn then_text(self, status: u16, body: &str) -> Self {
        self.state().answers.push_back((status, body.to_owned()));
        self
    }

    pub(super) fn with_header(self, name: &'static str, value: &'static str) -> Self {
        self.state().headers.push((name, value));
        self
    }

    pub(super) fn requests(&self) -> Vec<Seen> {
        self.state().seen.clone()
    }

    pub(super) fn only_request(&self) -> Seen {
        let requests = self.requests();
        assert_eq!(requests.len(), 1);
        requests.into_iter().next().unwrap()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HttpConnector for Connection {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let mut state = self.state();
        state.seen.push(Seen {
            uri: request.uri().to_owned(),
            target: request.headers().get("x-amz-target").map(ToOwned::to_owned),
            headers: request.headers().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            body: String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned(),
        });
        // Nothing left to answer is an answer that no test expects.
        let (status, body) = state.answers.pop_front().unwrap_or((418, "{}".into()));
        let mut response = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body));
        for (name, value) in &state.headers {
            response.headers_mut().insert(*name, *value);
        }
        HttpConnectorFuture::ready(Ok(response))
    }
}

/// Settings whose clients talk to `connection`.
pub(super) fn settings(connection: &Connection) -> AwsSettings {
    let environment =
        [("AWS_REGION", "eu-west-1"), ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "secret")];
    let mut settings = AwsSettings::from_env(&environment).unwrap();
    let connector = SharedHttpConnector::new(connection.clone());
    settings.http_client = http_client_fn(move |_, _| connector.clone());
    settings
}

/// A real server on a free port of this machine that answers one request with `response` and gives back what it was sent.
pub(super) fn serve_once(response: &'static str) -> (String, std::thread::JoinHandle<String>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = String::new();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut length = 0;
        loop {
            let start = request.len();
            reader.read_line(&mut request).unwrap();
            let line = request[start..].to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        stream.write_all(response.as_bytes()).unwrap();
        request + &String::from_utf8(body).unwrap()
    });
    (url, server)
}
