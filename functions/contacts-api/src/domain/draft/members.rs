//! The members of a contact, read from a body.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::Value;

use super::super::fault::{Fault, Place};
use super::super::fields::{Address, Email, Fields, Names, Phone};
use super::super::formats::{is_e164, is_email};
use super::super::limits;
use super::reader::{Object, Reader, Text, present};

const LABEL: Text = Text::line(limits::LABEL);
const NAME: Text = Text::line(limits::NAME);
const LINE: Text = Text::line(limits::LINE);
const VALUE: Text = Text::line(limits::VALUE);
const STREET: Text = Text::lines(limits::STREET);
const CUSTOM: Text = Text::lines(limits::CUSTOM);
const NOTES: Text = Text::lines(limits::NOTES);

const FIELDS: &[&str] =
    &["names", "emails", "phones", "addresses", "company", "title", "birthday", "notes", "tags", "custom"];
/// Shown in answers, and ignored when they come back: what was read can be changed and sent again as it is.
const READ_ONLY: &[&str] = &["id", "createdAt", "updatedAt", "revision"];

/// A contact's fields, or every fault.
pub(super) fn read(body: &Value) -> Result<Fields, Vec<Fault>> {
    let mut reader = Reader::default();
    let root = Place::Root;
    let Some(object) = reader.object(body, &root) else { return reader.finish(Fields::default()) };
    let fields = Fields {
        names: names(&mut reader, object, &root),
        emails: reader.list(object, &root, ("emails", limits::ENTRIES), email),
        phones: reader.list(object, &root, ("phones", limits::ENTRIES), phone),
        addresses: reader.list(object, &root, ("addresses", limits::ENTRIES), address),
        company: reader.text(object, &root, "company", LINE),
        title: reader.text(object, &root, "title", LINE),
        birthday: birthday(&mut reader, object, &root),
        notes: reader.text(object, &root, "notes", NOTES),
        tags: tags(&mut reader, object, &root),
        custom: custom(&mut reader, object, &root),
    };
    reader.refuse_others(object, &root, &[FIELDS, READ_ONLY].concat());
    reader.finish(fields)
}

fn names(reader: &mut Reader, object: &Object, place: &Place<'_>) -> Names {
    let place = place.member("names");
    let Some(value) = object.get("names") else {
        reader.fault(&place, "is required");
        return Names::default();
    };
    let Some(object) = reader.object(value, &place) else { return Names::default() };
    let before = reader.count();
    let mut part = |name| reader.text(object, &place, name, NAME);
    let names = Names {
        given: part("given"),
        family: part("family"),
        additional: part("additional"),
        prefix: part("prefix"),
        suffix: part("suffix"),
        nickname: part("nickname"),
    };
    reader.refuse_others(object, &place, &["given", "family", "additional", "prefix", "suffix", "nickname"]);
    let named = names.given.is_some() || names.family.is_some() || names.nickname.is_some();
    if !named && reader.count() == before {
        reader.fault(&place, "must have a given name, a family name or a nickname");
    }
    names
}

fn email(reader: &mut Reader, value: &Value, place: &Place<'_>) -> Option<Email> {
    let (address, label) = labelled(reader, value, place, "address")?;
    if is_email(&address) {
        return Some(Email { address, label });
    }
    reader.fault(&place.member("address"), "must be an e-mail address");
    None
}

fn phone(reader: &mut Reader, value: &Value, place: &Place<'_>) -> Option<Phone> {
    let (number, label) = labelled(reader, value, place, "number")?;
    if is_e164(&number) {
        return Some(Phone { number, label });
    }
    reader.fault(&place.member("number"), "must be a telephone number as E.164 writes it, such as +441632960001");
    None
}

/// An entry of a list: one required text, and what the user calls it.
fn labelled(reader: &mut Reader, value: &Value, place: &Place<'_>, name: &str) -> Option<(String, Option<String>)> {
    let object = reader.object(value, place)?;
    let text = reader.required_text(object, place, name, VALUE);
    let label = reader.text(object, place, "label", LABEL);
    reader.refuse_others(object, place, &[name, "label"]);
    Some((text?, label))
}

fn address(reader: &mut Reader, value: &Value, place: &Place<'_>) -> Option<Address> {
    let object = reader.object(value, place)?;
    let before = reader.count();
    let mut address = Address {
        street: reader.text(object, place, "street", STREET),
        locality: reader.text(object, place, "locality", LINE),
        region: reader.text(object, place, "region", LINE),
        postal_code: reader.text(object, place, "postalCode", LABEL),
        country: None,
        label: reader.text(object, place, "label", LABEL),
    };
    if let Some(code) = reader.text(object, place, "country", LINE) {
        match code.parse() {
            Ok(country) => address.country = Some(country),
            Err(_) => {
                reader.fault(&place.member("country"), "must be a country's code in ISO 3166-1 alpha-2, such as GB")
            }
        }
    }
    reader.refuse_others(object, place, &["street", "locality", "region", "postalCode", "country", "label"]);
    if reader.count() == before && (Address { label: None, ..address.clone() }) == Address::default() {
        reader.fault(place, "must have a street, a locality, a region, a postal code or a country");
    }
    Some(address)
}

fn birthday(reader: &mut Reader, object: &Object, place: &Place<'_>) -> Option<Date> {
    let text = reader.text(object, place, "birthday", LINE)?;
    let date = text.parse::<Date>().ok().filter(|date| date.to_string() == text);
    if date.is_none() {
        reader.fault(&place.member("birthday"), "must be a date such as 1815-12-10");
    }
    date
}

fn tags(reader: &mut Reader, object: &Object, place: &Place<'_>) -> Vec<String> {
    let tag = |reader: &mut Reader, value: &Value, place: &Place<'_>| reader.checked_text(value, place, LABEL);
    let tags = reader.list(object, place, ("tags", limits::TAGS), tag);
    let mut unique: Vec<String> = Vec::with_capacity(tags.len());
    for tag in tags {
        if !unique.contains(&tag) {
            unique.push(tag);
        }
    }
    unique
}

/// The user's own fields: a name is a label, and is never changed, so that a patch finds it again; `null` is as good as absent.
fn custom(reader: &mut Reader, object: &Object, place: &Place<'_>) -> BTreeMap<String, String> {
    let Some(value) = present(object, "custom") else { return BTreeMap::new() };
    let place = place.member("custom");
    let Some(object) = reader.object(value, &place) else { return BTreeMap::new() };
    if object.len() > limits::CUSTOMS {
        reader.fault(&place, format!("must not have more than {} members", limits::CUSTOMS));
        return BTreeMap::new();
    }
    let mut custom = BTreeMap::new();
    for (name, value) in object.iter().filter(|(_, value)| !value.is_null()) {
        let place = place.member(name);
        if !LABEL.allows(name) {
            reader.fault(&place, "must have a name of one line, 1 to 50 characters, without white space at its ends");
        } else if let Some(value) = reader.checked_text(value, &place, CUSTOM) {
            custom.insert(name.clone(), value);
        }
    }
    custom
}
