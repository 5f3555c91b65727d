//! A service of two operations and a private door, behind Parameter Store's model.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::{Modelled, Operation, Table};
use crate::core::testing::{ask, hub};
use crate::core::{Authority, Caller, Issued, Principal, Question, Request, Service, ServiceError};
use crate::model::Dialect;

struct Store;

static TABLE: Table<Store> = Table::new("ssm", Dialect::Listed("ValidationException"), &[READS, DOORS]);

const READS: &[Operation<Store>] = &[
    Operation::now("GetParameter", "Name", |_, request| {
        Ok(json!({ "Parameter": { "Name": request.input.str("Name")? } }))
    })
    .on("parameter/{Name}"),
    Operation::later("GetParametersByPath", "Path MaxResults", |_, request| {
        Box::pin(async { Ok(json!({ "Parameters": [{ "Value": request.input.opt_i64("MaxResults") }] })) })
    }),
    Operation::now("DeleteParameter", "Name", |_, _| Err(ServiceError::new("ParameterNotFound", "no parameter"))),
];
const DOORS: &[Operation<Store>] = &[Operation::private("Observe", |_, _| Ok(json!({})))];

fn service() -> Modelled<Store> {
    Modelled::new(&hub(), Store, &TABLE)
}

async fn refused(operation: &str, input: Value) -> (String, String) {
    let error = ask(&service(), operation, input).await.unwrap_err();
    (error.code, error.message)
}

#[tokio::test]
async fn what_is_honoured_is_run() {
    let reply = ask(&service(), "GetParameter", json!({ "Name": "/a", "WithDecryption": false })).await.unwrap();
    assert_eq!(reply, json!({ "Parameter": { "Name": "/a" } }));
}

#[tokio::test]
async fn a_member_that_is_not_honoured_is_named() {
    let (code, message) = refused("GetParameter", json!({ "Name": "/a", "WithDecryption": true })).await;
    assert_eq!(code, "NotImplemented");
    assert!(message.contains("ssm:GetParameter with WithDecryption"), "{message}");
}

#[tokio::test]
async fn the_models_constraints_come_before_the_members() {
    let (code, message) =
        refused("GetParametersByPath", json!({ "Recursive": true, "Path": "/", "MaxResults": 11 })).await;
    assert_eq!(code, "ValidationException");
    let rule =
        "Value '11' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 10";
    assert_eq!(message, format!("1 validation error detected: {rule}"));
}

#[tokio::test]
async fn an_operation_is_run_or_named_or_unknown() {
    assert_eq!(refused("CreateDocument", json!({})).await.0, "NotImplemented");
    assert_eq!(refused("CreateDokument", json!({})).await.0, "UnknownOperationException");
    assert_eq!(refused("Observe", json!({})).await.0, "UnknownOperationException");
    let opened = service().call(Request::within("Observe", json!({}), Principal::Plane.into())).await;
    assert_eq!(opened, Ok(json!({})));
}

#[tokio::test]
async fn services_may_spell_numbers_as_text_and_clients_may_not() {
    let input = json!({ "Path": "/", "MaxResults": "5" });
    assert_eq!(refused("GetParametersByPath", input.clone()).await.0, "SerializationException");
    let reply = service().call(Request::within("GetParametersByPath", input, Caller::root())).await.unwrap();
    assert_eq!(reply, json!({ "Parameters": [{ "Value": 5 }] }));
}

/// Lets nobody do anything and remembers who wanted what.
#[derive(Default)]
struct Nobody(Mutex<Vec<(String, Vec<String>)>>);

impl Authority for Nobody {
    fn issued(&self, _: &str) -> Option<Issued> {
        None
    }

    fn decide(&self, question: &Question<'_>) -> Result<(), ServiceError> {
        self.0.lock().unwrap().push((question.action.to_owned(), question.resources.to_vec()));
        Err(ServiceError::new("AccessDeniedException", "no"))
    }
}

#[tokio::test]
async fn every_call_but_the_planes_own_is_decided() {
    let (hub, nobody) = (hub(), Arc::new(Nobody::default()));
    hub.set_authority(Arc::clone(&nobody) as Arc<dyn Authority>);
    let service = Modelled::new(&hub, Store, &TABLE);
    let denied = ask(&service, "GetParameter", json!({ "Name": "/a" })).await.unwrap_err();
    assert!(denied.is("AccessDeniedException"));
    let asked = ("ssm:GetParameter".to_owned(), vec!["arn:aws:ssm:us-east-1:000000000000:parameter/a".to_owned()]);
    assert_eq!(nobody.0.lock().unwrap().as_slice(), [asked]);
    let own = Request::within("GetParameter", json!({ "Name": "/a" }), Principal::Plane.into());
    assert!(service.call(own).await.is_ok());
}
