//! The REST paths of the operations, from the service's model (2015-03-31).
//!
//! Operations that are not run have routes too, so that they are refused by name.

use crate::core::Route;

const FUNCTIONS: &str = "/2015-03-31/functions";

macro_rules! function_path {
    ($date:literal, $rest:literal) => {
        concat!("/", $date, "/functions/{FunctionName}", $rest)
    };
}

const QUALIFIER: &[(&str, &str)] = &[("Qualifier", "Qualifier")];
const PAGES: &[(&str, &str)] = &[("Marker", "Marker"), ("MaxItems", "MaxItems")];
const POLICY: &[(&str, &str)] = &[("Qualifier", "Qualifier"), ("RevisionId", "RevisionId")];
const FUNCTION_PAGES: &[(&str, &str)] = &[
    ("MasterRegion", "MasterRegion"),
    ("FunctionVersion", "FunctionVersion"),
    ("Marker", "Marker"),
    ("MaxItems", "MaxItems"),
];

const INVOKE: Route = Route {
    method: "POST",
    path: function_path!("2015-03-31", "/invocations"),
    operation: "Invoke",
    query: QUALIFIER,
    headers: &[
        ("X-Amz-Invocation-Type", "InvocationType"),
        ("X-Amz-Log-Type", "LogType"),
        ("X-Amz-Client-Context", "ClientContext"),
        ("X-Amz-Durable-Execution-Name", "DurableExecutionName"),
        ("X-Amz-Tenant-Id", "TenantId"),
    ],
    body: Some("Payload"),
    reply_headers: &[
        ("X-Amz-Function-Error", "FunctionError"),
        ("X-Amz-Log-Result", "LogResult"),
        ("X-Amz-Executed-Version", "ExecutedVersion"),
    ],
    reply_body: Some("Payload"),
    status: 200,
};

