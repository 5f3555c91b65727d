//! The service: the table of its operations.

use std::sync::Arc;

use super::state::{ApiGateway, Shared};
use super::{api_operations, definition_operations, resource_tags, stage_operations};
use crate::core::{Hub, Service};
use crate::model::Dialect;
use crate::operations::{Modelled, Table};

/// API Gateway's own words are for each fault another; its model has hardly a constraint.
static TABLE: Table<ApiGateway> = Table::new(
    "apigateway",
    Dialect::Own,
    &[
        api_operations::OPERATIONS,
        definition_operations::OPERATIONS,
        stage_operations::OPERATIONS,
        resource_tags::OPERATIONS,
    ],
);

/// The service for the plane. Its end closes every front door.
pub fn service(hub: &Arc<Hub>) -> Arc<dyn Service> {
    let state = ApiGateway { hub: Arc::clone(hub), shared: Shared::default() };
    Arc::new(Modelled::new(hub, state, &TABLE).ending(|state| {
        // An API's door closes when the API is dropped.
        state.apis().clear();
        Box::pin(async {})
    }))
}
