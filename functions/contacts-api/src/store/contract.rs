//! What every store must do. Each case uses an owner of its own, so that the suite can be run against a table that is in use.

use jiff::{SignedDuration, Timestamp};
use ulid::Ulid;

use super::{Store, WriteError};
use crate::domain::{Address, Contact, ContactId, Cursor, Email, Fields, Listing, Names, Order, Owner, Phone};

/// Tries all of it.
///
/// # Errors
/// When the store fails.
///
/// # Panics
/// When the store does something else than it must.
pub async fn try_all(store: &impl Store) -> Result<(), WriteError> {
    reads_what_was_created(store).await?;
    never_creates_over_a_contact(store).await?;
    replaces_all_fields_and_nothing_else(store).await?;
    changes_only_what_is_there(store).await?;
    changes_only_what_was_read(store).await?;
    keeps_owners_apart(store).await?;
    lists_each_contact_once_in_order(store).await?;
    lists_stably_while_others_write(store).await?;
    Ok(())
}

fn somebody() -> Owner {
    Owner::subject(format!("contract-{}", Ulid::generate()))
}

fn time(offset: i64) -> Timestamp {
    Timestamp::from_millisecond(1_700_000_000_123).unwrap_or_default() + SignedDuration::from_secs(offset)
}

fn named(given: &str) -> Fields {
    Fields { names: Names { given: Some(given.to_owned()), ..Names::default() }, ..Fields::default() }
}

fn complete() -> Fields {
    Fields {
        names: Names {
            given: Some("Ada".to_owned()),
            family: Some("Lovelace".to_owned()),
            additional: Some("Augusta King".to_owned()),
            prefix: Some("Lady".to_owned()),
            suffix: Some("FRS".to_owned()),
            nickname: Some("A.A.L.".to_owned()),
        },
        emails: vec![
            Email { address: "ada@example.com".to_owned(), label: Some("home".to_owned()) },
            Email { address: "ada@example.org".to_owned(), label: None },
        ],
        phones: vec![Phone { number: "+441632960001".to_owned(), label: None }],
        addresses: vec![
            Address {
                street: Some("12 St James's Square".to_owned()),
                locality: Some("London".to_owned()),
                region: Some("England".to_owned()),
                postal_code: Some("SW1Y 4LB".to_owned()),
                country: "GB".parse().ok(),
                label: Some("home".to_owned()),
            },
            Address { locality: Some("Torino".to_owned()), ..Address::default() },
        ],
        company: Some("Analytical Engines".to_owned()),
        title: Some("Programmer".to_owned()),
        birthday: Some(jiff::civil::date(1815, 12, 10)),
        notes: Some("“first”\nprogrammer 🧮".to_owned()),
        tags: vec!["poet".to_owned(), "countess".to_owned()],
        custom: [("Met at".to_owned(), "Babbage's\nsalon".to_owned())].into(),
    }
}

#[expect(clippy::expect_used, reason = "these are tests, and the cursor is of the same listing")]
fn oldest_first(after: Option<Cursor>, limit: u16) -> Listing {
    Listing::new(None, Order::default(), after, limit).expect("a cursor of this listing")
}

async fn reads_what_was_created(store: &impl Store) -> Result<(), WriteError> {
    let owner = somebody();
    for fields in [complete(), named("Charles")] {
        let contact = Contact::new(owner.clone(), fields, time(0));
        assert_eq!(store.read(&owner, contact.id).await?, None);
        store.create(&contact, None).await?;
        assert_eq!(store.read(&owner, contact.id).await?, Some(contact));
    }
    Ok(())
}

async fn never_creates_over_a_contact(store: &impl Store) -> Result<(), WriteError> {
    let contact = Contact::new(somebody(), complete(), time(0));
    store.create(&contact, None).await?;
    let other = Contact { fields: named("Other"), ..contact.clone() };
    assert!(matches!(store.create(&other, None).await, Err(WriteError::Exists)));
    assert_eq!(store.read(&contact.owner, contact.id).await?, Some(contact));
    Ok(())
}

async fn replaces_all_fields_and_nothing_else(store: &impl Store) -> Result<(), WriteError> {
    let contact = Contact::new(somebody(), complete(), time(0));
    store.create(&contact, None).await?;
    let after = contact.revised(named("Augusta"), time(60));
    store.replace(&contact, &after).await?;
    assert_eq!(store.read(&contact.owner, contact.id).await?, Some(after));
    Ok(())
}

