//! Many contacts at once.

use futures::TryStreamExt as _;

use super::super::{Created, Once, Store, WriteError, create_many, pages};
use super::once::key;
use super::samples::{Walk, contact, ids, named, somebody};
use crate::domain::{Contact, Order, OrderKey, Page};

pub(super) async fn try_all(store: &(impl Store + Clone + Send + Sync)) -> Result<(), WriteError> {
    tells_of_each_what_became_of_it(store).await?;
    creates_what_an_import_did_not_the_first_time(store).await?;
    walks_through_more_than_one_page(store).await
}

async fn tells_of_each_what_became_of_it(store: &(impl Store + Clone + Send + Sync)) -> Result<(), WriteError> {
    let owner = somebody();
    let mut all: Vec<(Contact, Option<Once>)> =
        (0..12).map(|index| (contact(&owner, named("Imported"), index), None)).collect();
    store.create(&all[5].0, None).await?;
    all[5].0.fields = named("There before");
    let results = create_many(store, &all).await;
    assert_eq!(results.len(), all.len());
    for (index, result) in results.iter().enumerate() {
        let expected = if index == 5 { matches!(result, Err(WriteError::Exists)) } else { result.is_ok() };
        assert!(expected, "{index}: {result:?}");
    }
    let there = Walk::by(OrderKey::CreatedAt, false).all(store, &owner).await?;
    assert_eq!(ids(&there), ids(all.iter().map(|(contact, _)| contact)));
    Ok(())
}

async fn creates_what_an_import_did_not_the_first_time(
    store: &(impl Store + Clone + Send + Sync),
) -> Result<(), WriteError> {
    let owner = somebody();
    let import = |lines: i64| -> Vec<(Contact, Option<Once>)> {
        (0..lines).map(|line| (contact(&owner, named("Imported"), line), Some(key(&format!("k/{line}"))))).collect()
    };
    let first = import(5);
    for result in create_many(store, &first).await {
        assert_eq!(result?, Created::New);
    }
    let again = create_many(store, &import(9)).await;
    for (line, result) in again.into_iter().enumerate() {
        let first = first.get(line).map(|(contact, _)| Created::Replayed(Box::new(contact.clone())));
        assert_eq!(result?, first.unwrap_or(Created::New), "line {line}");
    }
    Ok(())
}

async fn walks_through_more_than_one_page(store: &(impl Store + Clone + Send + Sync)) -> Result<(), WriteError> {
    let owner = somebody();
    let none: Vec<Page> = pages(store.clone(), owner.clone(), Order::default(), None).try_collect().await?;
    assert_eq!(none, [Page { contacts: Vec::new(), next: None }]);
    let all: Vec<(Contact, Option<Once>)> =
        (0..120).map(|index| (contact(&owner, named("Exported"), index), None)).collect();
    for result in create_many(store, &all).await {
        result?;
    }
    for key in [OrderKey::CreatedAt, OrderKey::UpdatedAt] {
        let order = Order { key, descending: false };
        let found: Vec<Page> = pages(store.clone(), owner.clone(), order, None).try_collect().await?;
        assert!(found.len() > 1, "one page");
        let behind: Vec<Page> = pages(store.clone(), owner.clone(), order, found[0].next.clone()).try_collect().await?;
        assert_eq!(behind, found[1..]);
        assert_eq!(ids(found.iter().flat_map(|page| &page.contacts)), ids(all.iter().map(|(contact, _)| contact)));
    }
    Ok(())
}
