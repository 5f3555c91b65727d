//! The parameters of a plane, and those that a request names.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use super::name::{self, Reference};
use super::parameter::Parameter;
use super::policy::Deadlines;
use super::secret::Vault;
use crate::core::{Driver, Hub, Input, ServiceError};

/// Parameters by [`name::key`].
pub(super) type Parameters<'a> = MutexGuard<'a, BTreeMap<String, Parameter>>;

pub(super) struct ParameterStore {
    pub(super) hub: Arc<Hub>,
    pub(super) parameters: Mutex<BTreeMap<String, Parameter>>,
    pub(super) vault: Result<Vault, ServiceError>,
}

pub(super) struct ParameterService {
    pub(super) store: Arc<ParameterStore>,
    pub(super) deadlines: Driver<Deadlines>,
}

/// The ARNs of the parameters that a request names.
pub(super) fn named(service: &ParameterService, input: &Input) -> Vec<String> {
    let identity = &service.store.hub.identity;
    let arn = |asked: &str| match Reference::read(identity, asked) {
        Ok(reference) => name::arn(identity, &reference.name),
        Err(_) => name::arn(identity, asked),
    };
    let one = input.opt_str("Name").or_else(|| input.opt_str("ResourceId")).map(arn);
    one.into_iter().chain(input.strings("Names").iter().map(|name| arn(name))).collect()
}
