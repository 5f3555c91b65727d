//! DynamoDB, from a library: `awsim-dynamodb` on SQLite. This module is all that knows it (docs/adr/0007).

mod cancelled;

use std::sync::Arc;

use awsim_core::{RequestContext, ServiceHandler};
use awsim_dynamodb::DynamoDbService;
use futures::future::BoxFuture;

use self::cancelled::Asked;
use crate::core::{Hub, Reply, Request, Service, ServiceError};

/// What the library really does. It acknowledges more (exports, global tables, Kinesis) without doing the work.
/// `UpdateContinuousBackups` is kept as a setting: no restore is run.
const RUN: &[&str] = &[
    "BatchExecuteStatement",
    "BatchGetItem",
    "BatchWriteItem",
    "CreateTable",
    "DeleteItem",
    "DeleteTable",
    "DescribeContinuousBackups",
    "DescribeEndpoints",
    "DescribeLimits",
    "DescribeStream",
    "DescribeTable",
    "DescribeTimeToLive",
    "ExecuteStatement",
    "ExecuteTransaction",
    "GetItem",
    "GetRecords",
    "GetShardIterator",
    "ListStreams",
    "ListTables",
    "ListTagsOfResource",
    "PutItem",
    "Query",
    "Scan",
    "TagResource",
    "TransactGetItems",
    "TransactWriteItems",
    "UntagResource",
    "UpdateContinuousBackups",
    "UpdateItem",
    "UpdateTable",
    "UpdateTimeToLive",
];

/// How often items past their time to live are swept, in seconds. AWS promises days; tests want to see it happen.
const TTL_SWEEP_SECONDS: u64 = 30;

struct DynamoDb {
    library: DynamoDbService,
    hub: Arc<Hub>,
}

/// DynamoDB, with its tables under the plane's data directory.
pub fn service(hub: &Arc<Hub>) -> Arc<dyn Service> {
    let library = DynamoDbService::with_data_dir(hub.data_dir.join("dynamodb"));
    library.spawn_ttl_sweeper(TTL_SWEEP_SECONDS, 0);
    Arc::new(DynamoDb { library, hub: Arc::clone(hub) })
}

impl Service for DynamoDb {
    fn name(&self) -> &'static str {
        "dynamodb"
    }

    fn call(&self, request: Request) -> BoxFuture<'_, Reply> {
        Box::pin(async move {
            if !RUN.contains(&request.operation.as_str()) {
                return Err(ServiceError::not_implemented("dynamodb", &request.operation));
            }
            let identity = &self.hub.identity;
            let context = RequestContext::new_with_account("dynamodb", &identity.region, &identity.account);
            let input = request.input.into_value();
            let asked = Asked::of(&request.operation, &input);
            match self.library.handle(&request.operation, input, &context).await {
                Ok(reply) => Ok(reply),
                Err(mut error) => {
                    asked.complete(&self.library, &context, &mut error).await;
                    let extras = error.extras.unwrap_or_default();
                    let translated = ServiceError::new(error.code, error.message).with_status(error.status.as_u16());
                    Err(ServiceError { extras, ..translated })
                }
            }
        })
    }
}
