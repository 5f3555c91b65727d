//! The temporary credentials that a function's process gets for its role.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::execution::Credentials;
use crate::core::Hub;

/// One set of credentials per role, made when a function of the role first starts.
#[derive(Debug, Default)]
pub(super) struct RoleCredentials(Mutex<HashMap<String, Credentials>>);

impl RoleCredentials {
    /// The role's credentials, in the shape of AWS's temporary ones.
    pub(super) fn of(&self, hub: &Hub, role: &str) -> Credentials {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let made = || Credentials {
            access_key: format!("ASIA{}", hub.ids.capitals(16)),
            secret_key: hub.ids.hex(40),
            session_token: hub.ids.lower(120),
        };
        known.entry(role.to_owned()).or_insert_with(made).clone()
    }
}
