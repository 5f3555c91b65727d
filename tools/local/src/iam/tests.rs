//! IAM's operations as clients see them.

mod authority;
mod boundaries;
mod identities;
mod policies;
mod simulator;

use std::sync::Arc;

use serde_json::{Value, json};

use super::Directory;
use crate::core::testing::{ask, hub};
use crate::core::{Hub, Service, ServiceError};

/// IAM on a hub of its own.
struct World {
    hub: Arc<Hub>,
    directory: Arc<Directory>,
    service: Arc<dyn Service>,
}

fn world() -> World {
    let (hub, directory) = (hub(), Arc::<Directory>::default());
    let service = super::service(&hub, &directory);
    World { hub, directory, service }
}

impl World {
    async fn ask(&self, operation: &str, input: Value) -> Value {
        match ask(&*self.service, operation, input).await {
            Ok(answer) => answer,
            Err(error) => panic!("{operation}: {error}"),
        }
    }

    async fn refused(&self, operation: &str, input: Value) -> ServiceError {
        ask(&*self.service, operation, input).await.unwrap_err()
    }

    /// Code, status and text of a refusal.
    async fn told(&self, operation: &str, input: Value) -> (String, u16, String) {
        let error = self.refused(operation, input).await;
        (error.code, error.status, error.message)
    }

    async fn role(&self, name: &str) -> String {
        let input = json!({ "RoleName": name, "AssumeRolePolicyDocument": trusting("lambda.amazonaws.com") });
        self.ask("CreateRole", input).await["Role"]["Arn"].as_str().unwrap().to_owned()
    }

    async fn policy(&self, name: &str, statement: Value) -> String {
        let input = json!({ "PolicyName": name, "PolicyDocument": document(statement) });
        self.ask("CreatePolicy", input).await["Policy"]["Arn"].as_str().unwrap().to_owned()
    }
}

fn trusting(service: &str) -> String {
    let principal = json!({ "Service": service });
    document(json!({ "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal }))
}

fn document(statement: Value) -> String {
    json!({ "Version": "2012-10-17", "Statement": statement }).to_string()
}

fn allow(action: &str, resource: &str) -> Value {
    json!({ "Effect": "Allow", "Action": action, "Resource": resource })
}
