//! The access keys of users.

use serde_json::{Value, json};

use super::errors::{missing, quota};
use super::pages::listing;
use super::service::{Iam, user};
use super::state::{AccessKey, User, date};
use super::users::named;
use crate::core::{Principal, Reply, Request, ServiceError};
use crate::operations::Operation;

/// IAM's quota of access keys for a user.
const KEYS: usize = 2;
const SECRET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

pub(super) const OPERATIONS: &[Operation<Iam>] = &[
    Operation::<Iam>::now("CreateAccessKey", "UserName", Iam::create_key).on_found(user),
    Operation::<Iam>::now("ListAccessKeys", "UserName Marker MaxItems", |iam, request| {
        if is_roots(request) {
            return listing(request, "AccessKeyMetadata", Vec::new());
        }
        let name = named(request)?;
        let all = iam.directory.read(|state| {
            let keys = state.user(name)?.keys.iter();
            Ok::<_, ServiceError>(keys.map(|key| (key.id.clone(), key.metadata(name))).collect())
        })?;
        listing(request, "AccessKeyMetadata", all)
    })
    .on_found(user),
    Operation::<Iam>::now("UpdateAccessKey", "UserName AccessKeyId Status=Active|Inactive", |iam, request| {
        let active = request.input.str("Status")? == "Active";
        iam.with_key(request, |user, at| user.keys[at].active = active)
    })
    .on_found(user),
    Operation::<Iam>::now("DeleteAccessKey", "UserName AccessKeyId", |iam, request| {
        iam.with_key(request, |user, at| drop(user.keys.remove(at)))
    })
    .on_found(user),
    Operation::<Iam>::now("GetAccessKeyLastUsed", "AccessKeyId", |iam, request| {
        let id = request.input.str("AccessKeyId")?;
        iam.directory.read(|state| {
            let (user, key) = state.key(id).ok_or_else(|| absent(id))?;
            let region = &iam.hub.identity.region;
            let used = match &key.last_used {
                Some((at, service)) => json!({ "LastUsedDate": date(*at), "ServiceName": service, "Region": region }),
                None => json!({ "ServiceName": "N/A", "Region": "N/A" }),
            };
            Ok(json!({ "UserName": user.own.name, "AccessKeyLastUsed": used }))
        })
    })
    .on("user/*"),
];

/// True if a request is about the root user's own keys, of which the plane has none.
fn is_roots(request: &Request) -> bool {
    request.input.opt_str("UserName").is_none() && request.caller.principal == Principal::Root
}

fn absent(id: &str) -> ServiceError {
    missing(format!("The Access Key with id {id} cannot be found."))
}

impl AccessKey {
    fn metadata(&self, user: &str) -> Value {
        let status = if self.active { "Active" } else { "Inactive" };
        json!({ "UserName": user, "AccessKeyId": self.id, "Status": status, "CreateDate": date(self.created) })
    }
}

impl Iam {
    fn create_key(&self, request: &Request) -> Reply {
        if is_roots(request) {
            return Err(ServiceError::not_implemented("iam", "CreateAccessKey of the root user"));
        }
        let name = named(request)?;
        let key = AccessKey {
            id: format!("AKIA{}", self.hub.ids.capitals(16)),
            secret: self.hub.ids.text(40, SECRET),
            active: true,
            created: self.hub.now(),
            last_used: None,
        };
        self.directory.write(|state| {
            let user = state.user_mut(name)?;
            if user.keys.len() == KEYS {
                return Err(quota("AccessKeysPerUser", KEYS));
            }
            let mut made = key.metadata(name);
            made["SecretAccessKey"] = json!(key.secret);
            user.keys.push(key);
            Ok(json!({ "AccessKey": made }))
        })
    }

    fn with_key(&self, request: &Request, act: impl FnOnce(&mut User, usize)) -> Reply {
        let id = request.input.str("AccessKeyId")?;
        if is_roots(request) {
            return Err(absent(id));
        }
        let name = named(request)?;
        self.directory.write(|state| {
            let user = state.user_mut(name)?;
            let at = user.keys.iter().position(|key| key.id == id).ok_or_else(|| absent(id))?;
            act(user, at);
            Ok(Value::Null)
        })
    }
}
