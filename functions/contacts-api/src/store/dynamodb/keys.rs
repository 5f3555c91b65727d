//! The keys of items. Every partition key is made from the owner of the request and of nothing else, so that no request reaches
//! another owner's items, whatever it sends.
//!
//! | item | `pk` | `sk` | `gsi1pk` | `gsi1sk` | `gsi2pk` | `gsi2sk` |
//! |---|---|---|---|---|---|---|
//! | contact | `OWNER#o` | `CONTACT#id` | `SORT#NAME#OWNER#o` | name `US` id | `OWNER#o` | time of update `US` id |
//! | term | `OWNER#o` | `TERM#id#KIND#value` | `TERM#KIND#OWNER#o` | value `US` id | | |
//! | idempotency key | `OWNER#o` | `ONCE#key` | | | | |
//!
//! `US` is the unit separator, U+001F: no name and no term has one, and it sorts before everything that they have. So index entries
//! sort by value and then by identity, and an entry's sort key is unique in its partition.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::super::StoreError;
use crate::domain::{Contact, ContactId, Cursor, Listing, OrderKey, Owner, Term};

pub(super) type Item = HashMap<String, AttributeValue>;

/// Names of contacts, and the terms that they are found by.
pub(super) const BY_VALUE: Index = Index { name: "gsi1", pk: "gsi1pk", sk: "gsi1sk" };
/// Contacts by their newest write.
pub(super) const BY_UPDATE: Index = Index { name: "gsi2", pk: "gsi2pk", sk: "gsi2sk" };

/// The beginning of every contact's sort key.
pub(super) const CONTACT_PREFIX: &str = "CONTACT#";

const SEPARATOR: char = '\u{1f}';

/// A global secondary index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Index {
    pub(super) name: &'static str,
    /// The attribute of its partition key.
    pub(super) pk: &'static str,
    /// The attribute of its sort key.
    pub(super) sk: &'static str,
}

pub(super) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(super) fn item<const N: usize>(attributes: [(&str, AttributeValue); N]) -> Item {
    attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn owner_part(owner: &Owner) -> String {
    format!("OWNER#{}", owner.as_str())
}

pub(super) fn partition(owner: &Owner) -> AttributeValue {
    text(owner_part(owner))
}

pub(super) fn contact(owner: &Owner, id: ContactId) -> Item {
    item([("pk", partition(owner)), ("sk", text(format!("{CONTACT_PREFIX}{id}")))])
}

pub(super) fn once(owner: &Owner, key: &str) -> Item {
    item([("pk", partition(owner)), ("sk", text(format!("ONCE#{key}")))])
}

const fn kind(term: Term) -> &'static str {
    match term {
        Term::Name => "NAME",
        Term::Email => "EMAIL",
        Term::Phone => "PHONE",
        Term::Tag => "TAG",
    }
}

fn sorted(value: &str, id: ContactId) -> AttributeValue {
    text(format!("{value}{SEPARATOR}{id}"))
}

/// The key of a term's item.
pub(super) fn term(owner: &Owner, id: ContactId, by: Term, value: &str) -> Item {
    item([("pk", partition(owner)), ("sk", text(format!("TERM#{id}#{}#{value}", kind(by))))])
}

/// The index keys of a term's entry.
pub(super) fn term_entry(owner: &Owner, id: ContactId, by: Term, value: &str) -> Item {
    item([(BY_VALUE.pk, term_partition(owner, by)), (BY_VALUE.sk, sorted(value, id))])
}

fn term_partition(owner: &Owner, by: Term) -> AttributeValue {
    text(format!("TERM#{}#{}", kind(by), owner_part(owner)))
}

fn name_partition(owner: &Owner) -> AttributeValue {
    text(format!("SORT#NAME#{}", owner_part(owner)))
}

/// The index keys of a contact's own entries.
pub(super) fn contact_entries(contact: &Contact) -> Item {
    let Contact { owner, id, .. } = contact;
    item([
        (BY_VALUE.pk, name_partition(owner)),
        (BY_VALUE.sk, sorted(&OrderKey::Name.value(contact), *id)),
        (BY_UPDATE.pk, partition(owner)),
        (BY_UPDATE.sk, sorted(&OrderKey::UpdatedAt.value(contact), *id)),
    ])
}

/// The index that has a listing, and the partition in it; the table itself has the one by creation.
pub(super) fn source(owner: &Owner, listing: &Listing) -> Option<(Index, AttributeValue)> {
    match (listing.filter(), listing.order().key) {
        (Some(filter), _) => Some((BY_VALUE, term_partition(owner, filter.by()))),
        (None, OrderKey::Name) => Some((BY_VALUE, name_partition(owner))),
        (None, OrderKey::UpdatedAt) => Some((BY_UPDATE, partition(owner))),
        (None, OrderKey::CreatedAt) => None,
    }
}

