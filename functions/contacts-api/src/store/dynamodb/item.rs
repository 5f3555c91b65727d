//! The item of a contact. The user's own data is one map, `fields`; what the store keeps for itself is beside it.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use jiff::civil::Date;

use super::super::StoreError;
use super::keys::{self, Item, id_of, item, text};
use crate::domain::{Address, Contact, Country, Email, Fields, Names, Owner, Phone};

pub(super) fn from_contact(contact: &Contact) -> Item {
    let mut item = keys::contact(&contact.owner, contact.id);
    item.insert("fields".to_owned(), from_fields(&contact.fields));
    item.insert("createdAt".to_owned(), from_time(contact.created_at));
    item.insert("updatedAt".to_owned(), from_time(contact.updated_at));
    item.insert("revision".to_owned(), from_revision(contact.revision));
    item
}

pub(super) fn from_revision(revision: u64) -> AttributeValue {
    AttributeValue::N(revision.to_string())
}

pub(super) fn from_time(time: Timestamp) -> AttributeValue {
    AttributeValue::S(time.to_string())
}

pub(super) fn from_fields(fields: &Fields) -> AttributeValue {
    let emails = fields.emails.iter().map(|email| labelled("address", &email.address, email.label.as_deref()));
    let phones = fields.phones.iter().map(|phone| labelled("number", &phone.number, phone.label.as_deref()));
    let addresses = fields.addresses.iter().map(from_address);
    let custom = fields.custom.iter().map(|(name, value)| (name.clone(), text(value)));
    let tags = fields.tags.iter().map(text);
    let mut map = item([
        ("names", from_names(&fields.names)),
        ("emails", AttributeValue::L(emails.collect())),
        ("phones", AttributeValue::L(phones.collect())),
        ("addresses", AttributeValue::L(addresses.collect())),
        ("tags", AttributeValue::L(tags.collect())),
        ("custom", AttributeValue::M(custom.collect())),
    ]);
    let birthday = fields.birthday.map(|date| date.to_string());
    insert_some(&mut map, "company", fields.company.as_deref());
    insert_some(&mut map, "title", fields.title.as_deref());
    insert_some(&mut map, "birthday", birthday.as_deref());
    insert_some(&mut map, "notes", fields.notes.as_deref());
    AttributeValue::M(map)
}

fn from_names(names: &Names) -> AttributeValue {
    let mut map = Item::new();
    insert_some(&mut map, "given", names.given.as_deref());
    insert_some(&mut map, "family", names.family.as_deref());
    insert_some(&mut map, "additional", names.additional.as_deref());
    insert_some(&mut map, "prefix", names.prefix.as_deref());
    insert_some(&mut map, "suffix", names.suffix.as_deref());
    insert_some(&mut map, "nickname", names.nickname.as_deref());
    AttributeValue::M(map)
}

fn from_address(address: &Address) -> AttributeValue {
    let mut map = Item::new();
    insert_some(&mut map, "street", address.street.as_deref());
    insert_some(&mut map, "locality", address.locality.as_deref());
    insert_some(&mut map, "region", address.region.as_deref());
    insert_some(&mut map, "postalCode", address.postal_code.as_deref());
    insert_some(&mut map, "country", address.country.map(Country::as_str));
    insert_some(&mut map, "label", address.label.as_deref());
    AttributeValue::M(map)
}

fn labelled(name: &str, value: &str, label: Option<&str>) -> AttributeValue {
    let mut map = item([(name, text(value))]);
    insert_some(&mut map, "label", label);
    AttributeValue::M(map)
}

fn insert_some(map: &mut Item, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        map.insert(name.to_owned(), text(value));
    }
}

pub(super) fn to_contact(owner: &Owner, mut item: Item) -> Result<Contact, StoreError> {
    Ok(Contact {
        id: id_of(&item)?,
        owner: owner.clone(),
        fields: to_fields(map(&mut item, "fields")?)?,
        created_at: parsed::<Timestamp>(&mut item, "createdAt")?.ok_or(unreadable("createdAt"))?,
        updated_at: parsed::<Timestamp>(&mut item, "updatedAt")?.ok_or(unreadable("updatedAt"))?,
        revision: match item.remove("revision") {
            Some(AttributeValue::N(number)) => number.parse().map_err(|_| unreadable("revision"))?,
            _ => return Err(unreadable("revision")),
        },
    })
}

