//! STS: who the caller is. Roles are stored and not enforced, so an assumed role's credentials open the same doors.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use serde_json::{Value, json};

use crate::core::{Caller, Hub, Reply, Request, Service, ServiceError};

struct Sts {
    hub: Arc<Hub>,
}

/// The service.
pub fn service(hub: &Arc<Hub>) -> Arc<dyn Service> {
    Arc::new(Sts { hub: Arc::clone(hub) })
}

impl Service for Sts {
    fn name(&self) -> &'static str {
        "sts"
    }

    fn call(&self, request: Request) -> BoxFuture<'_, Reply> {
        Box::pin(async move {
            match request.operation.as_str() {
                "GetCallerIdentity" => Ok(self.caller(&request.caller)),
                "AssumeRole" => self.assume_role(&request).await,
                other => Err(ServiceError::not_implemented("sts", other)),
            }
        })
    }
}

impl Sts {
    fn caller(&self, caller: &Caller) -> Value {
        let account = &self.hub.identity.account;
        json!({ "UserId": caller.user_id(account), "Account": account, "Arn": caller.arn(account) })
    }

    /// Credentials for a role that exists. `DurationSeconds` is 3600 unless asked otherwise.
    async fn assume_role(&self, request: &Request) -> Reply {
        let arn = request.input.str("RoleArn")?;
        let session = request.input.str("RoleSessionName")?;
        let name = arn.rsplit('/').next().unwrap_or_default();
        let role = self.hub.call("iam", "GetRole", json!({ "RoleName": name })).await.map_err(|_| {
            ServiceError::new("AccessDenied", format!("not authorized to perform sts:AssumeRole on resource: {arn}"))
                .with_status(403)
        })?;
        let seconds = u64::try_from(request.input.opt_i64("DurationSeconds").unwrap_or(3600)).unwrap_or(3600);
        let id = role["Role"]["RoleId"].as_str().unwrap_or_default().to_owned();
        let account = &self.hub.identity.account;
        Ok(json!({
            "Credentials": {
                "AccessKeyId": format!("ASIA{}", self.hub.ids.capitals(16)),
                "SecretAccessKey": self.hub.ids.hex(40),
                "SessionToken": self.hub.ids.hex(64),
                "Expiration": (self.hub.now() + Duration::from_secs(seconds)).iso8601(),
            },
            "AssumedRoleUser": {
                "AssumedRoleId": format!("{id}:{session}"),
                "Arn": format!("arn:aws:sts::{account}:assumed-role/{name}/{session}"),
            },
        }))
    }
}
