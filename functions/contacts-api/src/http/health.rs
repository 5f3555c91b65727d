//! `GET /health`: that the process answers. What it says is the suite's to check, not a unit test's.

use http::StatusCode;
use serde_json::json;

use super::output::{Answer, json};

const STATUS: &str = "ok";

pub(super) async fn health() -> Answer {
    json(StatusCode::OK, &json!({ "status": STATUS }))
}
