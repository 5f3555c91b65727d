//! The waiting part: it carries out the engine's effects, which are calls of the resource providers, in plane time.

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use tokio::sync::Notify;

use super::engine::{Call, CallAction, Effect, Input, StackEngine};
use super::plan::StackIdentity;
use super::provider::{Actor, Door, ProviderLookup, Resource, ResourceContext};
use super::publisher;
use super::roles;
use super::stack::Stack;
use crate::core::{Caller, Driver, Hub, ServiceError};

/// The interval, in plane time, at which a call that is no longer wanted is asked to end.
const CANCEL_INTERVAL: Duration = Duration::from_secs(10);

/// The driver that runs the engine of one stack.
pub type StackDriver = Driver<StackEngine>;

/// Starts running a stack, and publishing its events.
pub fn start(hub: &Arc<Hub>, stack: Stack, lookup: ProviderLookup) -> StackDriver {
    let identity = stack.identity.clone();
    let engine = StackEngine::new(stack, lookup, hub.ids.clone());
    let logged = Arc::new(Notify::new());
    let (plane, notify, flying) = (Arc::clone(hub), Arc::clone(&logged), Flying::default());
    let driver = Driver::start(engine, hub.clock.clone(), move |effect| {
        let (plane, identity, flying) = (Arc::clone(&plane), identity.clone(), flying.clone());
        match effect {
            Effect::Logged => {
                notify.notify_one();
                Box::pin(async { Vec::new() })
            }
            Effect::Cancel(call) => Box::pin(async move {
                // The call may not have begun yet what is to be ended: it is asked until it answers.
                while flying.has(call.id) {
                    cancel(&plane, &identity, &call, lookup).await;
                    plane.clock.sleep(CANCEL_INTERVAL).await;
                }
                Vec::new()
            }),
            Effect::Call(call) => {
                let id = call.id;
                flying.set(id, true);
                Box::pin(async move {
                    // A provider that panics must not leave its stack waiting for ever.
                    let result = AssertUnwindSafe(perform(plane, &identity, call, lookup)).catch_unwind().await;
                    let result =
                        result.unwrap_or_else(|_| Err(ServiceError::internal("the resource's provider broke")));
                    flying.set(id, false);
                    vec![Input::Done { call: id, result }]
                })
            }
        }
    });
    tokio::spawn(publisher::publish(Arc::clone(hub), driver.clone(), logged));
    driver
}

/// The calls that are not answered.
#[derive(Clone, Default)]
struct Flying(Arc<Mutex<HashSet<u64>>>);

impl Flying {
    fn set(&self, call: u64, flies: bool) {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if flies {
            calls.insert(call)
        } else {
            calls.remove(&call)
        };
    }

    fn has(&self, call: u64) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&call)
    }
}

/// The caller for a resource: a session of the stack's role, or the operation's caller through CloudFormation.
async fn caller(plane: &Arc<Hub>, actor: &Actor) -> Result<Caller, ServiceError> {
    match &actor.role {
        Some(role) => roles::session(plane, role).await,
        None => Ok(actor.caller.through(roles::SERVICE)),
    }
}

fn context(door: Door, identity: &StackIdentity, call: &Call) -> ResourceContext {
    ResourceContext {
        hub: door,
        stack_name: identity.name.clone(),
        stack_id: identity.id.clone(),
        logical_id: call.logical_id.clone(),
        update_policy: call.update_policy.clone(),
        rolling_back: call.rolling_back,
        tags: call.tags.clone(),
    }
}

async fn perform(
    plane: Arc<Hub>,
    identity: &StackIdentity,
    call: Call,
    lookup: ProviderLookup,
) -> Result<Option<Resource>, ServiceError> {
    let caller = caller(&plane, &call.actor).await?;
    let context = context(Door::new(&plane, caller), identity, &call);
    tracing::debug!(
        stack = context.stack_id,
        resource = context.logical_id,
        action = call.action.name(),
        "resource call"
    );
    let Some(provider) = lookup(&call.resource_type) else {
        return Err(ServiceError::not_implemented("cloudformation", &call.resource_type));
    };
    match &call.action {
        CallAction::Create { properties } => provider.create(&context, properties).await.map(Some),
        CallAction::Update { current, old, new } => provider.update(&context, current, old, new).await.map(Some),
        CallAction::Delete { current, properties } => {
            provider.delete(&context, current, properties).await.map(|()| None)
        }
    }
}

async fn cancel(plane: &Arc<Hub>, identity: &StackIdentity, call: &Call, lookup: ProviderLookup) {
    let Ok(caller) = caller(plane, &call.actor).await else { return };
    let context = context(Door::new(plane, caller), identity, call);
    let Some(provider) = lookup(&call.resource_type) else { return };
    match &call.action {
        CallAction::Create { properties } | CallAction::Update { new: properties, .. } => {
            provider.cancel(&context, properties).await;
        }
        CallAction::Delete { .. } => {}
    }
}
