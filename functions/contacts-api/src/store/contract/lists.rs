//! Listing in pages and in orders.

use super::super::{Store, StoreError, WriteError};
use super::samples::{Walk, called, create_all, ids, named, somebody, time};
use crate::domain::{Contact, ContactId, OrderKey, Owner};

pub(super) async fn try_all(store: &impl Store) -> Result<(), WriteError> {
    lists_each_contact_once_in_every_order(store).await?;
    lists_by_name_as_people_read_it(store).await?;
    lists_by_the_newest_write(store).await?;
    lists_stably_while_others_write(store).await?;
    goes_on_behind_a_contact_that_is_gone(store).await
}

const KEYS: [OrderKey; 3] = [OrderKey::CreatedAt, OrderKey::UpdatedAt, OrderKey::Name];

async fn found(store: &impl Store, owner: &Owner, walk: &Walk) -> Result<Vec<ContactId>, StoreError> {
    Ok(ids(&walk.all(store, owner).await?))
}

async fn lists_each_contact_once_in_every_order(store: &impl Store) -> Result<(), WriteError> {
    let owner = somebody();
    for key in KEYS {
        assert_eq!(Walk::by(key, false).all(store, &owner).await?, []);
    }
    // The same name and the same time, so that only the identities differ.
    let offsets = [4, 2, 5, 2, 1, 3, 3];
    let mut all = create_all(store, &owner, offsets.map(|offset| (named("Same"), offset))).await?;
    for key in KEYS {
        all.sort_by_key(|contact| (key.value(contact), contact.id));
        for limit in [1, 2, 3, 6, 7, 8, 100] {
            let up = found(store, &owner, &Walk::by(key, false).in_pages_of(limit)).await?;
            assert_eq!(up, ids(&all), "{key:?} in pages of {limit}");
            let down = found(store, &owner, &Walk::by(key, true).in_pages_of(limit)).await?;
            assert_eq!(down, ids(all.iter().rev()), "{key:?} backwards in pages of {limit}");
        }
    }
    Ok(())
}

async fn lists_by_name_as_people_read_it(store: &impl Store) -> Result<(), WriteError> {
    let owner = somebody();
    let people = [("Charles", "Babbage"), ("ada", "LOVELACE"), ("Ada", "Byron"), ("Anne", "Lovelace"), ("Ann", "Love")];
    let all = create_all(store, &owner, people.map(|(given, family)| (called(given, family), 0))).await?;
    let expected = [0, 2, 4, 1, 3].map(|index: usize| all[index].id);
    assert_eq!(found(store, &owner, &Walk::by(OrderKey::Name, false)).await?, expected);
    Ok(())
}

async fn lists_by_the_newest_write(store: &impl Store) -> Result<(), WriteError> {
    let owner = somebody();
    let all = create_all(store, &owner, [1, 2, 3].map(|offset| (named("Listed"), offset))).await?;
    let newest_first = Walk::by(OrderKey::UpdatedAt, true).in_pages_of(2);
    assert_eq!(found(store, &owner, &newest_first).await?, [all[2].id, all[1].id, all[0].id]);
    let after = all[0].revised(named("Listed"), time(10));
    store.replace(&all[0], &after).await?;
    assert_eq!(found(store, &owner, &newest_first).await?, [all[0].id, all[2].id, all[1].id]);
    Ok(())
}

/// Two contacts are on the first page. Before the cursor one is new then, and behind it, too; one that was shown is gone, and so is
/// one that was not.
async fn lists_stably_while_others_write(store: &impl Store) -> Result<(), WriteError> {
    for key in KEYS {
        let owner = somebody();
        let names = ["c", "e", "g", "i", "k"];
        let all = (1_i64..).map(|index| 2 * index).zip(names).map(|(offset, name)| (named(name), offset));
        let all = create_all(store, &owner, all).await?;
        let walk = Walk::by(key, false).in_pages_of(2);
        let first = store.list(&owner, &walk.from(None)).await?;
        assert_eq!(ids(&first.contacts), ids(&all[..2]), "{key:?}");
        let new = create_all(store, &owner, [(named("a"), 1), (named("h"), 7)]).await?;
        store.remove(&all[0]).await?;
        store.remove(&all[2]).await?;
        let rest = store.list(&owner, &walk.clone().in_pages_of(10).from(first.next)).await?;
        assert_eq!(ids(&rest.contacts), [new[1].id, all[3].id, all[4].id], "{key:?}");
        assert_eq!(rest.next, None);
    }
    Ok(())
}

async fn goes_on_behind_a_contact_that_is_gone(store: &impl Store) -> Result<(), WriteError> {
    for key in KEYS {
        for descending in [false, true] {
            let owner = somebody();
            let all = ["a", "b", "c", "d"].into_iter().zip(1..).map(|(name, offset)| (named(name), offset));
            let mut all: Vec<Contact> = create_all(store, &owner, all).await?;
            if descending {
                all.reverse();
            }
            let walk = Walk::by(key, descending).in_pages_of(2);
            let first = store.list(&owner, &walk.from(None)).await?;
            store.remove(&all[1]).await?;
            let rest = store.list(&owner, &walk.from(first.next)).await?;
            assert_eq!(ids(&rest.contacts), ids(&all[2..]), "{key:?}, descending: {descending}");
        }
    }
    Ok(())
}
