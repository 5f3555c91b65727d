//! Parameters: identities, searches, preconditions.

use serde_json::{Value, json};

use crate::http::{DEFAULT_PAGE, LARGEST_PAGE, LONGEST_KEY};
use crate::interchange::Format;

/// Entity tags, none of them at the least, or `*` (RFC 9110, section 13.1).
const TAGS: &str = r#"^(\*|((W/)?"[!#-~]*"( *, *(W/)?"[!#-~]*")*)?)$"#;

/// A string of RFC 9651 in its quotes, or the same bare.
const KEY: &str = r#"^([!#-~]([ -~]*[!-~])?|"([ !#-\[\]-~]|\\["\\])+")$"#;

/// The contact that the path names.
pub(super) fn id() -> Value {
    json!({
        "name": "id", "in": "path", "required": true,
        "description": "The contact's identity.",
        "schema": { "$ref": "#/components/schemas/ContactId" },
    })
}

/// The query parameters of a list.
pub(super) fn listing() -> Vec<Value> {
    let search = |name: &str, of: &str| {
        let description = format!(
            "Finds contacts of which {of} begins with this, whatever the case; in the order of what is found. One of name, email, phone \
             and tag at a time, and not with sort."
        );
        query(name, &description, json!({ "type": "string", "minLength": 1, "pattern": r"\S" }))
    };
    let sorts = ["createdAt", "-createdAt", "updatedAt", "-updatedAt", "name", "-name"];
    vec![
        search("name", "a name"),
        search("email", "an e-mail address"),
        search("phone", "a telephone number"),
        search("tag", "a tag"),
        query(
            "sort",
            "The order; a minus begins at the other end.",
            json!({ "type": "string", "enum": sorts, "default": "createdAt" }),
        ),
        query(
            "limit",
            "The most contacts of a page.",
            json!({ "type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": DEFAULT_PAGE }),
        ),
        query(
            "cursor",
            "Where the page begins: `next` of the page before, of the same list.",
            json!({ "type": "string", "minLength": 1 }),
        ),
    ]
}

/// The format of an export, for clients that cannot say what they accept.
pub(super) fn format() -> Value {
    let names: Vec<&str> = Format::ALL.into_iter().map(Format::name).collect();
    query(
        "format",
        "The format, whatever the request accepts; without it the one that the request likes best.",
        json!({ "type": "string", "enum": names }),
    )
}

/// The cursor at which a part of an export begins.
pub(super) fn cursor() -> Value {
    query(
        "cursor",
        "Where the part begins: from the Link of the part before.",
        json!({ "type": "string", "minLength": 1 }),
    )
}

/// `?deep=true` of the health check.
pub(super) fn deep() -> Value {
    query("deep", "With `true` the store is asked, too.", json!({ "type": "string" }))
}

/// The state that the contact must have.
pub(super) fn if_match() -> Value {
    header(
        "If-Match",
        "The states, by entity tag, of which the contact must have one.",
        json!({ "type": "string", "pattern": TAGS }),
    )
}

/// The states that the contact must not have.
pub(super) fn if_none_match() -> Value {
    header(
        "If-None-Match",
        "The states, by entity tag, which the contact must not have.",
        json!({ "type": "string", "pattern": TAGS }),
    )
}

/// The header that tells a repeated creation from a new one.
pub(super) fn idempotency_key() -> Value {
    header(
        "Idempotency-Key",
        "A text of the client's choice: a creation that is sent again with it within a day is answered as it was, and happens once.",
        json!({ "type": "string", "pattern": KEY, "maxLength": LONGEST_KEY }),
    )
}

fn query(name: &str, description: &str, schema: Value) -> Value {
    json!({ "name": name, "in": "query", "description": description, "schema": schema })
}

fn header(name: &str, description: &str, schema: Value) -> Value {
    json!({ "name": name, "in": "header", "description": description, "schema": schema })
}
