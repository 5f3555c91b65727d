//! All contacts at once, for another program, part by part.

use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_TYPE, LINK, VARY};
use http::{HeaderName, Method};
use serde_json::{Value, json};
use test_case::test_case;

use super::api::{Answer, Api, ask, eve, get, named, post};
use super::imports::{CSV, NDJSON, VCARD, import, lines};
use crate::store::Memory;

#[test_case("", None => (200, "application/x-ndjson".to_owned()); "what is preferred here")]
#[test_case("", Some("*/*") => (200, "application/x-ndjson".to_owned()); "anything")]
#[test_case("", Some("text/html, text/*;q=0.5") => (200, "text/csv; charset=utf-8; header=present".to_owned()); "any text")]
#[test_case("", Some("text/csv;q=0.1, text/vcard") => (200, "text/vcard; charset=utf-8; version=4.0".to_owned()); "the better one")]
#[test_case("?format=csv", Some("application/json") => (200, "text/csv; charset=utf-8; header=present".to_owned()); "by its name")]
#[test_case("", Some("application/json") => (406, "application/problem+json".to_owned()); "another type")]
#[test_case("?format=xml", None => (400, "application/problem+json".to_owned()); "another name")]
#[test_case("?format=csv&format=csv", None => (400, "application/problem+json".to_owned()); "a name twice")]
#[test_case("?tag=poet", None => (400, "application/problem+json".to_owned()); "a search")]
#[test_case("?cursor=x", None => (400, "application/problem+json".to_owned()); "no cursor")]
#[tokio::test]
async fn an_export_is_as_it_is_asked_for(query: &str, accept: Option<&str>) -> (u16, String) {
    let mut ask = get(&format!("/contacts/export{query}"));
    if let Some(accept) = accept {
        ask = ask.header(ACCEPT, accept);
    }
    let answer = Api::new().send(ask).await;
    (answer.status.as_u16(), answer.header(CONTENT_TYPE).to_owned())
}

#[test_case("ndjson", NDJSON)]
#[test_case("csv", CSV)]
#[test_case("vcf", VCARD)]
#[tokio::test]
async fn what_is_exported_can_be_imported(format: &str, media_type: &str) {
    let api = Api::new();
    for part in 0..3 {
        let contacts: String =
            (0..200).map(|number| format!("{}\n", named(&format!("Ada {}", part * 200 + number)))).collect();
        assert_eq!(api.status(import(NDJSON, contacts)).await, 200);
        // Of one millisecond each import begins anywhere.
        api.pass(1);
    }
    let (mut url, mut parts, mut imported) = (format!("/contacts/export?format={format}"), 0, 0);
    loop {
        let part = api.send(get(&url)).await;
        assert_eq!(part.header(CONTENT_DISPOSITION), format!("attachment; filename=\"contacts.{format}\""));
        assert!(part.header(VARY).contains("accept"));
        let text = String::from_utf8(part.bytes.to_vec()).unwrap();
        for some in in_pieces(format, &text) {
            let answer = api.send(import(media_type, some).of(eve())).await;
            assert_eq!(answer.body["failed"], 0, "{}", answer.body);
            api.pass(1);
            imported += answer.body["created"].as_u64().unwrap();
        }
        parts += 1;
        let Some(next) = part.header(LINK).strip_prefix('<') else { break };
        let (query, _) = next.split_once(">; rel=\"next\"").unwrap();
        url = format!("/contacts/export{query}");
    }
    assert_eq!((parts, imported), (3, 600));
    let all = |answer: Answer| {
        let exported = String::from_utf8(answer.bytes.to_vec()).unwrap();
        exported.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["names"].take()).collect::<Vec<_>>()
    };
    let adas = all(api.send(get("/contacts/export")).await);
    assert!(adas == all(api.send(get("/contacts/export").of(eve())).await), "others");
    assert_eq!((adas.len(), &adas[296]), (297, &json!({"given": "Ada 296"})));
}

/// As many contacts as an import takes; each of these is on so many lines.
fn in_pieces(format: &str, text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    match format {
        "csv" => lines[1..].chunks(200).map(|rows| format!("{}{}", lines[0], rows.concat())).collect(),
        "vcf" => lines.chunks(200 * 8).map(<[&str]>::concat).collect(),
        _ => lines.chunks(200).map(<[&str]>::concat).collect(),
    }
}

#[tokio::test]
async fn an_export_is_compressed_where_that_is_worth_it() {
    let api = Api::new();
    assert_eq!(api.status(import(NDJSON, lines(100))).await, 200);
    let answer = api.send(get("/contacts/export").header(ACCEPT_ENCODING, "gzip")).await;
    assert_eq!(answer.header(CONTENT_ENCODING), "gzip");
    let vary: Vec<_> = answer.headers.get_all(VARY).iter().filter_map(|value| value.to_str().ok()).collect();
    assert_eq!(vary, ["accept", "accept-encoding"]);
    assert_eq!(api.send(ask(Method::HEAD, "/contacts/export")).await.status.as_u16(), 200);
}

#[tokio::test]
async fn a_cursor_of_another_list_is_none_of_an_export() {
    let api = Api::new();
    for _ in 0..2 {
        api.send(post("/contacts", &named("Ada"))).await;
    }
    let list = api.send(get("/contacts?sort=name&limit=1")).await;
    let stolen = format!("/contacts/export?cursor={}", list.body["next"].as_str().unwrap());
    assert_eq!(api.status(get(&stolen)).await, 400);
    let list = api.send(get("/contacts?limit=1")).await;
    let rest = api.send(get(&format!("/contacts/export?cursor={}", list.body["next"].as_str().unwrap()))).await;
    assert_eq!(rest.bytes.iter().filter(|byte| **byte == b'\n').count(), 1);
}

#[tokio::test]
async fn pages_of_other_origins_may_read_where_an_export_goes_on() {
    let any = |settings: &mut super::super::ApiSettings| {
        settings.allowed_origins = Some(super::super::AllowedOrigins::Any);
    };
    let api = Api::with(Memory::default(), any);
    let origin = HeaderName::from_static("origin");
    let answer = api.send(get("/contacts/export").header(origin, "https://a.example")).await;
    let exposed = answer.header(HeaderName::from_static("access-control-expose-headers"));
    assert!(exposed.contains("link") && exposed.contains("content-disposition"), "{exposed}");
}

/// The longest reply that Lambda takes of a function: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>.
const LARGEST_REPLY: usize = 6 * 1024 * 1024;

/// A user who could make the function fail could stop a deployment.
#[test_case("ndjson")]
#[test_case("csv")]
#[test_case("vcf")]
#[tokio::test]
async fn a_part_fits_into_a_reply_whatever_is_in_it(format: &str) {
    let api = Api::new();
    let fields: serde_json::Map<String, Value> = (0..20).map(|n| (format!("{n}"), "\"".repeat(500).into())).collect();
    let largest = json!({"names": {"given": "Ada"}, "notes": "\"\\".repeat(2_000), "custom": fields});
    for _ in 0..80 {
        assert_eq!(api.status(post("/contacts", &largest)).await, 201);
    }
    let part = api.send(get(&format!("/contacts/export?format={format}"))).await;
    assert!(part.header(LINK).contains("next"), "all of them in one part");
    let reply = serde_json::to_string(str::from_utf8(&part.bytes).unwrap()).unwrap().len();
    assert!((1_000_000..LARGEST_REPLY).contains(&reply), "{reply}");
}
