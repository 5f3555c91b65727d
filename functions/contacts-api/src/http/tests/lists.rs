//! Lists: pages, orders, searches.

use http::Method;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, VARY};
use serde_json::json;
use test_case::test_case;

use super::api::{Api, ask, get, post, put};

/// Cyd, Ada and Bob, created in this order; Ada changed last.
async fn three() -> Api {
    let api = Api::new();
    let mut paths = Vec::new();
    for (given, email, phone, tag) in [
        ("Cyd", "c@example.org", "+4411", "dancer"),
        ("Ada", "a@example.com", "+4412", "poet"),
        ("Bob", "b@example.com", "+3313", "poet laureate"),
    ] {
        let contact = json!({
            "names": {"given": given}, "emails": [{"address": email}], "phones": [{"number": format!("{phone}00000")}],
            "tags": [tag],
        });
        let created = api.send(post("/contacts", &contact)).await;
        paths.push((format!("/contacts/{}", created.body["id"].as_str().unwrap()), contact));
        api.pass(1_000);
    }
    api.send(put(&paths[1].0, &paths[1].1)).await;
    api
}

#[test_case("", &["Cyd", "Ada", "Bob"])]
#[test_case("sort=createdAt", &["Cyd", "Ada", "Bob"])]
#[test_case("sort=-createdAt", &["Bob", "Ada", "Cyd"])]
#[test_case("sort=updatedAt", &["Cyd", "Bob", "Ada"])]
#[test_case("sort=-updatedAt", &["Ada", "Bob", "Cyd"])]
#[test_case("sort=name", &["Ada", "Bob", "Cyd"])]
#[test_case("sort=-name", &["Cyd", "Bob", "Ada"])]
#[test_case("name=a", &["Ada"])]
#[test_case("name=%41D", &["Ada"]; "escaped, in capitals")]
#[test_case("email=b%40example", &["Bob"])]
#[test_case("phone=%2B44", &["Cyd", "Ada"])]
#[test_case("phone=+44", &["Cyd", "Ada"]; "a plus sign that was not escaped")]
#[test_case("tag=poet", &["Ada", "Bob"])]
#[test_case("tag=poet+l", &["Bob"])]
#[test_case("tag=painter", &[])]
#[tokio::test]
async fn lists_what_is_asked_for_in_pages(query: &str, expected: &[&str]) {
    let api = three().await;
    for limit in 1..=3 {
        let mut found = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = api.send(get(&format!("/contacts?limit={limit}&{query}{cursor}"))).await;
            assert_eq!(page.status.as_u16(), 200);
            found.extend(page.contacts().into_iter().map(str::to_owned));
            let Some(next) = page.body.get("next") else { break };
            cursor = format!("&cursor={}", next.as_str().unwrap());
        }
        assert_eq!(found, expected, "in pages of {limit}");
    }
}

#[test_case("limit=0"; "no page is empty")]
#[test_case("limit=101"; "no page is huge")]
#[test_case("limit=many"; "a limit is a number")]
#[test_case("limit=1&limit=2"; "a limit is there once")]
#[test_case("cursor=nonsense"; "a cursor comes from a list")]
#[test_case("cursor="; "an empty cursor is none")]
#[test_case("sort=title"; "no such order")]
#[test_case("sort=--name"; "no such direction")]
#[test_case("sort=name&sort=name"; "one order")]
#[test_case("name=a&tag=b"; "one search")]
#[test_case("name=a&name=b"; "one search by name")]
#[test_case("name=a&sort=name"; "a search has its order")]
#[test_case("name="; "something to search for")]
#[test_case("phone=abc"; "a number has digits")]
#[test_case("nmae=ada"; "a misspelt search finds nothing, and not everything")]
#[test_case("limit=2&deep"; "a name without a value")]
#[tokio::test]
async fn refuses_a_query_that_cannot_be_used(query: &str) {
    assert_eq!(Api::new().status(get(&format!("/contacts?{query}"))).await, 400);
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_list_only() {
    let api = three().await;
    let next = api.send(get("/contacts?limit=1&sort=name")).await.body["next"].as_str().unwrap().to_owned();
    assert_eq!(api.status(get(&format!("/contacts?sort=name&cursor={next}"))).await, 200);
    for other in ["sort=-name", "sort=createdAt", "name=a"] {
        assert_eq!(api.status(get(&format!("/contacts?{other}&cursor={next}"))).await, 400);
    }
}

#[tokio::test]
async fn long_lists_are_compressed_for_those_who_can_read_it() {
    let api = Api::new();
    for index in 0..20 {
        api.created(&format!("Ada {index}")).await;
    }
    let list = |codings| get("/contacts").header(ACCEPT_ENCODING, codings);
    let plain = api.send(list("gzip;q=0, *")).await;
    assert!(!plain.headers.contains_key(CONTENT_ENCODING));
    let packed = api.send(list("br, gzip")).await;
    assert_eq!((packed.header(CONTENT_ENCODING), packed.header(VARY)), ("gzip", "accept-encoding"));
    assert!(packed.bytes.len() < plain.bytes.len() / 4);
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&packed.bytes[..]), &mut text).unwrap();
    assert_eq!(text.as_bytes(), plain.bytes);

    let head = api.send(ask(Method::HEAD, "/contacts").header(ACCEPT_ENCODING, "gzip")).await;
    assert_eq!((head.header(CONTENT_ENCODING), head.bytes.len()), ("gzip", 0));
    assert!(!head.headers.contains_key(CONTENT_LENGTH));
    let refused = api.send(list("identity;q=0")).await;
    assert_eq!((refused.status.as_u16(), refused.header(CONTENT_TYPE)), (406, "application/problem+json"));
}

#[tokio::test]
async fn small_answers_and_tagged_ones_are_not_compressed() {
    let api = Api::new();
    let contact = json!({"names": {"given": "Ada"}, "notes": "x".repeat(3_000)});
    let created = api.send(post("/contacts", &contact).header(ACCEPT_ENCODING, "gzip")).await;
    let path = format!("/contacts/{}", created.body["id"].as_str().unwrap());
    for answer in [created, api.send(get(&path).header(ACCEPT_ENCODING, "gzip")).await] {
        assert!(!answer.etag().is_empty() && !answer.headers.contains_key(CONTENT_ENCODING));
    }
    let empty = api.send(get("/contacts?tag=none").header(ACCEPT_ENCODING, "gzip")).await;
    assert!(!empty.headers.contains_key(CONTENT_ENCODING));
}
