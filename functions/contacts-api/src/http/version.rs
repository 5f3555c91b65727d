//! `GET /version`: what is running.

use http::StatusCode;
use serde::Serialize;

use super::output::{Answer, json};
use crate::settings::About;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Version {
    service: &'static str,
    commit: String,
    release: String,
    function_version: String,
}

pub(super) async fn version(about: About) -> Answer {
    let version = Version {
        service: "contacts-api",
        commit: about.commit,
        release: about.release,
        function_version: about.function_version,
    };
    json(StatusCode::OK, &version)
}
