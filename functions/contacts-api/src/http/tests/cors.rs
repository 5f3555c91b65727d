//! Pages of other origins.

use http::Method;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ALLOW, ORIGIN, VARY,
};
use test_case::test_case;

use super::api::{Api, Ask, ask, get};
use crate::store::Memory;

const PAGE: &str = "https://app.example";

fn allowing(origins: &str) -> Api {
    Api::with(Memory::default(), |settings| settings.allowed_origins = Some(origins.parse().unwrap()))
}

fn from(origin: &str, ask: Ask) -> Ask {
    ask.header(ORIGIN, origin)
}

fn preflight(origin: &str) -> Ask {
    from(origin, ask(Method::OPTIONS, "/contacts").by(None)).header(ACCESS_CONTROL_REQUEST_METHOD, "POST")
}

#[tokio::test]
async fn says_nothing_to_other_origins_unless_it_is_set() {
    for ask in [preflight(PAGE), from(PAGE, get("/contacts"))] {
        let answer = Api::new().send(ask).await;
        assert!(!answer.headers.keys().any(|name| name.as_str().starts_with("access-control")));
    }
}

#[test_case("https://other.example, https://app.example", PAGE, PAGE; "a listed origin")]
#[test_case("https://other.example", PAGE, ""; "an origin that is not listed")]
#[test_case("*", PAGE, "*"; "any origin")]
#[tokio::test]
async fn names_the_origins_that_may(setting: &str, origin: &str, expected: &str) {
    let api = allowing(setting);
    for ask in [preflight(origin), from(origin, get("/contacts")), from(origin, get("/nowhere"))] {
        assert_eq!(api.send(ask).await.header(ACCESS_CONTROL_ALLOW_ORIGIN), expected);
    }
    // Also a refusal must be readable.
    let refused = api.send(from(origin, get("/contacts")).by(None)).await;
    assert_eq!((refused.status.as_u16(), refused.header(ACCESS_CONTROL_ALLOW_ORIGIN)), (401, expected));
}

#[tokio::test]
async fn a_preflight_hears_all_that_the_api_can() {
    let answer = allowing(PAGE).send(preflight(PAGE)).await;
    assert!(answer.status.is_success());
    assert_eq!(answer.header(ACCESS_CONTROL_ALLOW_METHODS), "GET,HEAD,POST,PUT,PATCH,DELETE");
    let headers = answer.header(ACCESS_CONTROL_ALLOW_HEADERS);
    for needed in ["authorization", "content-type", "if-match", "if-none-match", "idempotency-key"] {
        assert!(headers.contains(needed), "{headers}");
    }
    assert_eq!(answer.header(ACCESS_CONTROL_MAX_AGE), "7200");
}

#[tokio::test]
async fn a_page_can_read_the_entity_tag() {
    let answer = allowing(PAGE).send(from(PAGE, get("/contacts"))).await;
    assert!(answer.header(ACCESS_CONTROL_EXPOSE_HEADERS).contains("etag"));
    assert!(answer.headers.get_all(VARY).iter().any(|value| value.to_str().unwrap().contains("origin")));
}

#[tokio::test]
async fn who_only_asks_what_is_allowed_is_told() {
    let answer = allowing(PAGE).send(ask(Method::OPTIONS, "/contacts")).await;
    assert_eq!((answer.status.as_u16(), answer.header(ALLOW)), (204, "GET,HEAD,POST,OPTIONS"));
}
