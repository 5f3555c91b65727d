//! A DynamoDB of one item, over TLS: it keeps what is put, and gives it to whoever gets.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use crate::authority::Authority;
use crate::network::Network;

const HTTPS: u16 = 443;

/// The stub; it runs until the runtime ends.
#[derive(Clone, Debug)]
pub struct DynamoDb {
    /// The address on which it listens.
    pub address: SocketAddr,
    item: Item,
}

/// Attributes in DynamoDB's JSON.
type Item = Arc<Mutex<Map<String, Value>>>;

impl DynamoDb {
    /// Listens where the programs look for AWS.
    ///
    /// # Errors
    /// Fails if it cannot listen.
    pub async fn start(authority: &Authority, network: &Network) -> anyhow::Result<Self> {
        let port = if matches!(network, Network::Own) { HTTPS } else { 0 };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let stub = Self { address: listener.local_addr()?, item: Item::default() };
        let acceptor = TlsAcceptor::from(Arc::clone(&authority.server));
        let service = axum::Router::new().route("/", post(answer)).with_state(Arc::clone(&stub.item));
        tokio::spawn(serve(listener, acceptor, service));
        Ok(stub)
    }

    /// The item as it is.
    pub fn item(&self) -> Map<String, Value> {
        self.item.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces the item.
    pub fn set_item(&self, item: Map<String, Value>) {
        *self.item.lock().unwrap_or_else(PoisonError::into_inner) = item;
    }
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, service: axum::Router) {
    while let Ok((stream, _)) = listener.accept().await {
        let (acceptor, service) = (acceptor.clone(), service.clone());
        tokio::spawn(async move {
            // As AWS does: small answers are not held back for the next packet.
            if stream.set_nodelay(true).is_err() {
                return;
            }
            let Ok(stream) = acceptor.accept(stream).await else { return };
            let service =
                service.map_request(|request: axum::http::Request<hyper::body::Incoming>| request.map(Body::new));
            // A program that is ended leaves its connection open.
            let http = hyper::server::conn::http1::Builder::new();
            let _ = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service)).await;
        });
    }
}

async fn answer(State(item): State<Item>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let request: Value = serde_json::from_slice(&body).unwrap_or_default();
    let mut item = item.lock().unwrap_or_else(PoisonError::into_inner);
    let (status, answer) = operate(&mut item, target.rsplit('.').next().unwrap_or_default(), &request);
    let headers = [
        ("content-type", "application/x-amz-json-1.0"),
        ("x-amzn-requestid", "BENCHMARKBENCHMARKBENCHMARKBENCHMARKBENCHMARKBENCHMA"),
    ];
    (status, headers, answer.to_string()).into_response()
}

fn operate(item: &mut Map<String, Value>, operation: &str, request: &Value) -> (StatusCode, Value) {
    match operation {
        "GetItem" if item.get("sk").is_some_and(|sk| is_another(sk, &request["Key"])) => (StatusCode::OK, json!({})),
        "GetItem" => (StatusCode::OK, json!({"Item": item})),
        "PutItem" | "TransactWriteItems" => {
            if let Some(put) = largest_put(request) {
                *item = put.clone();
            }
            (StatusCode::OK, json!({}))
        }
        other => {
            let message = format!("{other} is not part of the benchmark");
            (
                StatusCode::BAD_REQUEST,
                json!({"__type": "com.amazon.coral.service#UnknownOperationException", "message": message}),
            )
        }
    }
}

/// True if a key has that sort key and another value, as a function reads to warm up. A table without it has one item only.
fn is_another(sort_key: &Value, key: &Value) -> bool {
    key.get("sk").is_some_and(|asked| asked != sort_key)
}

/// A contact is written together with smaller items that lead to it.
fn largest_put(request: &Value) -> Option<&Map<String, Value>> {
    let alone = request.get("Item");
    let together = request["TransactItems"].as_array().into_iter().flatten().map(|each| &each["Put"]["Item"]);
    alone.into_iter().chain(together).filter_map(Value::as_object).max_by_key(|item| item.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_what_was_put_but_not_to_who_asks_for_another() {
        let mut item = Map::new();
        let contact = json!({"pk": {"S": "OWNER#a"}, "sk": {"S": "CONTACT#1"}, "fields": {"M": {}}});
        let term = json!({"pk": {"S": "OWNER#a"}, "sk": {"S": "TERM#1"}});
        let together = json!({"TransactItems": [{"Put": {"Item": term}}, {"Put": {"Item": contact}}]});
        assert_eq!(operate(&mut item, "TransactWriteItems", &together).0, StatusCode::OK);
        let asked = |sk: &str| json!({"Key": {"pk": {"S": "OWNER#a"}, "sk": {"S": sk}}});
        assert_eq!(operate(&mut item, "GetItem", &asked("CONTACT#1")).1, json!({"Item": contact}));
        assert_eq!(operate(&mut item, "GetItem", &asked("CONTACT#0")).1, json!({}));
        assert_eq!(operate(&mut item, "GetItem", &json!({"Key": {"id": {"S": "1"}}})).1, json!({"Item": contact}));
    }

    #[test]
    fn refuses_what_it_does_not_do() {
        assert_eq!(operate(&mut Map::new(), "Scan", &json!({})).0, StatusCode::BAD_REQUEST);
    }
}
