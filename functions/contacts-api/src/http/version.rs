//! `GET /version`: what is running.

use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;

use super::output::{Answer, json};
use crate::settings::About;

/// The code that is running.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Version {
    /// The service.
    service: &'static str,
    /// The commit whose build first had this content.
    commit: String,
    /// The digest of the release.
    release: String,
    /// The published version of the function.
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
