//! DynamoDB in a crowd, as an emulator hardly ever is: requests in each other's way, too little capacity, lost answers.

mod wire;

use jiff::Timestamp;
use serde_json::{Value, json};
use slipway_shared::call::CallError;

use self::wire::{Request, Wire, cancelled};
use super::super::{CreateContact, Created, ListContacts, Once, RemoveContact, ReplaceContact, StoreError, WriteError};
use crate::domain::{Contact, Fields, Listing, Names, Order, OrderKey, Owner};

fn contact(given: &str) -> Contact {
    let names = Names { given: Some(given.to_owned()), ..Names::default() };
    Contact::new(Owner::subject("ada"), Fields { names, ..Fields::default() }, Timestamp::from_second(1_000).unwrap())
}

fn renamed(contact: &Contact, given: &str) -> Contact {
    contact.revised(self::contact(given).fields, contact.updated_at)
}

fn once() -> Once {
    Once { key: "k".into(), fingerprint: "f".into(), expires_at: Timestamp::from_second(2_000).unwrap() }
}

fn by_name() -> Listing {
    Listing::new(None, Order { key: OrderKey::Name, descending: false }, None, 10).unwrap()
}

/// A contact's item as it was written by `request`, at a position of its transaction.
fn written(request: &Request, position: usize) -> Value {
    request.body["TransactItems"][position]["Put"]["Item"].clone()
}

#[tokio::test(start_paused = true)]
async fn a_transaction_that_met_another_is_tried_again_as_the_same_write() {
    let conflict = cancelled(json!([{ "Code": "None" }, { "Code": "TransactionConflict" }]));
    let in_progress = json!({ "__type": "com.amazonaws.dynamodb.v20120810#TransactionInProgressException" });
    let wire = Wire::answering_in_turn(vec![conflict, (400, in_progress), (200, json!({}))]);
    assert_eq!(wire.store().create(&contact("Ada"), None).await.unwrap(), Created::New);
    let seen = wire.seen();
    assert!(seen.len() == 3 && seen.iter().all(|request| request.body == seen[0].body), "{seen:?}");
    assert!(seen[0].body["ClientRequestToken"].is_string());
}

#[tokio::test(start_paused = true)]
async fn a_transaction_that_always_meets_another_is_a_conflict() {
    let wire = Wire::answering_in_turn(vec![cancelled(json!([{ "Code": "TransactionConflict" }]))]);
    assert!(matches!(wire.store().create(&contact("Ada"), None).await, Err(WriteError::Conflict)));
    assert_eq!(wire.seen().len(), 7);
}

