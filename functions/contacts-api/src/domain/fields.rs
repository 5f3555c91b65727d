//! The fields of a contact that the user sets.

use std::collections::BTreeMap;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use super::country::Country;
use super::limits::{CUSTOMS, ENTRIES, LABEL, LINE, NAME, NOTES, STREET, TAGS, VALUE};
use super::schema::{self, E164, ONE_LINE, SOME_LINES};

/// The parts of a person's name. At least a given name, a family name or a nickname is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, extend("anyOf" = schema::one_of(&["given", "family", "nickname"])))]
pub struct Names {
    /// Given name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = NAME), regex(pattern = ONE_LINE))]
    pub given: Option<String>,
    /// Family name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = NAME), regex(pattern = ONE_LINE))]
    pub family: Option<String>,
    /// Middle names.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = NAME), regex(pattern = ONE_LINE))]
    pub additional: Option<String>,
    /// A title before the name: `Dr.`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = NAME), regex(pattern = ONE_LINE))]
    pub prefix: Option<String>,
    /// A suffix behind the name: `Jr.`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = NAME), regex(pattern = ONE_LINE))]
    pub suffix: Option<String>,
    /// The name that friends use.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = NAME), regex(pattern = ONE_LINE))]
    pub nickname: Option<String>,
}

/// An e-mail address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Email {
    /// The address.
    #[schemars(length(min = 1, max = VALUE), email)]
    pub address: String,
    /// The kind of the address, in the user's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = LABEL), regex(pattern = ONE_LINE))]
    pub label: Option<String>,
}

/// A telephone number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Phone {
    /// The number in E.164: a plus sign and up to 15 digits.
    #[schemars(length(min = 1, max = VALUE), regex(pattern = E164))]
    pub number: String,
    /// The kind of the number, in the user's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = LABEL), regex(pattern = ONE_LINE))]
    pub label: Option<String>,
}

/// A postal address. At least one member beside the label is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields, extend("anyOf" = schema::one_of(&["street", "locality", "region", "postalCode", "country"])))]
pub struct Address {
    /// Street and number; several lines are allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = STREET), regex(pattern = SOME_LINES))]
    pub street: Option<String>,
    /// City, town or village.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = LINE), regex(pattern = ONE_LINE))]
    pub locality: Option<String>,
    /// State, province or county.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = LINE), regex(pattern = ONE_LINE))]
    pub region: Option<String>,
    /// Postal code, as the country writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = LABEL), regex(pattern = ONE_LINE))]
    pub postal_code: Option<String>,
    /// The country.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<Country>,
    /// The kind of the address, in the user's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = LABEL), regex(pattern = ONE_LINE))]
    pub label: Option<String>,
}

/// The fields of a contact that the user sets, validated: no text is blank, beyond the limits of `draft`, or has white space at its ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Fields {
    /// Names.
    pub names: Names,
    /// At most 10 e-mail addresses, in the user's order.
    #[schemars(default, length(max = ENTRIES))]
    pub emails: Vec<Email>,
    /// At most 10 telephone numbers, in the user's order.
    #[schemars(default, length(max = ENTRIES))]
    pub phones: Vec<Phone>,
    /// At most 10 postal addresses, in the user's order.
    #[schemars(default, length(max = ENTRIES))]
    pub addresses: Vec<Address>,
    /// The organisation that they work for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = LINE), regex(pattern = ONE_LINE))]
    pub company: Option<String>,
    /// Their function there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = LINE), regex(pattern = ONE_LINE))]
    pub title: Option<String>,
    /// Date of birth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birthday: Option<Date>,
    /// Anything else, in at most 4,000 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = NOTES), regex(pattern = SOME_LINES))]
    pub notes: Option<String>,
    /// At most 20 tags, each once.
    #[schemars(default, length(max = TAGS), inner(length(min = 1, max = LABEL), regex(pattern = ONE_LINE)))]
    pub tags: Vec<String>,
    /// At most 20 fields of the user's own, by name.
    #[schemars(default, extend("additionalProperties" = schema::own_field(), "maxProperties" = CUSTOMS, "propertyNames" = schema::own_field_name()))]
    pub custom: BTreeMap<String, String>,
}