/// The key that DynamoDB begins behind. It need not be one of an item that is still there.
pub(super) fn start(owner: &Owner, listing: &Listing, cursor: &Cursor) -> Item {
    let (value, id) = (cursor.value(), cursor.id());
    let Some((index, partition)) = source(owner, listing) else { return contact(owner, id) };
    let mut key = match listing.filter() {
        Some(filter) => term(owner, id, filter.by(), value),
        None => contact(owner, id),
    };
    key.insert(index.pk.to_owned(), partition);
    key.insert(index.sk.to_owned(), sorted(value, id));
    key
}

/// The value that an index entry is sorted by, and the identity of its contact.
pub(super) fn entry(index: Index, item: &Item) -> Result<(String, ContactId), StoreError> {
    let sk = item.get(index.sk).and_then(|value| value.as_s().ok());
    sk.and_then(|sk| sk.rsplit_once(SEPARATOR))
        .and_then(|(value, id)| Some((value.to_owned(), id.parse().ok()?)))
        .ok_or(StoreError::Unreadable { attribute: index.sk })
}

/// The identity that a contact's sort key says.
pub(super) fn id_of(item: &Item) -> Result<ContactId, StoreError> {
    item.get("sk")
        .and_then(|value| value.as_s().ok())
        .and_then(|sk| sk.strip_prefix(CONTACT_PREFIX))
        .and_then(|id| id.parse().ok())
        .ok_or(StoreError::Unreadable { attribute: "sk" })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::domain::{Fields, Filter, Order};

    fn somebody(subject: &str) -> Contact {
        Contact::new(Owner::subject(subject), Fields::default(), Timestamp::UNIX_EPOCH)
    }

    /// The partition keys that any of an owner's items may have, in the table and in the indexes.
    fn partitions(contact: &Contact) -> Vec<String> {
        let Contact { owner, id, .. } = contact;
        let mut items = vec![self::contact(owner, *id), contact_entries(contact), once(owner, "key")];
        for by in Term::ALL {
            items.extend([term(owner, *id, by, "value"), term_entry(owner, *id, by, "value")]);
        }
        let keys = items.iter().flat_map(|item| ["pk", "gsi1pk", "gsi2pk"].map(|name| item.get(name)));
        keys.flatten().map(|value| value.as_s().unwrap().clone()).collect()
    }

    #[test]
    fn no_owner_has_a_partition_of_another() {
        let names = ["a", "a#NAME", "OWNER#a", "#a", "TERM#NAME#OWNER#subject:a"];
        for (first, name) in names.iter().enumerate() {
            for other in &names[first + 1..] {
                let theirs = partitions(&somebody(other));
                assert!(partitions(&somebody(name)).iter().all(|own| !theirs.contains(own)), "{name} and {other}");
            }
        }
    }

    #[test]
    fn a_page_begins_where_the_entry_of_its_cursor_is() {
        let contact = somebody("a");
        let filter = Filter::new(Term::Tag, "po");
        let listing = Listing::new(filter, Order::default(), None, 1).unwrap();
        let start = start(&contact.owner, &listing, &listing.cursor("poet".to_owned(), contact.id));
        let mut stored = term(&contact.owner, contact.id, Term::Tag, "poet");
        stored.extend(term_entry(&contact.owner, contact.id, Term::Tag, "poet"));
        assert_eq!(start, stored);
        assert_eq!(entry(BY_VALUE, &stored).unwrap(), ("poet".to_owned(), contact.id));

        for (key, names) in [(OrderKey::Name, ["gsi1pk", "gsi1sk"]), (OrderKey::UpdatedAt, ["gsi2pk", "gsi2sk"])] {
            let listing = Listing::new(None, Order { key, descending: true }, None, 1).unwrap();
            let start = self::start(&contact.owner, &listing, &listing.cursor(key.value(&contact), contact.id));
            let mut stored = self::contact(&contact.owner, contact.id);
            stored.extend(contact_entries(&contact).into_iter().filter(|(name, _)| names.contains(&name.as_str())));
            assert_eq!(start, stored);
        }
    }

    #[test]
    fn equal_values_sort_by_identity_and_before_longer_ones() {
        let [early, late] = [0, 1].map(|byte| ContactId::from_bytes([byte; 16]));
        let key = |value, id| sorted(value, id).as_s().unwrap().clone();
        assert!(key("ada", early) < key("ada", late) && key("ada", late) < key("ada b", early));
    }
}