fn to_fields(mut item: Item) -> Result<Fields, StoreError> {
    Ok(Fields {
        names: to_names(map(&mut item, "names")?)?,
        emails: maps(&mut item, "emails")?
            .into_iter()
            .map(|mut map| Ok(Email { address: required(&mut map, "address")?, label: optional(&mut map, "label")? }))
            .collect::<Result<_, _>>()?,
        phones: maps(&mut item, "phones")?
            .into_iter()
            .map(|mut map| Ok(Phone { number: required(&mut map, "number")?, label: optional(&mut map, "label")? }))
            .collect::<Result<_, _>>()?,
        addresses: maps(&mut item, "addresses")?.into_iter().map(to_address).collect::<Result<_, _>>()?,
        company: optional(&mut item, "company")?,
        title: optional(&mut item, "title")?,
        birthday: parsed::<Date>(&mut item, "birthday")?,
        notes: optional(&mut item, "notes")?,
        tags: list(&mut item, "tags")?
            .into_iter()
            .map(|value| if let AttributeValue::S(tag) = value { Ok(tag) } else { Err(unreadable("tags")) })
            .collect::<Result<_, _>>()?,
        custom: map(&mut item, "custom")?
            .into_iter()
            .map(|(name, value)| match value {
                AttributeValue::S(value) => Ok((name, value)),
                _ => Err(unreadable("custom")),
            })
            .collect::<Result<_, _>>()?,
    })
}

fn to_names(mut item: Item) -> Result<Names, StoreError> {
    Ok(Names {
        given: optional(&mut item, "given")?,
        family: optional(&mut item, "family")?,
        additional: optional(&mut item, "additional")?,
        prefix: optional(&mut item, "prefix")?,
        suffix: optional(&mut item, "suffix")?,
        nickname: optional(&mut item, "nickname")?,
    })
}

fn to_address(mut item: Item) -> Result<Address, StoreError> {
    Ok(Address {
        street: optional(&mut item, "street")?,
        locality: optional(&mut item, "locality")?,
        region: optional(&mut item, "region")?,
        postal_code: optional(&mut item, "postalCode")?,
        country: parsed::<Country>(&mut item, "country")?,
        label: optional(&mut item, "label")?,
    })
}

const fn unreadable(attribute: &'static str) -> StoreError {
    StoreError::Unreadable { attribute }
}

fn optional(item: &mut Item, name: &'static str) -> Result<Option<String>, StoreError> {
    match item.remove(name) {
        None => Ok(None),
        Some(AttributeValue::S(text)) => Ok(Some(text)),
        Some(_) => Err(unreadable(name)),
    }
}

fn required(item: &mut Item, name: &'static str) -> Result<String, StoreError> {
    optional(item, name)?.ok_or(unreadable(name))
}

fn parsed<T: std::str::FromStr>(item: &mut Item, name: &'static str) -> Result<Option<T>, StoreError> {
    optional(item, name)?.map(|text| text.parse().map_err(|_| unreadable(name))).transpose()
}

fn map(item: &mut Item, name: &'static str) -> Result<Item, StoreError> {
    match item.remove(name) {
        Some(AttributeValue::M(map)) => Ok(map),
        _ => Err(unreadable(name)),
    }
}

fn list(item: &mut Item, name: &'static str) -> Result<Vec<AttributeValue>, StoreError> {
    match item.remove(name) {
        Some(AttributeValue::L(list)) => Ok(list),
        _ => Err(unreadable(name)),
    }
}

fn maps(item: &mut Item, name: &'static str) -> Result<Vec<Item>, StoreError> {
    let items = list(item, name)?.into_iter();
    items.map(|value| if let AttributeValue::M(map) = value { Ok(map) } else { Err(unreadable(name)) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contact() -> Contact {
        let fields = Fields {
            names: Names { family: Some("Lovelace".to_owned()), ..Names::default() },
            emails: vec![Email { address: "ada@example.com".to_owned(), label: Some("home".to_owned()) }],
            phones: vec![Phone { number: "+441632960001".to_owned(), label: None }],
            birthday: Some(jiff::civil::date(1815, 12, 10)),
            tags: vec!["poet".to_owned()],
            ..Fields::default()
        };
        Contact::new(Owner::subject("ada"), fields, Timestamp::from_millisecond(1_700_000_000_123).unwrap())
    }

    #[test]
    fn a_contact_survives_its_item() {
        let contact = contact();
        assert_eq!(to_contact(&contact.owner, from_contact(&contact)).unwrap(), contact);
    }

    #[test]
    fn an_item_that_is_no_contact_names_the_attribute() {
        for attribute in ["sk", "fields", "createdAt", "updatedAt", "revision"] {
            let mut item = from_contact(&contact());
            item.insert(attribute.to_owned(), AttributeValue::Bool(true));
            let error = to_contact(&Owner::subject("ada"), item).unwrap_err();
            assert!(matches!(error, StoreError::Unreadable { attribute: named } if named == attribute), "{error}");
        }
    }
}
