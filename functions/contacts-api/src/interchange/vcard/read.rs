//! vCards as the JSON that the API takes.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::iter;

use serde_json::{Map, Value, json};
use vcard::param::VcardParam;
use vcard::prop::{VcardPropKind as Kind, VcardPropName};
use vcard::tree::cst::VcardCst;
use vcard::tree::error::VcardParseError;
use vcard::tree::line::VcardLine;
use vcard::value::VcardValue;
use vcard::value::adr::VcardAdr;
use vcard::value::n::VcardN;
use vcard::version::VcardVersion;

use super::super::{Entry, Refusal};
use super::{COUNTRY_CODE, CUSTOM, CUSTOM_NAME, LABEL, is_technical};
use crate::domain::{Country, validate};

/// Names of properties that a card's answer has room for.
const MOST_IGNORED: usize = 50;

/// A card that breaks off ends the text: where the next one begins cannot be told.
pub(in super::super) fn read(text: &str) -> impl Iterator<Item = Entry> + Send + '_ {
    let mut rest = text;
    let mut line = 1;
    iter::from_fn(move || {
        let begin = rest.trim_start();
        line += breaks(rest, begin);
        let first = line;
        let card = match VcardCst::parse_many(begin).next()? {
            Ok(card) => card,
            Err(error) => {
                rest = "";
                return Some(Entry::unreadable(first, reason(&error)));
            }
        };
        // A card is written as it was read, byte for byte.
        rest = begin.get(card.to_bytes().len()..).unwrap_or_default();
        line += breaks(begin, rest);
        Some(entry(&card, first))
    })
}

/// The line breaks of a text before its end begins.
fn breaks(text: &str, end: &str) -> u64 {
    let passed = text.len().saturating_sub(end.len());
    text.bytes().take(passed).map(|byte| u64::from(byte == b'\n')).sum()
}

fn reason(error: &VcardParseError) -> &'static str {
    match error {
        VcardParseError::ExpectedBegin(_) => "a vCard must begin with BEGIN:VCARD; what follows was not read",
        VcardParseError::MissingEnd(_) => "the vCard has no END:VCARD",
        _ => "a line of the vCard is no property; what follows was not read",
    }
}

fn entry(card: &VcardCst<'_>, line: u64) -> Entry {
    if card.version() == VcardVersion::V2_1 {
        return Entry::unreadable(line, "the vCard is of version 2.1; 4.0 and 3.0 are read");
    }
    // Once, and not for each line: a card may have any number of both.
    let is_label = |line: &&VcardLine<'_>| line.bare_name().eq_ignore_ascii_case(LABEL);
    let labels = card.props.iter().filter(is_label);
    let labels = labels.filter_map(|line| Some((line.group()?.to_owned(), plain(&line.value.decode())))).collect();
    let mut reader =
        Reader { version: card.version(), labels, contact: Map::new(), ignored: Vec::new(), formatted: None };
    for line in &card.props {
        reader.line(line);
    }
    let (contact, ignored) = reader.finish();
    Entry { line, contact: validate(&contact).map_err(Refusal::Invalid), ignored }
}

struct Reader {
    version: VcardVersion,
    /// The user's words of `X-ABLABEL`, by group.
    labels: BTreeMap<String, Option<String>>,
    contact: Map<String, Value>,
    ignored: Vec<String>,
    formatted: Option<String>,
}

