//! The vCards that are written, always of version 4.0.

use std::borrow::Cow;

use vcard::param::VcardParam;
use vcard::prop::{VcardProp, VcardPropKind as Kind, VcardPropName};
use vcard::value::VcardValue;
use vcard::value::adr::VcardAdr;
use vcard::value::datetime::{VcardDateAndOrTime, VcardTimestamp};
use vcard::value::n::VcardN;
use vcard::value::org::VcardOrg;
use vcard::value::text::{VcardText, VcardTextList};
use vcard::value::uri::VcardUri;
use vcard::vcard::Vcard;
use vcard::version::VcardVersion;

use super::{COUNTRY_CODE, CUSTOM, CUSTOM_NAME, LABEL, is_technical};
use crate::domain::{Address, Contact, Names};

pub(in super::super) fn write(contacts: &[Contact]) -> Vec<u8> {
    contacts.iter().flat_map(|contact| card(contact).encode().to_bytes()).collect()
}

fn card(contact: &Contact) -> Vcard<'static> {
    let mut card = Card::default();
    card.names(&contact.fields.names);
    for email in &contact.fields.emails {
        card.labelled(email.label.as_deref(), Kind::Email, Vec::new(), text(&email.address));
    }
    for phone in &contact.fields.phones {
        let uri = VcardValue::Uri(VcardUri::from(format!("tel:{}", phone.number)));
        card.labelled(phone.label.as_deref(), Kind::Tel, vec![value_is("uri")], uri);
    }
    for address in &contact.fields.addresses {
        let code = |country: &str| VcardParam::Unknown { name: COUNTRY_CODE.into(), values: vec![owned(country)] };
        let country = address.country.map(|country| code(country.as_str()));
        card.labelled(address.label.as_deref(), Kind::Adr, country.into_iter().collect(), place(address));
    }
    card.about(contact);
    Vcard { version: VcardVersion::V4_0, properties: card.properties }
}

#[derive(Default)]
struct Card {
    properties: Vec<VcardProp<'static>>,
    groups: usize,
}

impl Card {
    fn push(
        &mut self,
        name: impl Into<VcardPropName<'static>>,
        params: Vec<VcardParam<'static>>,
        value: VcardValue<'static>,
    ) {
        self.properties.push(VcardProp { group: None, name: name.into(), params, value });
    }

    fn names(&mut self, names: &Names) {
        let Names { given, family, additional, prefix, suffix, nickname } = names;
        let parts: Vec<&str> =
            [prefix, given, additional, family, suffix].into_iter().flatten().map(String::as_str).collect();
        let formatted = if parts.is_empty() { nickname.clone().unwrap_or_default() } else { parts.join(" ") };
        self.push(Kind::Fn, Vec::new(), text(&formatted));
        if !parts.is_empty() {
            let [family, given, additional, prefixes, suffixes] = [family, given, additional, prefix, suffix]
                .map(|part| part.as_deref().map(owned).into_iter().collect());
            let name = VcardN { family, given, additional, prefixes, suffixes };
            self.push(Kind::N, Vec::new(), VcardValue::N(name));
        }
        if let Some(nickname) = nickname {
            self.push(Kind::Nickname, Vec::new(), list([nickname.as_str()]));
        }
    }

    /// Adds a property that the user has a word for, as its `TYPE` or in a group with its label.
    fn labelled(
        &mut self,
        label: Option<&str>,
        kind: Kind,
        mut params: Vec<VcardParam<'static>>,
        value: VcardValue<'static>,
    ) {
        let mut group = None;
        match label {
            Some(label) if is_type(label) => params.push(VcardParam::Type(vec![owned(label)])),
            Some(label) => {
                self.groups += 1;
                group = Some(Cow::Owned(format!("item{}", self.groups)));
                let name = VcardPropName::from(LABEL);
                self.properties.push(VcardProp { group: group.clone(), name, params: Vec::new(), value: text(label) });
            }
            None => {}
        }
        self.properties.push(VcardProp { group, name: kind.into(), params, value });
    }

    fn about(&mut self, contact: &Contact) {
        let fields = &contact.fields;
        if let Some(company) = &fields.company {
            self.push(Kind::Org, Vec::new(), VcardValue::Org(VcardOrg(vec![owned(company)])));
        }
        if let Some(title) = &fields.title {
            self.push(Kind::Title, Vec::new(), text(title));
        }
        if let Some(birthday) = fields.birthday {
            // Four digits is all that a year has there.
            if (0..=9999).contains(&birthday.year()) {
                let date = basic(&birthday.to_string());
                self.push(Kind::Bday, Vec::new(), VcardValue::DateAndOrTime(VcardDateAndOrTime::from(date)));
            } else {
                self.push(Kind::Bday, vec![value_is("text")], text(&birthday.to_string()));
            }
        }
        if let Some(notes) = &fields.notes {
            self.push(Kind::Note, Vec::new(), text(notes));
        }
        if !fields.tags.is_empty() {
            self.push(Kind::Categories, Vec::new(), list(fields.tags.iter().map(String::as_str)));
        }
        for (name, value) in &fields.custom {
            let named = VcardParam::Unknown { name: CUSTOM_NAME.into(), values: vec![owned(name)] };
            self.push(CUSTOM, vec![named], text(value));
        }
        self.push(Kind::Uid, vec![value_is("text")], text(&contact.id.to_string()));
        for (kind, time) in [(Kind::Created, contact.created_at), (Kind::Rev, contact.updated_at)] {
            let time = basic(&format!("{time:.0}"));
            self.push(kind, Vec::new(), VcardValue::Timestamp(VcardTimestamp::from(time)));
        }
    }
}

fn place(address: &Address) -> VcardValue<'static> {
    let part = |part: &Option<String>| part.as_deref().map(written).into_iter().collect();
    VcardValue::Adr(VcardAdr {
        street: part(&address.street),
        locality: part(&address.locality),
        region: part(&address.region),
        postal_code: part(&address.postal_code),
        country: address.country.map(|country| owned(country.as_str())).into_iter().collect(),
        ..VcardAdr::default()
    })
}

/// True if a label can be a `TYPE`, and is read as the same: types have no case (RFC 6350, section 5.6).
fn is_type(label: &str) -> bool {
    !is_technical(label) && label.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

/// Dates and times as RFC 6350 writes them (section 4.3): without the separators of ISO 8601.
fn basic(extended: &str) -> String {
    extended.replace(['-', ':'], "")
}

fn value_is(kind: &str) -> VcardParam<'static> {
    VcardParam::Value(owned(kind))
}

fn text(text: &str) -> VcardValue<'static> {
    VcardValue::Text(VcardText(written(text)))
}

fn list<'a>(items: impl IntoIterator<Item = &'a str>) -> VcardValue<'static> {
    VcardValue::TextList(VcardTextList(items.into_iter().map(owned).collect()))
}

fn owned(text: &str) -> Cow<'static, str> {
    Cow::Owned(text.to_owned())
}

/// A line break is one character there, and a carriage return would break the line (RFC 6350, section 4.1).
fn written(text: &str) -> Cow<'static, str> {
    Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
}
