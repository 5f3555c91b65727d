//! The API's document in OpenAPI 3.1, made from the types that the API reads and writes.
//!
//! The document is made by a test and kept in the repository (`openapi.json`, and `docs.html` made from it): the function serves it as it
//! lies there, so that no request pays for making it, and a change of the API is seen where it is reviewed.

mod answers;
mod exchange;
mod operations;
mod parameters;
mod schemas;

use serde_json::{Value, json};

/// The document as `openapi.json` keeps it.
#[must_use]
pub fn document() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Contacts API",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Contacts of people, each owner's own: whose they are, the authorizer in front of the API says. API Gateway \
                answers some requests itself, with `{\"message\": …}` in place of a problem: 401 and 403 without good credentials, 413 \
                for more than Lambda takes, 429 beyond the limits of its stage, 503 where the function does not keep up, 500 where it fails.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "security": [{ "token": [] }],
        "tags": [
            { "name": "contacts", "description": "Contacts of the caller." },
            { "name": "service", "description": "What runs, and how it is." },
        ],
        "paths": operations::paths(),
        "components": {
            "schemas": schemas::all(),
            "headers": answers::headers(),
            "responses": answers::problems(),
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "A token of the issuer that the stack was given; without one the API takes requests signed for IAM.",
                },
            },
        },
    })
}