async fn changes_only_what_is_there(store: &impl Store) -> Result<(), WriteError> {
    let contact = Contact::new(somebody(), named("Gone"), time(0));
    store.create(&contact, None).await?;
    store.remove(&contact).await?;
    assert_eq!(store.read(&contact.owner, contact.id).await?, None);
    assert!(matches!(store.remove(&contact).await, Err(WriteError::Missing)));
    let replaced = store.replace(&contact, &contact.revised(named("Back"), time(60))).await;
    assert!(matches!(replaced, Err(WriteError::Missing)));
    assert_eq!(store.read(&contact.owner, contact.id).await?, None);
    Ok(())
}

async fn changes_only_what_was_read(store: &impl Store) -> Result<(), WriteError> {
    let first = Contact::new(somebody(), named("First"), time(0));
    store.create(&first, None).await?;
    let second = first.revised(named("Second"), time(60));
    store.replace(&first, &second).await?;
    let late = store.replace(&first, &first.revised(named("Late"), time(61))).await;
    assert!(matches!(late, Err(WriteError::Conflict)));
    assert!(matches!(store.remove(&first).await, Err(WriteError::Conflict)));
    assert_eq!(store.read(&first.owner, first.id).await?.as_ref(), Some(&second));
    store.remove(&second).await
}

async fn keeps_owners_apart(store: &impl Store) -> Result<(), WriteError> {
    let (ada, eve) = (somebody(), somebody());
    let contact = Contact::new(ada.clone(), named("Secret"), time(0));
    store.create(&contact, None).await?;
    assert_eq!(store.read(&eve, contact.id).await?, None);
    assert_eq!(store.list(&eve, &oldest_first(None, 10)).await?.contacts, []);
    let stolen = Contact { owner: eve, ..contact.clone() };
    assert!(matches!(store.remove(&stolen).await, Err(WriteError::Missing)));
    assert!(matches!(store.replace(&stolen, &stolen.revised(named("Mine"), time(60))).await, Err(WriteError::Missing)));
    assert_eq!(store.read(&ada, contact.id).await?, Some(contact));
    Ok(())
}

async fn create_some(store: &impl Store, owner: &Owner, offsets: &[i64]) -> Result<Vec<ContactId>, WriteError> {
    let mut ids = Vec::with_capacity(offsets.len());
    for offset in offsets {
        let contact = Contact::new(owner.clone(), named("Listed"), time(*offset));
        store.create(&contact, None).await?;
        ids.push(contact.id);
    }
    ids.sort();
    Ok(ids)
}

async fn lists_each_contact_once_in_order(store: &impl Store) -> Result<(), WriteError> {
    let owner = somebody();
    assert_eq!(store.list(&owner, &oldest_first(None, 10)).await?.next, None);
    let ids = create_some(store, &owner, &[4, 2, 5, 1, 3]).await?;
    for limit in [1, 2, 3, 5, 6] {
        assert_eq!(walk(store, &owner, limit).await?, ids, "in pages of {limit}");
    }
    Ok(())
}

/// All pages, and that none is empty, too long, or promises another that is not there.
async fn walk(store: &impl Store, owner: &Owner, limit: u16) -> Result<Vec<ContactId>, WriteError> {
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page = store.list(owner, &oldest_first(after, limit)).await?;
        assert!((1..=usize::from(limit)).contains(&page.contacts.len()), "a page of {}", page.contacts.len());
        found.extend(page.contacts.iter().map(|contact| contact.id));
        after = page.next;
        if after.is_none() {
            return Ok(found);
        }
    }
}

async fn lists_stably_while_others_write(store: &impl Store) -> Result<(), WriteError> {
    let owner = somebody();
    let ids = create_some(store, &owner, &[1, 2, 3, 4]).await?;
    let first = store.list(&owner, &oldest_first(None, 2)).await?;
    // Behind the cursor one is new; before it one is new, and the one it points at is gone.
    let earlier = create_some(store, &owner, &[0]).await?;
    store.remove(&first.contacts[1]).await?;
    let later = create_some(store, &owner, &[9]).await?;
    let second = store.list(&owner, &oldest_first(first.next, 10)).await?;
    let seen: Vec<ContactId> = second.contacts.iter().map(|contact| contact.id).collect();
    assert_eq!(seen, [ids[2], ids[3], later[0]]);
    assert!(!seen.contains(&earlier[0]));
    Ok(())
}
