//! Notes each call to an AWS service, as the SDK makes it.

use std::time::SystemTime;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};

use super::tracer::{Call, Tracer};

/// An interceptor for SDK clients: every call, its retries included, becomes a step of the request's trace.
#[derive(Debug)]
pub struct Calls(pub Tracer);

#[derive(Debug)]
struct Begun(SystemTime);

impl Storable for Begun {
    type Storer = StoreReplace<Self>;
}

impl Intercept for Calls {
    fn name(&self) -> &'static str {
        "Calls"
    }

    fn read_before_execution(
        &self,
        _context: &BeforeSerializationInterceptorContextRef<'_>,
        configuration: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        configuration.interceptor_state().store_put(Begun(SystemTime::now()));
        Ok(())
    }

    fn read_after_execution(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        configuration: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let (Some(begun), Some(metadata)) = (configuration.load::<Begun>(), configuration.load::<Metadata>()) {
            self.0.called(Call {
                id: fastrand::u64(1..),
                service: metadata.service().to_owned(),
                operation: metadata.name().to_owned(),
                begun: begun.0,
                ended: SystemTime::now(),
                failed: context.output_or_error().is_some_and(|outcome| outcome.is_err()),
            });
        }
        Ok(())
    }
}
