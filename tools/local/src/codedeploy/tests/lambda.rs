//! A Lambda that has one function's alias and hooks, behind Lambda's model and IAM.

use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::core::{Hub, Input, Reply, Service, ServiceError};
use crate::model::Dialect;
use crate::operations::{Modelled, Operation, Table};

/// The function `api` with the versions 1 and 2 and the alias `live`, and every hook.
pub(super) struct Aliases {
    alias: Mutex<(String, Value, u64)>,
    /// The changes of the alias: version and weights.
    pub(super) changes: Mutex<Vec<(String, Value)>>,
    /// The hooks that were invoked, with what they were told.
    pub(super) invoked: Mutex<Vec<Value>>,
}

type Declared = Operation<Arc<Aliases>>;

static TABLE: Table<Arc<Aliases>> = Table::new("lambda", Dialect::Listed("ValidationException"), &[OPERATIONS]);

const OPERATIONS: &[Declared] = &[
    Declared::now("GetFunctionConfiguration", "*", |_, request| match request.input.str("Qualifier")? {
        "1" | "2" => Ok(json!({})),
        _ => Err(ServiceError::new("ResourceNotFoundException", "no such version").with_status(404)),
    }),
    Declared::now("GetAlias", "*", |aliases, _| {
        let (version, weights, revision) = &*aliases.alias.lock().unwrap();
        Ok(json!({ "FunctionVersion": version, "RevisionId": revision.to_string(),
            "RoutingConfig": { "AdditionalVersionWeights": weights } }))
    })
    .on("function:{FunctionName}:{Name}"),
    Declared::now("UpdateAlias", "*", |aliases, request| aliases.update(&request.input))
        .on("function:{FunctionName}:{Name}"),
    Declared::now("Invoke", "*", |aliases, request| aliases.invoke(&request.input))
        .on("function:{FunctionName}")
        .called(&["lambda:InvokeFunction"]),
];

impl Aliases {
    pub(super) fn service(hub: &Arc<Hub>) -> (Arc<Self>, Arc<dyn Service>) {
        let aliases = Arc::new(Self {
            alias: Mutex::new(("1".to_owned(), json!({}), 0)),
            changes: Mutex::default(),
            invoked: Mutex::default(),
        });
        let service = Modelled::new(hub, Arc::clone(&aliases), &TABLE);
        (aliases, Arc::new(service))
    }

    /// Version and weights of the alias.
    pub(super) fn alias(&self) -> (String, Value) {
        let alias = self.alias.lock().unwrap();
        (alias.0.clone(), alias.1.clone())
    }

    fn update(&self, input: &Input) -> Reply {
        let mut alias = self.alias.lock().unwrap();
        if input.opt_str("RevisionId") != Some(alias.2.to_string().as_str()) {
            return Err(ServiceError::new("PreconditionFailedException", "another revision").with_status(412));
        }
        let weights = input.object("RoutingConfig").get("AdditionalVersionWeights").cloned().unwrap_or_default();
        *alias = (input.str("FunctionVersion")?.to_owned(), weights, alias.2 + 1);
        self.changes.lock().unwrap().push((alias.0.clone(), alias.1.clone()));
        Ok(json!({}))
    }

    fn invoke(&self, input: &Input) -> Reply {
        let payload = STANDARD.decode(input.str("Payload")?).unwrap();
        let event: Value = serde_json::from_slice(&payload).unwrap();
        let (function, kind) = (input.str("FunctionName")?, input.str("InvocationType")?);
        self.invoked.lock().unwrap().push(json!({ "function": function, "type": kind, "event": event }));
        Ok(json!({ "StatusCode": 202 }))
    }
}
