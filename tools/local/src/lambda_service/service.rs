//! The operations by name.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use futures::future::BoxFuture;

use super::code::CodeStore;
use super::event_queue::EventQueue;
use super::execution::{Host, Limits};
use super::metrics::Metrics;
use super::registry::Registry;
use crate::core::{Driver, Hub, Reply, Request, Service, ServiceError};

/// Lambda: what exists, and what runs it.
#[derive(Debug)]
pub(super) struct Lambda {
    pub(super) hub: Arc<Hub>,
    pub(super) code: Arc<CodeStore>,
    pub(super) host: Arc<Host>,
    pub(super) metrics: Metrics,
    registry: Mutex<Registry>,
    queue: OnceLock<Driver<EventQueue>>,
}

impl Lambda {
    /// Lambda on this machine, with the queue of asynchronous invocations running in plane time.
    pub(super) fn start(hub: &Arc<Hub>, limits: Limits) -> Arc<Self> {
        let lambda = Arc::new(Self {
            hub: Arc::clone(hub),
            code: Arc::new(CodeStore::new(hub.data_dir.join("lambda").join("code"))),
            host: Host::start(hub, limits),
            metrics: Metrics::start(hub),
            registry: Mutex::default(),
            queue: OnceLock::new(),
        });
        let acting = Arc::downgrade(&lambda);
        let queue = Driver::start(EventQueue::default(), hub.clock.clone(), move |effect| match acting.upgrade() {
            Some(lambda) => lambda.act(effect),
            None => Box::pin(std::future::ready(Vec::new())),
        });
        let _ = lambda.queue.set(queue);
        lambda
    }

    pub(super) fn registry(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn queue(&self) -> Result<&Driver<EventQueue>, ServiceError> {
        self.queue.get().ok_or_else(|| ServiceError::internal("Lambda has not started"))
    }

    async fn answer(self: &Arc<Self>, request: Request) -> Reply {
        let input = &request.input;
        match request.operation.as_str() {
            "Invoke" => self.invoke(input).await,
            "CreateFunction" => self.create_function(input).await,
            "GetFunction" => self.get_function(input),
            "GetFunctionConfiguration" => self.get_function_configuration(input),
            "UpdateFunctionCode" => self.update_function_code(input).await,
            "UpdateFunctionConfiguration" => self.update_function_configuration(input).await,
            "DeleteFunction" => self.delete_function(input),
            "ListFunctions" => self.list_functions(input),
            "PublishVersion" => self.publish_version(input),
            "ListVersionsByFunction" => self.list_versions_by_function(input),
            "CreateAlias" => self.create_alias(input),
            "GetAlias" => self.get_alias(input),
            "UpdateAlias" => self.update_alias(input),
            "DeleteAlias" => self.delete_alias(input),
            "ListAliases" => self.list_aliases(input),
            "AddPermission" => self.add_permission(input),
            "RemovePermission" => self.remove_permission(input),
            "GetPolicy" => self.get_policy(input),
            "PutFunctionEventInvokeConfig" => self.put_function_event_invoke_config(input),
            "GetFunctionEventInvokeConfig" => self.get_function_event_invoke_config(input),
            "UpdateFunctionEventInvokeConfig" => self.update_function_event_invoke_config(input),
            "DeleteFunctionEventInvokeConfig" => self.delete_function_event_invoke_config(input),
            "ListFunctionEventInvokeConfigs" => self.list_function_event_invoke_configs(input),
            "PutFunctionConcurrency" => self.put_function_concurrency(input),
            "GetFunctionConcurrency" => self.get_function_concurrency(input),
            "DeleteFunctionConcurrency" => self.delete_function_concurrency(input),
            "TagResource" => self.tag_resource(input),
            "UntagResource" => self.untag_resource(input),
            "ListTags" => self.list_tags(input),
            "GetAccountSettings" => self.get_account_settings(),
            other => Err(ServiceError::not_implemented("lambda", other)),
        }
    }
}

/// The service as the hub holds it.
#[derive(Debug)]
pub(super) struct LambdaService(pub(super) Arc<Lambda>);

impl Service for LambdaService {
    fn name(&self) -> &'static str {
        "lambda"
    }

    fn call(&self, request: Request) -> BoxFuture<'_, Reply> {
        Box::pin(self.0.answer(request))
    }

    fn shutdown(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.0.host.shut_down())
    }
}
