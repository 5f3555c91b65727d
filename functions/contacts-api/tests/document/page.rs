//! The document as one page for people: no script, nothing loaded from elsewhere.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::Value;

const STYLE: &str = "
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff}
h1,h2,h3{line-height:1.2}h3{margin:0;font-size:1rem}code,.m{font:.9em ui-monospace,monospace}
article{border:1px solid #d0d7de;border-radius:6px;padding:.8rem 1rem;margin:.8rem 0}
.m{display:inline-block;min-width:4.5rem;font-weight:700}.q{color:#59636e}nav a{margin-right:1rem}
.get{color:#0a5d2c}.post{color:#0b4fa8}.put,.patch{color:#8a4b00}.delete{color:#a40e26}
table{border-collapse:collapse;width:100%;margin:.5rem 0}
td,th{text-align:left;vertical-align:top;padding:.25rem .6rem .25rem 0;border-bottom:1px solid #eaeef2}
@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}a{color:#79c0ff}.q{color:#9198a1}
article{border-color:#30363d}td,th{border-color:#21262d}
.get{color:#56d364}.post{color:#79c0ff}.put,.patch{color:#e3b341}.delete{color:#ff7b72}}
";

/// The methods that people call; the others follow from these.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// The page of a document.
pub fn of(document: &Value) -> String {
    let info = &document["info"];
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (text(&info["title"])) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { (text(&info["title"])) " " span.q { (text(&info["version"])) } }
                p { (prose(&info["description"])) }
                p { (text(&document["components"]["securitySchemes"]["token"]["description"])) }
                p.q { "Each resource also answers HEAD and OPTIONS. For programs: " a href="openapi.json" { "openapi.json" } "." }
                nav { a href="#operations" { "Operations" } a href="#problems" { "Problems" } a href="#schemas" { "Schemas" } }
                h2 #operations { "Operations" }
                @for (path, item) in members(&document["paths"]) {
                    @for method in METHODS.iter().filter(|method| item.get(**method).is_some()) {
                        (operation(path, method, &item[*method], &item["parameters"]))
                    }
                }
                h2 #problems { "Problems" }
                p { "Everything that is not a success has a body of " code { "application/problem+json" } " (RFC 9457)." }
                (problems(document))
                h2 #schemas { "Schemas" }
                @for (name, schema) in members(&document["components"]["schemas"]) { (schema_of(name, schema)) }
            }
        }
    };
    // A line for each row, so that a change of the API is a change of a few lines.
    page.into_string().replace("</tr>", "</tr>\n").replace("</article>", "</article>\n") + "\n"
}

fn operation(path: &str, method: &str, operation: &Value, shared: &Value) -> Markup {
    let parameters: Vec<&Value> = items(shared).chain(items(&operation["parameters"])).collect();
    let is_open = operation["security"].as_array().is_some_and(Vec::is_empty);
    html! {
        article id=(text(&operation["operationId"])) {
            h3 { span class={ "m " (method) } { (method.to_uppercase()) } code { (path) } }
            p { (text(&operation["summary"])) "." @if is_open { span.q { " Needs no credentials." } } }
            @if operation.get("description").is_some() { p { (prose(&operation["description"])) } }
            @if !parameters.is_empty() {
                table {
                    tr { th { "Parameter" } th { "In" } th { "Meaning" } }
                    @for parameter in parameters {
                        tr {
                            td { code { (text(&parameter["name"])) } }
                            td { (text(&parameter["in"])) }
                            td { (prose(&parameter["description"])) " " span.q { (kind(&parameter["schema"])) } }
                        }
                    }
                }
            }
            @for (media_type, content) in members(&operation["requestBody"]["content"]) {
                p { "Takes " (kind(&content["schema"])) " as " code { (media_type) } "." }
            }
            p.q { "Answers " @for (status, answer) in members(&operation["responses"]) { (status) (body(answer)) " " } }
        }
    }
}

/// The content of an answer, if it says so itself: a schema, or the media type of a text.
fn body(answer: &Value) -> Markup {
    html! {
        @for (media_type, content) in members(&answer["content"]) {
            @if reference(&content["schema"]).is_some() { " (" (kind(&content["schema"])) ")" } @else { " (" code { (media_type) } ")" }
        }
    }
}

/// A description, whose CommonMark is no more than code in backticks.
fn prose(description: &Value) -> Markup {
    html! {
        @for (part, code) in text(description).split('`').zip([false, true].into_iter().cycle()) {
            @if code { code { (part) } } @else { (part) }
        }
    }
}

fn problems(document: &Value) -> Markup {
    html! {
        table { @for (name, answer) in members(&document["components"]["responses"]) {
            tr { td { (name) } td { (prose(&answer["description"])) } }
        } }
    }
}

fn schema_of(name: &str, schema: &Value) -> Markup {
    let required: Vec<&Value> = items(&schema["required"]).collect();
    html! {
        article id={ "schema-" (name) } {
            h3 { (name) }
            p { (prose(&schema["description"])) " " @if schema.get("properties").is_none() { span.q { (kind(schema)) } } }
            @if schema.get("properties").is_some() {
                table { @for (member, schema) in members(&schema["properties"]) {
                    tr {
                        td { code { (member) } @if required.iter().any(|each| *each == member) { " *" } }
                        td { (prose(&schema["description"])) " " span.q { (kind(schema)) } }
                    }
                } }
            }
        }
    }
}

/// A schema in a few words.
fn kind(schema: &Value) -> Markup {
    if let Some(name) = reference(schema).or_else(|| items(&schema["anyOf"]).find_map(reference)) {
        return html! { a href={ "#schema-" (name) } { (name) } };
    }
    let mut words = Vec::new();
    match &schema["type"] {
        Value::String(kind) => words.push(kind.clone()),
        Value::Array(kinds) => words.push(kinds.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or ")),
        _ => {}
    }
    words.extend(schema["format"].as_str().map(str::to_owned));
    if let Some(values) = schema["enum"].as_array().filter(|values| values.len() <= 10) {
        words.push(format!("one of {}", values.iter().map(text).collect::<Vec<_>>().join(", ")));
    }
    for (member, word) in
        [("maxLength", "characters"), ("maxItems", "items"), ("maxProperties", "members"), ("maximum", "")]
    {
        words.extend(schema[member].as_u64().map(|most| format!("at most {most} {word}").trim_end().to_owned()));
    }
    let of = schema.get("items").map(kind);
    html! { (words.join(", ")) @if let Some(of) = of { " of " (of) } }
}

fn reference(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.rsplit('/').next()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}
