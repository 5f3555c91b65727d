//! Creating, replacing and removing one contact.

use super::super::{Created, Store, WriteError};
use super::samples::{Walk, called, complete, contact, most_terms, named, somebody, time};
use crate::domain::{Contact, OrderKey, Term};

pub(super) async fn try_all(store: &impl Store) -> Result<(), WriteError> {
    reads_what_was_created(store).await?;
    never_creates_over_a_contact(store).await?;
    replaces_all_fields_and_nothing_else(store).await?;
    changes_only_what_is_there(store).await?;
    changes_only_what_was_read(store).await?;
    changes_all_the_terms_that_a_contact_can_have(store).await?;
    keeps_owners_apart(store).await
}

async fn reads_what_was_created(store: &impl Store) -> Result<(), WriteError> {
    let owner = somebody();
    for fields in [complete(), named("Charles")] {
        let contact = contact(&owner, fields, 0);
        assert_eq!(store.read(&owner, contact.id).await?, None);
        assert_eq!(store.create(&contact, None).await?, Created::New);
        assert_eq!(store.read(&owner, contact.id).await?, Some(contact));
    }
    Ok(())
}

async fn never_creates_over_a_contact(store: &impl Store) -> Result<(), WriteError> {
    let contact = contact(&somebody(), complete(), 0);
    store.create(&contact, None).await?;
    let other = Contact { fields: named("Other"), ..contact.clone() };
    assert!(matches!(store.create(&other, None).await, Err(WriteError::Exists)));
    assert_eq!(store.read(&contact.owner, contact.id).await?, Some(contact.clone()));
    let found = Walk::search(Term::Name, "other").all(store, &contact.owner).await?;
    assert_eq!(found, [], "the terms of what was not created");
    Ok(())
}

async fn replaces_all_fields_and_nothing_else(store: &impl Store) -> Result<(), WriteError> {
    let mut before = contact(&somebody(), complete(), 0);
    store.create(&before, None).await?;
    // Other terms, the same terms, and every field gone.
    let noted = crate::domain::Fields { notes: Some("Met in Turin".to_owned()), ..complete() };
    for (fields, offset) in [(called("Augusta", "King"), 60), (complete(), 61), (noted, 62), (named("A"), 63)] {
        let after = before.revised(fields, time(offset));
        store.replace(&before, &after).await?;
        assert_eq!(store.read(&after.owner, after.id).await?.as_ref(), Some(&after));
        before = after;
    }
    assert_eq!(before.revision, 5);
    Ok(())
}

async fn changes_only_what_is_there(store: &impl Store) -> Result<(), WriteError> {
    let contact = contact(&somebody(), named("Gone"), 0);
    store.create(&contact, None).await?;
    store.remove(&contact).await?;
    assert_eq!(store.read(&contact.owner, contact.id).await?, None);
    assert!(matches!(store.remove(&contact).await, Err(WriteError::Missing)));
    for fields in [named("Back"), named("Gone")] {
        let replaced = store.replace(&contact, &contact.revised(fields, time(60))).await;
        assert!(matches!(replaced, Err(WriteError::Missing)));
    }
    assert_eq!(store.read(&contact.owner, contact.id).await?, None);
    for walk in [Walk::by(OrderKey::Name, false), Walk::search(Term::Name, "gone"), Walk::search(Term::Name, "back")] {
        assert_eq!(walk.all(store, &contact.owner).await?, []);
    }
    Ok(())
}

async fn changes_only_what_was_read(store: &impl Store) -> Result<(), WriteError> {
    let first = contact(&somebody(), named("First"), 0);
    store.create(&first, None).await?;
    let second = first.revised(named("Second"), time(60));
    store.replace(&first, &second).await?;
    for fields in [named("Late"), named("First")] {
        let late = store.replace(&first, &first.revised(fields, time(61))).await;
        assert!(matches!(late, Err(WriteError::Conflict)));
    }
    assert!(matches!(store.remove(&first).await, Err(WriteError::Conflict)));
    assert_eq!(store.read(&first.owner, first.id).await?.as_ref(), Some(&second));
    for (prefix, found) in [("first", 0), ("late", 0), ("second", 1)] {
        assert_eq!(Walk::search(Term::Name, prefix).all(store, &first.owner).await?.len(), found, "{prefix}");
    }
    store.remove(&second).await
}

async fn changes_all_the_terms_that_a_contact_can_have(store: &impl Store) -> Result<(), WriteError> {
    let before = contact(&somebody(), most_terms("before"), 0);
    store.create(&before, None).await?;
    let after = before.revised(most_terms("afterwards"), time(60));
    store.replace(&before, &after).await?;
    let tagged = |prefix| Walk::search(Term::Tag, prefix);
    assert_eq!(tagged("before").all(store, &before.owner).await?, []);
    assert_eq!(tagged("afterwards 19").all(store, &before.owner).await?.as_slice(), std::slice::from_ref(&after));
    store.remove(&after).await?;
    assert_eq!(tagged("afterwards").all(store, &before.owner).await?, []);
    Ok(())
}

async fn keeps_owners_apart(store: &impl Store) -> Result<(), WriteError> {
    let (ada, eve) = (somebody(), somebody());
    let contact = contact(&ada, complete(), 0);
    store.create(&contact, None).await?;
    assert_eq!(store.read(&eve, contact.id).await?, None);
    let listings = [OrderKey::CreatedAt, OrderKey::UpdatedAt, OrderKey::Name].map(|key| Walk::by(key, false));
    let searches = [(Term::Name, "a"), (Term::Email, "a"), (Term::Phone, "4"), (Term::Tag, "p")];
    let searches = searches.map(|(by, prefix)| Walk::search(by, prefix));
    for walk in listings.iter().chain(&searches) {
        assert_eq!(walk.all(store, &eve).await?, []);
        let found = walk.all(store, &ada).await?;
        assert_eq!(found.as_slice(), std::slice::from_ref(&contact));
        // A cursor that was seen elsewhere is a place in one's own list only.
        let listing = walk.from(None);
        let position = listing.position(&contact).unwrap_or_default();
        let stolen = listing.cursor(position, crate::domain::ContactId::from_bytes([0; 16]));
        assert_eq!(store.list(&eve, &walk.from(Some(stolen))).await?.contacts, []);
    }
    let stolen = Contact { owner: eve, ..contact.clone() };
    assert!(matches!(store.remove(&stolen).await, Err(WriteError::Missing)));
    for fields in [named("Mine"), complete()] {
        let replaced = store.replace(&stolen, &stolen.revised(fields, time(60))).await;
        assert!(matches!(replaced, Err(WriteError::Missing)));
    }
    assert_eq!(store.read(&ada, contact.id).await?, Some(contact));
    Ok(())
}
