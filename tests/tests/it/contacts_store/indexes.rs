//! The table's indexes, and entries in them that are behind the table, as DynamoDB's may be: here they are written by hand.

use anyhow::{Context as _, Result, ensure};
use contacts_api::domain::{Contact, Fields, Filter, Listing, Names, Order, OrderKey, Owner, Term};
use contacts_api::store::{CreateContact as _, ListContacts as _};
use jiff::Timestamp;
use serde_json::{Value, json};
use slipway_local::Plane;
use slipway_local::core::Caller;

use super::{TABLE, started};

const SEPARATOR: char = '\u{1f}';

fn tagged(owner: &Owner, tag: &str, second: i64) -> Result<Contact> {
    let names = Names { given: Some(format!("Name {second}")), ..Names::default() };
    let fields = Fields { names, tags: vec![tag.to_owned()], ..Fields::default() };
    Ok(Contact::new(owner.clone(), fields, Timestamp::from_second(second)?))
}

async fn dynamodb(plane: &Plane, operation: &str, mut input: Value) -> Result<Value> {
    input["TableName"] = json!(TABLE);
    plane.hub().call_as(&Caller::root(), "dynamodb", operation, input).await.with_context(|| operation.to_owned())
}

/// Writes the item of a tag, which a contact may have or not.
async fn put_tag(plane: &Plane, contact: &Contact, tag: &str) -> Result<()> {
    let (owner, id) = (format!("OWNER#{}", contact.owner.as_str()), contact.id);
    let item = json!({
        "pk": { "S": owner },
        "sk": { "S": format!("TERM#{id}#TAG#{tag}") },
        "gsi1pk": { "S": format!("TERM#TAG#{owner}") },
        "gsi1sk": { "S": format!("{tag}{SEPARATOR}{id}") },
    });
    dynamodb(plane, "PutItem", json!({ "Item": item })).await.map(|_| ())
}

#[tokio::test]
async fn the_table_has_its_indexes_and_a_time_to_live() -> Result<()> {
    let (plane, _) = started().await?;
    let described = dynamodb(&plane, "DescribeTable", json!({})).await?;
    let indexes = described.pointer("/Table/GlobalSecondaryIndexes").and_then(Value::as_array);
    let mut names: Vec<&str> = indexes.into_iter().flatten().filter_map(|index| index["IndexName"].as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["gsi1", "gsi2"]);
    let expiring = dynamodb(&plane, "DescribeTimeToLive", json!({})).await?;
    let expected = json!({ "AttributeName": "expiresAt", "TimeToLiveStatus": "ENABLED" });
    assert_eq!(expiring["TimeToLiveDescription"], expected);
    plane.shutdown().await;
    Ok(())
}

#[tokio::test]
async fn a_search_passes_over_entries_of_what_is_no_more_and_fills_its_pages() -> Result<()> {
    let (plane, store) = started().await?;
    let owner = Owner::subject("indexes");
    let mut expected = Vec::new();
    for second in 1..=7 {
        let contact = tagged(&owner, &format!("tag {second}"), second)?;
        // Every other contact is gone, but its entry is still there; of the rest, each has an entry of a tag that it lost.
        if second % 2 == 0 {
            put_tag(&plane, &contact, &format!("tag {second}")).await?;
        } else {
            store.create(&contact, None).await?;
            put_tag(&plane, &contact, &format!("tag {second} lost")).await?;
            expected.push(contact);
        }
    }
    for limit in 1..=5 {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let listing = Listing::new(Filter::new(Term::Tag, "tag"), Order::default(), after, limit)?;
            let page = store.list(&owner, &listing).await?;
            let full = page.contacts.len() == usize::from(limit);
            ensure!(full || page.next.is_none(), "a page of {} in pages of {limit}", page.contacts.len());
            found.extend(page.contacts);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(found, expected, "in pages of {limit}");
    }
    plane.shutdown().await;
    Ok(())
}

#[tokio::test]
async fn an_order_shows_a_contact_whose_entry_is_behind() -> Result<()> {
    let (plane, store) = started().await?;
    let owner = Owner::subject("indexes");
    let contact = tagged(&owner, "tag", 2)?;
    store.create(&contact, None).await?;
    let behind = json!({
        "Key": {
            "pk": { "S": format!("OWNER#{}", owner.as_str()) },
            "sk": { "S": format!("CONTACT#{}", contact.id) },
        },
        "UpdateExpression": "SET gsi2sk = :old",
        "ExpressionAttributeValues": {
            ":old": { "S": format!("1970-01-01T00:00:01.000Z{SEPARATOR}{}", contact.id) },
        },
    });
    dynamodb(&plane, "UpdateItem", behind).await?;
    let order = Order { key: OrderKey::UpdatedAt, descending: true };
    let page = store.list(&owner, &Listing::new(None, order, None, 10)?).await?;
    assert_eq!(page.contacts, [contact]);
    plane.shutdown().await;
    Ok(())
}
