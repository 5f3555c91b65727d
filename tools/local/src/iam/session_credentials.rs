//! The credentials that STS gave out, by access key.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use crate::core::{Hub, Issued, Principal};

const SECRET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Temporary credentials. They stay known when they have ended: that is how a request with them is told so.
#[derive(Debug, Default)]
pub(crate) struct Credentials(Mutex<HashMap<String, Issued>>);

impl Credentials {
    /// Gives out credentials for a principal, and answers them as STS does. The lifetime is plane time.
    pub(crate) fn give(&self, hub: &Hub, principal: Principal, lifetime: Duration) -> Value {
        let access_key = format!("ASIA{}", hub.ids.capitals(16));
        let expires = hub.now() + lifetime;
        let issued = Issued {
            principal,
            secret: hub.ids.text(40, SECRET),
            token: Some(format!("IQoJb3JpZ2luX2Vj{}", hub.ids.text(340, SECRET))),
            expires: Some(expires),
        };
        let answer = json!({
            "AccessKeyId": access_key, "SecretAccessKey": issued.secret, "SessionToken": issued.token,
            "Expiration": expires.as_millis() / 1000,
        });
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(access_key, issued);
        answer
    }

    /// The credentials of an access key, if they were given out.
    pub(crate) fn find(&self, access_key: &str) -> Option<Issued> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(access_key).cloned()
    }
}