#[tokio::test(start_paused = true)]
async fn too_little_capacity_is_throttling_after_some_attempts() {
    for code in ["ThrottlingError", "ProvisionedThroughputExceeded"] {
        let wire = Wire::answering_in_turn(vec![cancelled(json!([{ "Code": "None" }, { "Code": code }]))]);
        let refused = wire.store().remove(&contact("Ada")).await;
        let throttled = matches!(refused, Err(WriteError::Store(StoreError::Call(CallError::Throttled { .. }))));
        assert!(throttled && wire.seen().len() == 7, "{refused:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_nobody_provided_for_is_not_tried_again() {
    let wire = Wire::answering_in_turn(vec![cancelled(json!([{ "Code": "ValidationError" }]))]);
    let refused = wire.store().create(&contact("Ada"), None).await;
    assert!(matches!(refused, Err(WriteError::Store(StoreError::Call(CallError::Unexpected { .. })))));
    assert_eq!(wire.seen().len(), 1);
}

/// A condition counts, also when another item was in a transaction's way.
#[tokio::test(start_paused = true)]
async fn a_contact_that_is_not_as_it_was_read_is_gone_or_changed() {
    let (before, after) = (contact("Ada"), renamed(&contact("Ada"), "Augusta"));
    let failed = json!({ "Code": "ConditionalCheckFailed" });
    let changed = json!({ "Code": "ConditionalCheckFailed", "Item": { "revision": { "N": "2" } } });
    for (reason, conflict) in [(failed, false), (changed, true)] {
        let wire = Wire::answering_in_turn(vec![cancelled(json!([reason, { "Code": "TransactionConflict" }]))]);
        for refused in [wire.store().replace(&before, &after).await, wire.store().remove(&before).await] {
            match refused {
                Err(WriteError::Conflict) => assert!(conflict),
                Err(WriteError::Missing) => assert!(!conflict),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(wire.seen().len(), 2);
    }
}

#[tokio::test]
async fn the_position_of_a_reason_tells_a_contact_that_exists_from_a_key_that_was_used() {
    let exists = cancelled(json!([{ "Code": "ConditionalCheckFailed" }, { "Code": "None" }, { "Code": "None" }]));
    let refused = Wire::answering_in_turn(vec![exists]).store().create(&contact("Ada"), Some(&once())).await;
    assert!(matches!(refused, Err(WriteError::Exists)));

    let first = contact("First");
    let wire = Wire::answering_in_turn(vec![(200, json!({}))]);
    wire.store().create(&first, Some(&once())).await.unwrap();
    let record = written(&wire.seen()[0], 1);
    let used = json!({ "Code": "ConditionalCheckFailed", "Item": record });
    let both = cancelled(json!([{ "Code": "ConditionalCheckFailed" }, used, { "Code": "None" }]));
    let store = Wire::answering_in_turn(vec![both]).store();
    let replayed = store.create(&contact("Second"), Some(&once())).await.unwrap();
    assert_eq!(replayed, Created::Replayed(Box::new(first)));
    let other = Once { fingerprint: "other".into(), ..once() };
    assert!(matches!(store.create(&contact("Second"), Some(&other)).await, Err(WriteError::KeyReused)));
}

/// The SDK sends a request again when its answer is lost.
#[tokio::test(start_paused = true)]
async fn a_write_that_meets_its_own_repetition_was_done() {
    let failed = |item: Value| {
        let kind = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException";
        (400, json!({ "__type": kind, "Item": item }))
    };
    let before = contact("Ada");
    let after = renamed(&before, "Ada");
    let mut lost = true;
    let own = Wire::answering(move |request| {
        if std::mem::take(&mut lost) { (500, json!({})) } else { failed(request.body["Item"].clone()) }
    });
    own.store().replace(&before, &after).await.unwrap();
    assert_eq!(own.seen().iter().map(|request| request.operation.as_str()).collect::<Vec<_>>(), ["PutItem"; 2]);

    // The same contents, of somebody else at the same moment.
    let others = Wire::answering(move |request| {
        let mut item = request.body["Item"].clone();
        item["write"] = json!({ "S": "another's" });
        failed(item)
    });
    assert!(matches!(others.store().replace(&before, &after).await, Err(WriteError::Conflict)));
}

/// Answers a query with entries of all of `items`, and a batch with the first of the keys that it names.
fn reluctant(items: Vec<Value>) -> Wire {
    Wire::answering(move |request| match request.operation.as_str() {
        "Query" => (200, json!({ "Items": items.clone() })),
        _ => {
            let mut keys = request.body["RequestItems"]["contacts"]["Keys"].as_array().unwrap().clone();
            let key = keys.remove(0);
            let found: Vec<&Value> = items.iter().filter(|item| item["sk"] == key["sk"]).collect();
            let left = if keys.is_empty() { json!({}) } else { json!({ "contacts": { "Keys": keys } }) };
            (200, json!({ "Responses": { "contacts": found }, "UnprocessedKeys": left }))
        }
    })
}

async fn items_of(contacts: &[Contact]) -> Vec<Value> {
    let wire = Wire::answering_in_turn(vec![(200, json!({}))]);
    for contact in contacts {
        wire.store().create(contact, None).await.unwrap();
    }
    wire.seen().iter().map(|request| written(request, 0)).collect()
}

#[tokio::test(start_paused = true)]
async fn what_a_batch_leaves_over_is_asked_for_again() {
    let contacts = ["Ada", "Babbage", "Clement"].map(contact);
    let wire = reluctant(items_of(&contacts).await);
    let page = wire.store().list(&Owner::subject("ada"), &by_name()).await.unwrap();
    assert_eq!((page.contacts.as_slice(), page.next), (contacts.as_slice(), None));
    let asked: Vec<usize> = wire.seen()[1..]
        .iter()
        .map(|request| request.body["RequestItems"]["contacts"]["Keys"].as_array().unwrap().len())
        .collect();
    assert_eq!(asked, [3, 2, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_leaves_something_over_all_the_time_is_throttled() {
    let contacts: Vec<Contact> = (0..9).map(|n| contact(&n.to_string())).collect();
    let wire = reluctant(items_of(&contacts).await);
    let refused = wire.store().list(&Owner::subject("ada"), &by_name()).await;
    assert!(matches!(refused, Err(StoreError::Call(CallError::Throttled { .. }))), "{refused:?}");
}

/// DynamoDB ends an answer at one megabyte, and may then find that nothing was left.
#[tokio::test]
async fn an_answer_that_ends_early_is_not_the_end_of_a_page() {
    let contacts = ["Ada", "Babbage"].map(contact);
    let items = items_of(&contacts).await;
    let wire = Wire::answering(move |request| match request.operation.as_str() {
        "Query" => match request.body["ExclusiveStartKey"].get("sk") {
            None => (200, json!({ "Items": [items[0]], "LastEvaluatedKey": items[0] })),
            Some(after) if items[0]["sk"] == *after => {
                (200, json!({ "Items": [items[1]], "LastEvaluatedKey": items[1] }))
            }
            Some(_) => (200, json!({ "Items": [] })),
        },
        _ => (200, json!({ "Responses": { "contacts": items.clone() } })),
    });
    let page = wire.store().list(&Owner::subject("ada"), &by_name()).await.unwrap();
    assert_eq!((page.contacts.as_slice(), page.next), (contacts.as_slice(), None));
}
