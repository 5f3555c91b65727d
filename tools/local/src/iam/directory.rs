//! The directory: what IAM keeps, for its own operations and for whoever has to decide.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::state::State;
use crate::authorization::Policy;
use crate::authorization::managed::aws_policy;
use crate::core::{Issued, Principal, Timestamp, User};

/// The policies of a user or a role, put together.
#[derive(Debug, Default)]
pub(crate) struct Effective {
    /// Inline, attached, and those of a user's groups.
    pub(crate) identity: Vec<Arc<Policy>>,
    /// The boundary; a policy that allows nothing when it is set and gone.
    pub(crate) boundary: Option<Arc<Policy>>,
}

/// A role as STS has to know it.
#[derive(Clone, Debug)]
pub(crate) struct TrustedRole {
    /// The ARN, with the path.
    pub(crate) arn: String,
    /// `AROA…`.
    pub(crate) id: String,
    /// The longest session, in seconds.
    pub(crate) max_session: i64,
    /// The trust policy, which says who may assume it.
    pub(crate) trust: Arc<Policy>,
}

/// The state of IAM, with the compiled policies of its users and roles.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    state: RwLock<State>,
    /// The compiled policies, by the ARN of a user or a role. Every write forgets them.
    effective: Mutex<HashMap<String, Arc<Effective>>>,
}

impl Directory {
    /// Reads the state under its lock.
    pub(super) fn read<T>(&self, read: impl FnOnce(&State) -> T) -> T {
        read(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Writes, and forgets what was put together before.
    pub(super) fn write<T>(&self, write: impl FnOnce(&mut State) -> T) -> T {
        let written = write(&mut self.state.write().unwrap_or_else(PoisonError::into_inner));
        self.effective.lock().unwrap_or_else(PoisonError::into_inner).clear();
        written
    }

    /// The role with this ARN.
    pub(crate) fn trusted_role(&self, arn: &str) -> Option<TrustedRole> {
        let name = arn.rsplit('/').next()?;
        self.read(|state| {
            let role = state.roles.get(name).filter(|role| role.own.arn == arn)?;
            Some(TrustedRole {
                arn: role.own.arn.clone(),
                id: role.own.id.clone(),
                max_session: role.max_session,
                trust: Arc::clone(&role.trust.compiled),
            })
        })
    }

    /// The document of a managed policy, the account's or AWS's.
    pub(crate) fn policy_document(&self, arn: &str) -> Option<String> {
        let own = self.read(|state| state.policies.get(arn).map(|policy| policy.current.text.clone()));
        own.or_else(|| aws_policy(arn).map(|policy| policy.document.clone()))
    }

    /// The policies of a user or of a session's role. Whoever is not in the directory has none.
    pub(crate) fn effective(&self, principal: &Principal) -> Arc<Effective> {
        match principal {
            Principal::User(user) => self.effective_of(&user.arn),
            Principal::Session(session) => self.effective_of(&session.role),
            _ => Arc::default(),
        }
    }

    /// The policies of the user or role with this ARN.
    pub(super) fn effective_of(&self, arn: &str) -> Arc<Effective> {
        let known = self.effective.lock().unwrap_or_else(PoisonError::into_inner).get(arn).cloned();
        known.unwrap_or_else(|| {
            let made = Arc::new(self.read(|state| Effective::of(state, arn)));
            self.effective.lock().unwrap_or_else(PoisonError::into_inner).insert(arn.to_owned(), Arc::clone(&made));
            made
        })
    }

    /// The credentials of a user's access key, if it is active.
    pub(crate) fn user_key(&self, access_key: &str) -> Option<Issued> {
        self.read(|state| {
            let (user, key) = state.key(access_key).filter(|(_, key)| key.active)?;
            let principal = Principal::User(Arc::new(User {
                name: user.own.name.clone(),
                id: user.own.id.clone(),
                arn: user.own.arn.clone(),
            }));
            Some(Issued { principal, secret: key.secret.clone(), token: None, expires: None })
        })
    }

    /// The tags of a user, or of a session: its role's, where it has none of its own by that key.
    pub(crate) fn tags(&self, principal: &Principal) -> Vec<(String, String)> {
        let copied =
            |tags: &super::state::Tags| -> Vec<_> { tags.iter().map(|(k, v)| (k.clone(), v.clone())).collect() };
        self.read(|state| match principal {
            Principal::User(user) => state.users.get(&user.name).map(|user| copied(&user.own.tags)),
            Principal::Session(session) => {
                let role = state.roles.get(session.role_name()).map(|role| copied(&role.own.tags));
                Some(with_own(session.tags.clone(), role.unwrap_or_default()))
            }
            _ => None,
        })
        .unwrap_or_default()
    }

    /// Notes that a caller made a call to a service.
    pub(crate) fn used(&self, principal: &Principal, access_key: Option<&str>, service: &str, now: Timestamp) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        match (principal, access_key) {
            (Principal::Session(session), _) => {
                if let Some(role) = state.roles.get_mut(session.role_name()) {
                    role.last_used = Some(now);
                }
            }
            (Principal::User(user), Some(access_key)) => {
                let keys = state.users.get_mut(&user.name).map(|user| user.keys.iter_mut());
                if let Some(key) = keys.into_iter().flatten().find(|key| key.id == access_key) {
                    key.last_used = Some((now, service.to_owned()));
                }
            }
            _ => {}
        }
    }
}

/// Tags with those of a session's own: whoever has both by one key has the session's.
fn with_own(mut own: Vec<(String, String)>, others: Vec<(String, String)>) -> Vec<(String, String)> {
    let others: Vec<_> =
        others.into_iter().filter(|(key, _)| !own.iter().any(|(known, _)| known.eq_ignore_ascii_case(key))).collect();
    own.extend(others);
    own
}

impl Effective {
    pub(super) fn of(state: &State, arn: &str) -> Self {
        let own = state.identities().map(|(_, identity)| identity).find(|identity| identity.arn == arn);
        let Some(own) = own else { return Self::default() };
        let groups = state.users.get(&own.name).filter(|user| user.own.arn == arn).map(|user| &user.groups);
        let groups = groups.into_iter().flatten().filter_map(|name| state.groups.get(name));
        let mut identity = Vec::new();
        for holder in std::iter::once(own).chain(groups) {
            identity.extend(holder.inline.values().map(|document| Arc::clone(&document.compiled)));
            identity.extend(holder.attached.iter().filter_map(|arn| state.compiled(arn)));
        }
        let boundary = own.boundary.as_ref().map(|arn| state.compiled(arn).unwrap_or_default());
        Self { identity, boundary }
    }
}

impl State {
    /// An access key and its user.
    pub(super) fn key(&self, access_key: &str) -> Option<(&super::state::User, &super::state::AccessKey)> {
        self.users.values().find_map(|user| Some((user, user.keys.iter().find(|key| key.id == access_key)?)))
    }
}
