//! The limits of concurrent invocations: reserved per function, the rest shared.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use super::code::{MAX_INLINE_ZIP, MAX_UNZIPPED};
use super::errors::{function_not_found, throttled, untyped};
use super::functions::{functions_only, unqualified};
use super::names::{FunctionRef, LATEST};
use super::registry::{ACCOUNT_LIMIT, Registry, arn};
use super::state::Lambda;
use crate::core::{Input, Reply, ServiceError};
use crate::operations::Operation;

const NOT_RESERVABLE: usize = 100;

/// A place to run in. Dropping it frees the place.
#[derive(Debug)]
pub(super) struct Permit(Vec<Arc<AtomicUsize>>);

impl Drop for Permit {
    fn drop(&mut self) {
        for counter in &self.0 {
            counter.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl Permit {
    /// Takes a place for one more invocation of a function. Callers hold the registry, so that nothing is counted
    /// between the look and the taking.
    pub(super) fn take(registry: &Registry, function: &str) -> Result<Self, ServiceError> {
        let function = registry.functions.get(function).ok_or_else(|| function_not_found(function))?;
        let mut counters = vec![Arc::clone(&function.running)];
        let limit = match function.reserved {
            Some(reserved) => reserved,
            None => {
                if registry.unreserved.load(Ordering::Relaxed) >= registry.unreserved_limit() {
                    return Err(throttled("ConcurrentInvocationLimitExceeded"));
                }
                counters.push(Arc::clone(&registry.unreserved));
                usize::MAX
            }
        };
        if function.running.load(Ordering::Relaxed) >= limit {
            return Err(throttled("ReservedFunctionConcurrentInvocationLimitExceeded"));
        }
        for counter in &counters {
            counter.fetch_add(1, Ordering::Relaxed);
        }
        Ok(Self(counters))
    }
}

/// Operations on concurrency, and the account that it is a share of.
pub(super) const OPERATIONS: &[Operation<Arc<Lambda>>] = &[
    Operation::now("PutFunctionConcurrency", "*", |lambda: &Arc<Lambda>, request| {
        lambda.put_function_concurrency(&request.input)
    })
    .on_found(Lambda::resource),
    Operation::now("GetFunctionConcurrency", "*", |lambda: &Arc<Lambda>, request| {
        lambda.get_function_concurrency(&request.input)
    })
    .on_found(Lambda::resource),
    Operation::now("DeleteFunctionConcurrency", "*", |lambda: &Arc<Lambda>, request| {
        lambda.delete_function_concurrency(&request.input)
    })
    .on_found(Lambda::resource),
    Operation::now("GetAccountSettings", "*", |lambda: &Arc<Lambda>, _| lambda.get_account_settings()),
];

impl Lambda {
    fn put_function_concurrency(&self, input: &Input) -> Reply {
        let named = self.without_qualifier(input)?;
        let asked = input.opt_i64("ReservedConcurrentExecutions").unwrap_or_default();
        let reserved = usize::try_from(asked).unwrap_or_default();
        let mut registry = self.registry();
        let latest = || function_not_found(&arn(&self.hub, &named.name, Some(LATEST)));
        let held = registry.functions.get(&named.name).ok_or_else(latest)?.reserved.unwrap_or_default();
        if registry.unreserved_limit() + held < reserved + NOT_RESERVABLE {
            return Err(untyped(format!(
                "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [{NOT_RESERVABLE}]."
            )));
        }
        registry.function_mut(&self.hub, &named)?.reserved = Some(reserved);
        Ok(json!({ "ReservedConcurrentExecutions": reserved }))
    }

    fn get_function_concurrency(&self, input: &Input) -> Reply {
        let named = unqualified(input, self)?;
        let reserved = self.registry().function(&self.hub, &named)?.reserved;
        Ok(reserved.map_or_else(|| json!({}), |reserved| json!({ "ReservedConcurrentExecutions": reserved })))
    }

    fn delete_function_concurrency(&self, input: &Input) -> Reply {
        let named = unqualified(input, self)?;
        self.registry().function_mut(&self.hub, &named)?.reserved = None;
        Ok(json!({}))
    }

    /// The function that is reserved for. `$LATEST` is a qualifier too.
    fn without_qualifier(&self, input: &Input) -> Result<FunctionRef, ServiceError> {
        let named = unqualified(input, self)?;
        if named.qualifier.is_some() { Err(functions_only()) } else { Ok(named) }
    }

    fn get_account_settings(&self) -> Reply {
        let registry = self.registry();
        let sizes = registry.functions.values().flat_map(|f| f.all_versions()).map(|v| v.runnable.program.code.size);
        Ok(json!({
            "AccountLimit": {
                "TotalCodeSize": 80_530_636_800_u64,
                "CodeSizeUnzipped": MAX_UNZIPPED,
                "CodeSizeZipped": MAX_INLINE_ZIP,
                "ConcurrentExecutions": ACCOUNT_LIMIT,
                "UnreservedConcurrentExecutions": registry.unreserved_limit(),
            },
            "AccountUsage": { "TotalCodeSize": sizes.sum::<usize>(), "FunctionCount": registry.functions.len() },
        }))
    }
}