impl Reader {
    fn line(&mut self, line: &VcardLine<'_>) {
        let property = line.decode(self.version);
        let text = line.value.decode();
        if text.trim().is_empty() {
            return;
        }
        let kept = match &property.name {
            VcardPropName::Unknown(name) => self.unknown(name, &property.params, &text),
            VcardPropName::Kind(kind) => match (kind, &property.value) {
                // The property is about the card itself, not the person on it.
                (Kind::Uid | Kind::Rev | Kind::Created | Kind::ProdId | Kind::Kind, _) => true,
                (Kind::Fn, _) => {
                    self.formatted.get_or_insert_with(|| text.into_owned());
                    true
                }
                (Kind::N, VcardValue::N(name)) => self.names(name),
                (Kind::Nickname, _) => self.name("nickname", joined(&line.value.decode_list(), ", ")),
                (Kind::Email, _) => self.add("emails", "address", &text, self.label(line, &property.params)),
                (Kind::Tel, _) => self.add("phones", "number", &number(&text), self.label(line, &property.params)),
                (Kind::Adr, VcardValue::Adr(place)) => self.address(place, line, &property.params),
                (Kind::Org, VcardValue::Org(org)) => self.once("company", joined(&org.0, ", ")),
                (Kind::Title, _) => self.once("title", text.into_owned()),
                (Kind::Bday, _) => date(&text).is_some_and(|date| self.once("birthday", date)),
                (Kind::Note, _) => self.note(&text),
                (Kind::Categories, _) => self.tags(&line.value.decode_list()),
                _ => false,
            },
        };
        if !kept {
            self.ignore(line.bare_name());
        }
    }

    /// A person with neither a name of parts nor a nickname gets the card's formatted name.
    fn finish(mut self) -> (Value, Vec<String>) {
        let names = self.contact.get("names");
        let named =
            ["given", "family", "nickname"].iter().any(|part| names.is_some_and(|names| names.get(part).is_some()));
        if !named && let Some(formatted) = self.formatted.take() {
            self.name("given", formatted);
        }
        (self.contact.into(), self.ignored)
    }

    fn ignore(&mut self, property: &str) {
        let property = property.to_ascii_uppercase();
        if self.ignored.len() < MOST_IGNORED && !self.ignored.contains(&property) {
            self.ignored.push(property);
        }
    }

