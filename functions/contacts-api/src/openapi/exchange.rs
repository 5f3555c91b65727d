//! Operations on many contacts at once, in texts of other programs.

use serde_json::{Map, Value, json};

use super::answers::{answers, of};
use super::operations::{ANY, BODY, operation};
use super::parameters::{cursor, format, idempotency_key};
use crate::http::MOST_CONTACTS;
use crate::interchange::Format;

/// Creates what can be created.
pub(super) fn import() -> Value {
    let description = format!(
        "Creates each contact of a text, at most {MOST_CONTACTS}, and says of each what became of it. One that cannot be created keeps no \
         other from it. With an Idempotency-Key an import that was not finished is finished when it is sent again. A column of a CSV is \
         named by the JSON Pointer of what is in it; vCards are taken in version 4.0 and 3.0."
    );
    operation(
        "importContacts",
        "Creates many contacts",
        json!({
            "description": description,
            "parameters": [idempotency_key()],
            "requestBody": { "required": true, "content": texts() },
            "responses": answers(
                &[
                    (200, of("All contacts are there.", "Import", &[])),
                    (207, of("Some or all contacts are not there: each of those has a problem.", "Import", &[])),
                ],
                &[&ANY[..], &BODY, &[406]].concat(),
            ),
        }),
    )
}

/// All contacts, part by part.
pub(super) fn export() -> Value {
    let mut part = json!({
        "description": "A part of the contacts, in the order of their creation, as a text that can be imported.",
        "content": texts(),
    });
    part["headers"] = ["Link", "Content-Disposition"]
        .into_iter()
        .map(|name| (name.to_owned(), json!({ "$ref": format!("#/components/headers/{name}") })))
        .collect::<Map<_, _>>()
        .into();
    operation(
        "exportContacts",
        "All contacts, for another program",
        json!({
            "description": "As long as there are more contacts, the header Link names the next part.",
            "parameters": [format(), cursor()],
            "responses": answers(&[(200, part)], &[&ANY[..], &[406]].concat()),
        }),
    )
}

/// Each format with a text of one contact.
fn texts() -> Value {
    let text = |format: Format| {
        let example = match format {
            Format::Ndjson => "{\"names\": {\"given\": \"Ada\"}, \"emails\": [{\"address\": \"ada@example.com\"}]}\n",
            Format::Csv => "/names/given,/emails/0/address\r\nAda,ada@example.com\r\n",
            Format::VCard => "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ada\r\nEMAIL:ada@example.com\r\nEND:VCARD\r\n",
        };
        (format.media_type().to_owned(), json!({ "schema": { "type": "string" }, "example": example }))
    };
    Format::ALL.into_iter().map(text).collect::<Map<_, _>>().into()
}
