//! Contacts, listings and walks for the contract.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp};
use ulid::Ulid;

use super::super::{ListContacts, StoreError, WriteError};
use crate::domain::{
    Address, Contact, ContactId, Cursor, Email, Fields, Filter, Listing, Names, Order, OrderKey, Owner, Phone, Term,
};
use crate::store::CreateContact;

/// An owner that nobody was before.
pub(super) fn somebody() -> Owner {
    Owner::subject(format!("contract-{}", Ulid::generate()))
}

/// Some seconds after the contract's own time began: tomorrow, so that no store deletes meanwhile what is over by its own clock.
pub(super) fn time(offset: i64) -> Timestamp {
    static BEGIN: LazyLock<Timestamp> = LazyLock::new(|| {
        let tomorrow = Timestamp::now() + SignedDuration::from_hours(24);
        Timestamp::from_millisecond(tomorrow.as_millisecond()).unwrap_or(tomorrow)
    });
    *BEGIN + SignedDuration::from_secs(offset)
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

pub(super) fn named(given: &str) -> Fields {
    Fields { names: Names { given: some(given), ..Names::default() }, ..Fields::default() }
}

pub(super) fn called(given: &str, family: &str) -> Fields {
    Fields { names: Names { given: some(given), family: some(family), ..Names::default() }, ..Fields::default() }
}

pub(super) fn tagged(given: &str, tags: &[&str]) -> Fields {
    Fields { tags: tags.iter().map(|tag| (*tag).to_owned()).collect(), ..named(given) }
}

pub(super) fn email(address: &str) -> Email {
    Email { address: address.to_owned(), label: None }
}

pub(super) fn phone(number: &str) -> Phone {
    Phone { number: number.to_owned(), label: None }
}

pub(super) fn contact(owner: &Owner, fields: Fields, offset: i64) -> Contact {
    Contact::new(owner.clone(), fields, time(offset))
}

/// Every field there is.
pub(super) fn complete() -> Fields {
    Fields {
        names: Names {
            given: some("Ada"),
            family: some("Lovelace"),
            additional: some("King"),
            prefix: some("Countess"),
            suffix: some("R.I.P."),
            nickname: some("Addie"),
        },
        emails: vec![Email { label: some("home"), ..email("ada@example.com") }, email("ada@example.org")],
        phones: vec![phone("+441632960001")],
        addresses: vec![
            Address {
                street: some("12 St James's Square\nWestminster"),
                locality: some("London"),
                region: some("Greater London"),
                postal_code: some("SW1Y 4JH"),
                country: "GB".parse().ok(),
                label: some("home"),
            },
            Address { locality: some("Kirkby Mallory"), ..Address::default() },
        ],
        company: some("Analytical Engines"),
        title: some("Programmer"),
        birthday: Some(jiff::civil::date(1815, 12, 10)),
        notes: some("“first”\nprogrammer 🧮"),
        tags: vec!["poet".to_owned(), "countess".to_owned()],
        custom: BTreeMap::from([("shoe size".to_owned(), "37".to_owned()), ("🧮".to_owned(), "#1".to_owned())]),
    }
}

/// As many different terms as a contact can have: all change when `variant` does.
pub(super) fn most_terms(variant: &str) -> Fields {
    let name = |name: &str| some(&format!("{name} {variant}"));
    Fields {
        names: Names {
            given: name("Given"),
            family: name("Family"),
            additional: name("Additional"),
            nickname: name("Nickname"),
            ..Names::default()
        },
        emails: (0..10).map(|n| email(&format!("{n}@{variant}.example"))).collect(),
        phones: (0..10).map(|n| phone(&format!("+4{n}1632{}", variant.len()))).collect(),
        tags: (0..20).map(|n| format!("{variant} {n}")).collect(),
        ..Fields::default()
    }
}

/// Creates one contact for each.
pub(super) async fn create_all(
    store: &impl CreateContact,
    owner: &Owner,
    all: impl IntoIterator<Item = (Fields, i64)>,
) -> Result<Vec<Contact>, WriteError> {
    let mut created = Vec::new();
    for (fields, offset) in all {
        let contact = contact(owner, fields, offset);
        store.create(&contact, None).await?;
        created.push(contact);
    }
    Ok(created)
}

pub(super) fn ids<'a>(contacts: impl IntoIterator<Item = &'a Contact>) -> Vec<ContactId> {
    contacts.into_iter().map(|contact| contact.id).collect()
}

/// A walk through a listing, page by page.
#[derive(Clone, Debug)]
pub(super) struct Walk {
    pub(super) filter: Option<Filter>,
    pub(super) order: Order,
    pub(super) limit: u16,
}

impl Walk {
    pub(super) fn by(key: OrderKey, descending: bool) -> Self {
        Self { filter: None, order: Order { key, descending }, limit: 3 }
    }

    pub(super) fn search(by: Term, prefix: &str) -> Self {
        let filter = Filter::new(by, prefix);
        assert!(filter.is_some(), "the prefix is empty");
        Self { filter, order: Order::default(), limit: 3 }
    }

    pub(super) fn descending(self) -> Self {
        Self { order: Order { descending: true, ..self.order }, ..self }
    }

    pub(super) fn in_pages_of(self, limit: u16) -> Self {
        Self { limit, ..self }
    }

    #[expect(clippy::expect_used, reason = "these are tests, and a cursor is of the same listing")]
    pub(super) fn from(&self, after: Option<Cursor>) -> Listing {
        Listing::new(self.filter.clone(), self.order, after, self.limit).expect("a cursor of this listing")
    }

    /// All contacts, page by page; that no page but the only one is empty.
    pub(super) async fn all(&self, store: &impl ListContacts, owner: &Owner) -> Result<Vec<Contact>, StoreError> {
        let pages = self.pages(store, owner).await?;
        assert!(pages.len() == 1 || pages.iter().all(|page| !page.is_empty()), "an empty page in {self:?}");
        Ok(pages.concat())
    }

    /// All pages; that none is too long, and none empty before the last.
    pub(super) async fn pages(
        &self,
        store: &impl ListContacts,
        owner: &Owner,
    ) -> Result<Vec<Vec<Contact>>, StoreError> {
        let (mut pages, mut after) = (Vec::new(), None);
        loop {
            let page = store.list(owner, &self.from(after)).await?;
            let length = page.contacts.len();
            assert!(length <= usize::from(self.limit), "a page of {length} in {self:?}");
            assert!(length > 0 || page.next.is_none(), "an empty page before the last in {self:?}");
            pages.push(page.contacts);
            after = page.next;
            if after.is_none() {
                return Ok(pages);
            }
        }
    }
}
