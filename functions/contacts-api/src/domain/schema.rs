//! JSON Schema for the values that validation checks by hand.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use super::country::Country;
use super::identity::ContactId;
use super::limits::{CUSTOM, LABEL};

/// A text that is not blank and has no control character; the white space at its ends is dropped.
pub(super) const ONE_LINE: &str = r"^\s*[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f])?\s*$";
/// The same, with line breaks and tabs.
pub(super) const SOME_LINES: &str =
    concat!(r"^\s*[^\s\x00-\x1f\x7f-\x9f]", r"([^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f])?\s*$");
/// A telephone number in E.164.
pub(super) const E164: &str = r"^\s*\+[1-9][0-9]{6,14}\s*$";
/// An own field's name: nothing is dropped from it.
const OWN_NAME: &str = r"^[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f])?$(?![\s\S])";

/// The name of an own field.
pub(super) fn own_field_name() -> Value {
    json!({ "minLength": 1, "maxLength": LABEL, "pattern": OWN_NAME })
}

/// The value of an own field.
pub(super) fn own_field() -> Value {
    json!({ "type": "string", "minLength": 1, "maxLength": CUSTOM, "pattern": SOME_LINES })
}

/// A schema's `anyOf`: one of these members is there, and not `null`.
pub(super) fn one_of(members: &[&str]) -> Value {
    let each = |member: &&str| json!({ "required": [member], "properties": { *member: { "type": "string" } } });
    members.iter().map(each).collect()
}

impl JsonSchema for ContactId {
    fn schema_name() -> Cow<'static, str> {
        "ContactId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^[0-7][0-9A-HJKMNP-TV-Z]{25}$",
            "description": "A contact's identity: a ULID, so that identities sort by the time of creation.",
            "examples": ["01JQ6V0A7N3RZK4M2C8X5T9WBE"],
        })
    }
}

impl JsonSchema for Country {
    fn schema_name() -> Cow<'static, str> {
        "Country".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "enum": Country::codes().collect::<Vec<_>>(),
            "description": "A country's code in ISO 3166-1 alpha-2.",
        })
    }
}