    fn unknown(&mut self, name: &str, params: &[VcardParam<'_>], text: &str) -> bool {
        // The library has the version apart; the label is read with what it labels.
        if ["VERSION", LABEL].iter().any(|known| name.eq_ignore_ascii_case(known)) {
            return true;
        }
        let own_field = params.iter().find_map(|param| unknown_param(param, CUSTOM_NAME));
        match own_field.filter(|_| name.eq_ignore_ascii_case(CUSTOM)) {
            Some(field) => {
                let fields = self.contact.entry("custom").or_insert_with(|| json!({}));
                fields[field] = json!(text);
                true
            }
            None => false,
        }
    }

    /// Only the first of what a contact has one of is kept.
    fn once(&mut self, member: &str, text: String) -> bool {
        let free = !self.contact.contains_key(member);
        if free && !text.is_empty() {
            self.contact.insert(member.to_owned(), text.into());
        }
        free
    }

    fn name(&mut self, part: &str, text: String) -> bool {
        let names = self.contact.entry("names").or_insert_with(|| json!({}));
        let free = names[part].is_null();
        if free && !text.is_empty() {
            names[part] = text.into();
        }
        free
    }

    fn names(&mut self, name: &VcardN<'_>) -> bool {
        let VcardN { family, given, additional, prefixes, suffixes } = name;
        let parts = [
            ("family", family),
            ("given", given),
            ("additional", additional),
            ("prefix", prefixes),
            ("suffix", suffixes),
        ];
        parts.into_iter().fold(true, |kept, (part, texts)| self.name(part, joined(texts, " ")) && kept)
    }

    fn push(&mut self, list: &str, item: Value) {
        if let Value::Array(items) = self.contact.entry(list).or_insert_with(|| json!([])) {
            items.push(item);
        }
    }

    fn tags(&mut self, tags: &[Cow<'_, str>]) -> bool {
        for tag in tags.iter().filter(|tag| !tag.trim().is_empty()) {
            self.push("tags", json!(tag));
        }
        true
    }

    fn add(&mut self, list: &str, member: &str, text: &str, label: Option<String>) -> bool {
        let mut entry = json!({ member: text });
        if let Some(label) = label {
            entry["label"] = label.into();
        }
        self.push(list, entry);
        true
    }

    fn address(&mut self, place: &VcardAdr<'_>, line: &VcardLine<'_>, params: &[VcardParam<'_>]) -> bool {
        let street: Vec<String> = [&place.po_box, &place.extended, &place.street]
            .into_iter()
            .map(|part| joined(part, ", "))
            .filter(|part| !part.is_empty())
            .collect();
        let parts = [
            ("street", street.join("\n")),
            ("locality", joined(&place.locality, ", ")),
            ("region", joined(&place.region, ", ")),
            ("postalCode", joined(&place.postal_code, ", ")),
        ];
        let mut address: Map<String, Value> = parts
            .into_iter()
            .filter(|(_, text)| !text.is_empty())
            .map(|(part, text)| (part.to_owned(), text.into()))
            .collect();
        let written = joined(&place.country, ", ");
        let code = params.iter().find_map(|param| unknown_param(param, COUNTRY_CODE)).unwrap_or(&written);
        let country = code.trim().to_ascii_uppercase().parse::<Country>().ok();
        if let Some(country) = country {
            address.insert("country".to_owned(), country.as_str().into());
        }
        let kept = country.is_some() || written.is_empty();
        if !address.is_empty() {
            if let Some(label) = self.label(line, params) {
                address.insert("label".to_owned(), label.into());
            }
            self.push("addresses", address.into());
        }
        kept && !place.has_extended_components()
    }

    fn note(&mut self, text: &str) -> bool {
        match self.contact.get_mut("notes") {
            Some(Value::String(notes)) => {
                notes.push_str("\n\n");
                notes.push_str(text);
            }
            _ => drop(self.contact.insert("notes".to_owned(), text.into())),
        }
        true
    }

    /// The user's word for it: the label of its group, or its types.
    fn label(&self, line: &VcardLine<'_>, params: &[VcardParam<'_>]) -> Option<String> {
        if let Some(label) = line.group().and_then(|group| self.labels.get(group)) {
            return label.clone();
        }
        let types: Vec<String> = params
            .iter()
            .filter_map(|param| if let VcardParam::Type(types) = param { Some(types) } else { None })
            .flatten()
            .flat_map(|kinds| kinds.split(','))
            .filter(|kind| !kind.trim().is_empty() && !is_technical(kind.trim()))
            .map(|kind| kind.trim().to_ascii_lowercase())
            .collect();
        (!types.is_empty()).then(|| types.join(" "))
    }
}

/// Apple's address book marks the labels that it translates: `_$!<Home>!$_`.
fn plain(label: &str) -> Option<String> {
    let label = label.trim();
    let own = label.strip_prefix("_$!<").and_then(|rest| rest.strip_suffix(">!$_"));
    Some(own.map_or_else(|| label.to_owned(), str::to_lowercase)).filter(|label| !label.is_empty())
}

/// A parameter that the library has no kind for.
fn unknown_param<'p>(param: &'p VcardParam<'_>, wanted: &str) -> Option<&'p str> {
    match param {
        VcardParam::Unknown { name, values } if name.eq_ignore_ascii_case(wanted) => {
            values.first().map(|value| &**value)
        }
        _ => None,
    }
}

/// The number of a `tel` URI (RFC 3966) or of a text, without what makes it readable.
fn number(text: &str) -> String {
    let text = text.trim();
    let scheme = text.get(..4).filter(|scheme| scheme.eq_ignore_ascii_case("tel:"));
    let number = scheme.map_or(text, |scheme| &text[scheme.len()..]);
    number.chars().filter(|character| !matches!(character, ' ' | '-' | '.' | '(' | ')' | '/' | '\u{a0}')).collect()
}

/// A whole date, however it is written. A birthday without a year is no date.
fn date(text: &str) -> Option<String> {
    let text = text.trim();
    let day = text.split_once(['T', 't']).map_or(text, |(day, _)| day);
    let date = day.parse::<jiff::civil::Date>().ok();
    date.map(|date| date.to_string())
}

fn joined(texts: &[Cow<'_, str>], separator: &str) -> String {
    let texts: Vec<&str> = texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty()).collect();
    texts.join(separator)
}
