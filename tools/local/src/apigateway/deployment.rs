//! A deployment: a picture of an API's definition, which stages serve.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-stages.html>

use std::sync::Arc;

use serde_json::{Value, json};

use super::definition::Definition;
use crate::core::Timestamp;

/// A deployment: a picture of the API's definition.
#[derive(Debug)]
pub(super) struct Deployment {
    pub(super) definition: Arc<Definition>,
    pub(super) created: Timestamp,
    /// True if a stage that deploys by itself made it.
    pub(super) automatic: bool,
    pub(super) description: Option<String>,
}

impl Deployment {
    pub(super) fn describe(&self, id: &str) -> Value {
        let mut described = json!({
            "DeploymentId": id, "DeploymentStatus": "DEPLOYED", "CreatedDate": self.created.as_millis() / 1000,
            "AutoDeployed": self.automatic,
        });
        if let Some(text) = &self.description {
            described["Description"] = json!(text);
        }
        described
    }
}