/// Every operation on functions that has a path.
pub(super) const ROUTES: &[Route] = &[
    INVOKE,
    Route::new("POST", FUNCTIONS, "CreateFunction", 201),
    Route::new("GET", FUNCTIONS, "ListFunctions", 200).query(FUNCTION_PAGES),
    Route::new("GET", function_path!("2015-03-31", ""), "GetFunction", 200).query(QUALIFIER),
    Route::new("DELETE", function_path!("2015-03-31", ""), "DeleteFunction", 204).query(QUALIFIER),
    Route::new("GET", function_path!("2015-03-31", "/configuration"), "GetFunctionConfiguration", 200).query(QUALIFIER),
    Route::new("PUT", function_path!("2015-03-31", "/configuration"), "UpdateFunctionConfiguration", 200),
    Route::new("PUT", function_path!("2015-03-31", "/code"), "UpdateFunctionCode", 200),
    Route::new("POST", function_path!("2015-03-31", "/versions"), "PublishVersion", 201),
    Route::new("GET", function_path!("2015-03-31", "/versions"), "ListVersionsByFunction", 200).query(PAGES),
    Route::new("POST", function_path!("2015-03-31", "/aliases"), "CreateAlias", 201),
    Route::new("GET", function_path!("2015-03-31", "/aliases"), "ListAliases", 200).query(FUNCTION_PAGES),
    Route::new("GET", function_path!("2015-03-31", "/aliases/{Name}"), "GetAlias", 200),
    Route::new("PUT", function_path!("2015-03-31", "/aliases/{Name}"), "UpdateAlias", 200),
    Route::new("DELETE", function_path!("2015-03-31", "/aliases/{Name}"), "DeleteAlias", 204),
    Route::new("POST", function_path!("2015-03-31", "/policy"), "AddPermission", 201).query(QUALIFIER),
    Route::new("GET", function_path!("2015-03-31", "/policy"), "GetPolicy", 200).query(QUALIFIER),
    Route::new("DELETE", function_path!("2015-03-31", "/policy/{StatementId}"), "RemovePermission", 204).query(POLICY),
    Route::new("PUT", function_path!("2019-09-25", "/event-invoke-config"), "PutFunctionEventInvokeConfig", 200)
        .query(QUALIFIER),
    Route::new("POST", function_path!("2019-09-25", "/event-invoke-config"), "UpdateFunctionEventInvokeConfig", 200)
        .query(QUALIFIER),
    Route::new("GET", function_path!("2019-09-25", "/event-invoke-config"), "GetFunctionEventInvokeConfig", 200)
        .query(QUALIFIER),
    Route::new("DELETE", function_path!("2019-09-25", "/event-invoke-config"), "DeleteFunctionEventInvokeConfig", 204)
        .query(QUALIFIER),
    Route::new("GET", function_path!("2019-09-25", "/event-invoke-config/list"), "ListFunctionEventInvokeConfigs", 200)
        .query(PAGES),
    Route::new("PUT", function_path!("2017-10-31", "/concurrency"), "PutFunctionConcurrency", 200),
    Route::new("DELETE", function_path!("2017-10-31", "/concurrency"), "DeleteFunctionConcurrency", 204),
    Route::new("GET", function_path!("2019-09-30", "/concurrency"), "GetFunctionConcurrency", 200),
    Route::new("POST", "/2017-03-31/tags/{Resource}", "TagResource", 204),
    Route::new("DELETE", "/2017-03-31/tags/{Resource}", "UntagResource", 204).query(&[("tagKeys", "TagKeys")]),
    Route::new("GET", "/2017-03-31/tags/{Resource}", "ListTags", 200),
    Route::new("GET", "/2016-08-19/account-settings", "GetAccountSettings", 200),
    // Not run.
    Route::new("PUT", function_path!("2019-09-30", "/provisioned-concurrency"), "PutProvisionedConcurrencyConfig", 202)
        .query(QUALIFIER),
    Route::new("GET", function_path!("2019-09-30", "/provisioned-concurrency"), "GetProvisionedConcurrencyConfig", 200)
        .query(QUALIFIER),
    Route::new(
        "DELETE",
        function_path!("2019-09-30", "/provisioned-concurrency"),
        "DeleteProvisionedConcurrencyConfig",
        204,
    )
    .query(QUALIFIER),
    Route::new("POST", function_path!("2014-11-13", "/invoke-async"), "InvokeAsync", 202),
    Route::new(
        "POST",
        function_path!("2021-11-15", "/response-streaming-invocations"),
        "InvokeWithResponseStream",
        200,
    ),
    Route::new("POST", function_path!("2021-10-31", "/url"), "CreateFunctionUrlConfig", 201),
    Route::new("GET", function_path!("2021-10-31", "/url"), "GetFunctionUrlConfig", 200),
    Route::new("PUT", function_path!("2021-10-31", "/url"), "UpdateFunctionUrlConfig", 200),
    Route::new("DELETE", function_path!("2021-10-31", "/url"), "DeleteFunctionUrlConfig", 204),
    Route::new("GET", function_path!("2021-10-31", "/urls"), "ListFunctionUrlConfigs", 200),
    Route::new("PUT", function_path!("2021-07-20", "/runtime-management-config"), "PutRuntimeManagementConfig", 200),
    Route::new("GET", function_path!("2021-07-20", "/runtime-management-config"), "GetRuntimeManagementConfig", 200),
    Route::new("PUT", function_path!("2024-08-31", "/recursion-config"), "PutFunctionRecursionConfig", 200),
    Route::new("GET", function_path!("2024-08-31", "/recursion-config"), "GetFunctionRecursionConfig", 200),
    Route::new("PUT", function_path!("2020-06-30", "/code-signing-config"), "PutFunctionCodeSigningConfig", 200),
    Route::new("GET", function_path!("2020-06-30", "/code-signing-config"), "GetFunctionCodeSigningConfig", 200),
    Route::new("DELETE", function_path!("2020-06-30", "/code-signing-config"), "DeleteFunctionCodeSigningConfig", 204),
    Route::new("POST", "/2015-03-31/event-source-mappings", "CreateEventSourceMapping", 202),
    Route::new("GET", "/2015-03-31/event-source-mappings", "ListEventSourceMappings", 200),
    Route::new("GET", "/2015-03-31/event-source-mappings/{UUID}", "GetEventSourceMapping", 200),
    Route::new("PUT", "/2015-03-31/event-source-mappings/{UUID}", "UpdateEventSourceMapping", 202),
    Route::new("DELETE", "/2015-03-31/event-source-mappings/{UUID}", "DeleteEventSourceMapping", 202),
    Route::new("POST", "/2018-10-31/layers/{LayerName}/versions", "PublishLayerVersion", 201),
    Route::new("GET", "/2018-10-31/layers/{LayerName}/versions", "ListLayerVersions", 200),
    Route::new("GET", "/2018-10-31/layers", "ListLayers", 200),
];
