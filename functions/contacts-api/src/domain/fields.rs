//! What a user says about a contact.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use super::country::Country;

/// What a person is called. At least a given name, a family name or a nickname is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Names {
    /// Given name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given: Option<String>,
    /// Family name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family: Option<String>,
    /// Middle names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub additional: Option<String>,
    /// What stands before the name: `Dr.`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// What stands behind the name: `Jr.`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suffix: Option<String>,
    /// What friends say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nickname: Option<String>,
}

/// An e-mail address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Email {
    /// The address.
    pub address: String,
    /// What kind of address it is, in the user's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// A telephone number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Phone {
    /// The number in E.164: a plus sign and up to 15 digits.
    pub number: String,
    /// What kind of number it is, in the user's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// A postal address. At least one member beside the label is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Address {
    /// Street and number; several lines are allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street: Option<String>,
    /// City, town or village.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// State, province or county.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Postal code, as the country writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// The country.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<Country>,
    /// What kind of address it is, in the user's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// What a user says about a contact, validated: no text is blank, longer than the limits of `draft`, or has white space at its ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Fields {
    /// Names.
    pub names: Names,
    /// At most 10 e-mail addresses, in the user's order.
    pub emails: Vec<Email>,
    /// At most 10 telephone numbers, in the user's order.
    pub phones: Vec<Phone>,
    /// At most 10 postal addresses, in the user's order.
    pub addresses: Vec<Address>,
    /// Where they work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    /// What they do there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Date of birth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birthday: Option<Date>,
    /// Anything else, in at most 4,000 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// At most 20 tags, each once.
    pub tags: Vec<String>,
    /// At most 20 fields of the user's own, by name.
    pub custom: BTreeMap<String, String>,
}
