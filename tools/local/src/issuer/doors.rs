//! The issuer's paths on the plane's endpoint.

use std::sync::Arc;

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{StatusCode, header};
use serde_json::{Value, json};
use slipway_shared::telemetry::Chain;
use tokio::sync::OnceCell;

use super::key::{KeyError, SigningKey};
use super::token::Claims;

/// The address of a plane's issuer: the `iss` of its tokens.
pub(crate) fn issuer_url(endpoint: &str) -> String {
    format!("{endpoint}/_slipway/issuer")
}

struct Issuer {
    url: String,
    key: OnceCell<SigningKey>,
}

/// The issuer of the plane at `endpoint`.
pub(crate) fn issuer_router(endpoint: &str) -> Router {
    let issuer = Arc::new(Issuer { url: issuer_url(endpoint), key: OnceCell::new() });
    let doors = Router::new()
        .route("/.well-known/openid-configuration", get(discovery))
        .route("/jwks.json", get(key_set))
        .route("/token", get(token_by_query).post(token_by_form))
        .with_state(issuer);
    Router::new().nest("/_slipway/issuer", doors)
}

/// <https://openid.net/specs/openid-connect-discovery-1_0.html>: the members that tell where the keys and tokens are.
async fn discovery(State(issuer): State<Arc<Issuer>>) -> Response {
    let document = json!({
        "issuer": issuer.url, "jwks_uri": format!("{}/jwks.json", issuer.url),
        "token_endpoint": format!("{}/token", issuer.url), "grant_types_supported": ["client_credentials"],
        "response_types_supported": ["token"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    });
    answer(StatusCode::OK, &document)
}

async fn key_set(State(issuer): State<Arc<Issuer>>) -> Response {
    match issuer.key().await {
        Ok(key) => answer(StatusCode::OK, &key.key_set()),
        Err(error) => broken(&error),
    }
}

async fn token_by_query(State(issuer): State<Arc<Issuer>>, RawQuery(query): RawQuery) -> Response {
    issuer.token(&query.unwrap_or_default()).await
}

async fn token_by_form(State(issuer): State<Arc<Issuer>>, form: String) -> Response {
    issuer.token(&form).await
}

impl Issuer {
    async fn key(&self) -> Result<&SigningKey, KeyError> {
        self.key.get_or_try_init(SigningKey::make).await
    }

    /// RFC 6749, sections 5.1 and 5.2.
    async fn token(&self, form: &str) -> Response {
        let claims = match Claims::asked(&self.url, form, jiff::Timestamp::now().as_second()) {
            Ok(claims) => claims,
            Err(fault) => {
                let body = json!({ "error": "invalid_request", "error_description": fault });
                return answer(StatusCode::BAD_REQUEST, &body);
            }
        };
        match self.key().await.and_then(|key| key.sign(&claims)) {
            Ok(token) => {
                let body = json!({
                    "access_token": token, "token_type": "Bearer", "expires_in": claims.lifetime(), "scope": claims.scope,
                });
                answer(StatusCode::OK, &body)
            }
            Err(error) => broken(&error),
        }
    }
}

fn broken(error: &KeyError) -> Response {
    let body = json!({ "error": "server_error", "error_description": Chain(error).to_string() });
    answer(StatusCode::INTERNAL_SERVER_ERROR, &body)
}

/// Nothing here may be kept: a key lives as long as its plane, and the next plane may have the same port.
fn answer(status: StatusCode, body: &Value) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, body.to_string()).into_response()
}
