//! Creations that happen once.

use super::super::{Created, Once, Store, WriteError};
use super::samples::{Walk, complete, contact, ids, named, somebody, time};
use crate::domain::OrderKey;

pub(super) async fn try_all(store: &impl Store) -> Result<(), WriteError> {
    replays_the_contact_as_it_was_created(store).await?;
    refuses_a_key_of_another_request(store).await?;
    forgets_a_key_when_its_time_is_over(store).await?;
    keeps_the_keys_of_owners_apart(store).await?;
    remembers_no_key_of_what_was_not_created(store).await
}

/// A key that lasts from the contract's beginning to a minute later.
pub(super) fn key(key: &str) -> Once {
    Once { key: key.to_owned(), fingerprint: "0f".repeat(32), expires_at: time(60) }
}

async fn replays_the_contact_as_it_was_created(store: &impl Store) -> Result<(), WriteError> {
    let owner = somebody();
    let first = contact(&owner, complete(), 0);
    assert_eq!(store.create(&first, Some(&key("k"))).await?, Created::New);
    let replayed = Created::Replayed(Box::new(first.clone()));
    let again = || contact(&owner, complete(), 1);
    assert_eq!(store.create(&again(), Some(&key("k"))).await?, replayed);

    let changed = first.revised(named("Augusta"), time(2));
    store.replace(&first, &changed).await?;
    assert_eq!(store.create(&again(), Some(&key("k"))).await?, replayed);
    store.remove(&changed).await?;
    assert_eq!(store.create(&again(), Some(&key("k"))).await?, replayed);
    for order in [OrderKey::CreatedAt, OrderKey::Name] {
        assert_eq!(Walk::by(order, false).all(store, &owner).await?, [], "a replay created something");
    }
    Ok(())
}

async fn refuses_a_key_of_another_request(store: &impl Store) -> Result<(), WriteError> {
    let owner = somebody();
    let first = contact(&owner, named("First"), 0);
    store.create(&first, Some(&key("k"))).await?;
    let other = Once { fingerprint: "f0".repeat(32), ..key("k") };
    let refused = store.create(&contact(&owner, named("Other"), 1), Some(&other)).await;
    assert!(matches!(refused, Err(WriteError::KeyReused)));
    assert_eq!(ids(&Walk::by(OrderKey::CreatedAt, false).all(store, &owner).await?), [first.id]);
    Ok(())
}

async fn forgets_a_key_when_its_time_is_over(store: &impl Store) -> Result<(), WriteError> {
    let owner = somebody();
    store.create(&contact(&owner, named("First"), 0), Some(&key("k"))).await?;
    let replay = store.create(&contact(&owner, named("Second"), 59), Some(&key("k"))).await?;
    assert!(matches!(replay, Created::Replayed(_)));
    // Over, but perhaps not deleted yet; and another request's now.
    let other = Once { fingerprint: "f0".repeat(32), expires_at: time(200), ..key("k") };
    let late = contact(&owner, named("Third"), 61);
    assert_eq!(store.create(&late, Some(&other)).await?, Created::New);
    let replay = store.create(&contact(&owner, named("Fourth"), 62), Some(&other)).await?;
    assert_eq!(replay, Created::Replayed(Box::new(late)));
    Ok(())
}

async fn keeps_the_keys_of_owners_apart(store: &impl Store) -> Result<(), WriteError> {
    for owner in [somebody(), somebody()] {
        let created = store.create(&contact(&owner, named("Mine"), 0), Some(&key("the same"))).await?;
        assert_eq!(created, Created::New);
    }
    Ok(())
}

async fn remembers_no_key_of_what_was_not_created(store: &impl Store) -> Result<(), WriteError> {
    let owner = somebody();
    let there = contact(&owner, named("There"), 0);
    store.create(&there, None).await?;
    assert!(matches!(store.create(&there, Some(&key("k"))).await, Err(WriteError::Exists)));
    assert_eq!(store.create(&contact(&owner, named("New"), 1), Some(&key("k"))).await?, Created::New);
    Ok(())
}
