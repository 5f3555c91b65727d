//! STS: who a caller is, and temporary credentials.
//!
//! The role's trust policy decides who may assume a role, before the handlers run ([`crate::iam::Authority`]). Credentials that
//! were given out stay known to [`Credentials`], where the wire looks up who signs.

mod assume_role;
mod state;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use crate::core::{Hub, Principal, Reply, Request, Service, ServiceError};
use crate::iam::{Credentials, Directory};
use crate::model::Dialect;
use crate::operations::{Modelled, Operation, Table};
use state::Sts;

pub(crate) use assume_role::{chained, session};

/// The seconds of the credentials of `GetSessionToken` unless the request says otherwise.
const OF_A_USER: i64 = 43_200;
/// The seconds of the root user's credentials, at the most and unless the request says otherwise.
const OF_ROOT: i64 = 3600;

static TABLE: Table<Sts> = Table {
    denial: "AccessDenied",
    ..Table::new("sts", Dialect::Listed("ValidationError"), &[assume_role::OPERATIONS, OPERATIONS])
};

/// The service, over IAM's directory.
pub(crate) fn service(hub: &Arc<Hub>, directory: &Arc<Directory>, credentials: &Arc<Credentials>) -> Arc<dyn Service> {
    let sts = Sts { hub: Arc::clone(hub), directory: Arc::clone(directory), credentials: Arc::clone(credentials) };
    Arc::new(Modelled::new(hub, sts, &TABLE))
}

const OPERATIONS: &[Operation<Sts>] = &[
    // AWS lets everybody ask who they are, whatever their policies deny.
    Operation::<Sts>::now("GetCallerIdentity", "*", |sts, request| {
        let account = &sts.hub.identity.account;
        let caller = &request.caller;
        Ok(json!({ "UserId": caller.user_id(account), "Account": account, "Arn": caller.arn(account) }))
    })
    .free(),
    Operation::<Sts>::now("GetSessionToken", "DurationSeconds", Sts::session_token).free(),
    Operation::<Sts>::now("GetAccessKeyInfo", "AccessKeyId", |sts, _| {
        Ok(json!({ "Account": sts.hub.identity.account }))
    }),
];

impl Sts {
    /// Temporary credentials for a user, or for the root user, as themselves.
    fn session_token(&self, request: &Request) -> Reply {
        let root = match &request.caller.principal {
            Principal::User(_) => false,
            Principal::Root | Principal::Plane => true,
            _ => {
                let text = "Cannot call GetSessionToken with session credentials";
                return Err(ServiceError::new("AccessDenied", text).with_status(403));
            }
        };
        let asked = request.input.opt_i64("DurationSeconds");
        let seconds = if root { asked.unwrap_or(OF_ROOT).min(OF_ROOT) } else { asked.unwrap_or(OF_A_USER) };
        let lifetime = Duration::from_secs(seconds.unsigned_abs());
        let principal = request.caller.principal.clone();
        Ok(json!({ "Credentials": self.credentials.give(&self.hub, principal, lifetime) }))
    }
}
