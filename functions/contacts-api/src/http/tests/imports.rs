//! Many contacts at once, whatever is wrong with some.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use flate2::Compression;
use flate2::write::GzEncoder;
use http::Method;
use http::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER};
use serde_json::{Value, json};
use slipway_shared::call::CallError;
use test_case::test_case;

use super::api::{Answer, Api, Ask, ask, eve, get, named};
use crate::domain::{Contact, ContactId, Listing, Owner, Page};
use crate::store::{
    CreateContact, Created, ListContacts, Memory, Once, ReadContact, RemoveContact, ReplaceContact, StoreError,
    WriteError,
};

pub(super) const NDJSON: &str = "application/x-ndjson";
pub(super) const CSV: &str = "text/csv";
pub(super) const VCARD: &str = "text/vcard";

pub(super) fn import(media_type: &str, text: impl Into<String>) -> Ask {
    ask(Method::POST, "/contacts/import").header(CONTENT_TYPE, media_type).bytes(text.into())
}

pub(super) fn lines(contacts: usize) -> String {
    (0..contacts).map(|number| format!("{}\n", named(&format!("Ada {number}")))).collect()
}

impl Answer {
    fn counts(&self) -> (u16, &Value, &Value) {
        (self.status.as_u16(), &self.body["created"], &self.body["failed"])
    }

    fn problem(&self, contact: usize) -> (u64, u64) {
        let contact = &self.body["contacts"][contact];
        (contact["line"].as_u64().unwrap(), contact["problem"]["status"].as_u64().unwrap())
    }
}

#[test_case(NDJSON, "{\"names\": {\"given\": \"Ada\"}}\n{\"names\": {\"given\": \"Eve\"}}"; "ndjson")]
#[test_case("Text/CSV; charset=utf-8", "/names/given\nAda\nEve\n"; "csv")]
#[test_case(VCARD, "BEGIN:VCARD\nVERSION:4.0\nFN:Ada\nEND:VCARD\nBEGIN:VCARD\nVERSION:4.0\nFN:Eve\nEND:VCARD\n"; "vcard")]
#[tokio::test]
async fn every_format_is_imported_in_its_order(media_type: &str, text: &str) {
    let api = Api::new();
    let answer = api.send(import(media_type, text)).await;
    assert_eq!(answer.counts(), (200, &json!(2), &json!(0)));
    let list = api.send(get("/contacts")).await;
    assert_eq!(list.contacts(), ["Ada", "Eve"]);
    for (imported, contact) in
        answer.body["contacts"].as_array().unwrap().iter().zip(list.body["contacts"].as_array().unwrap())
    {
        assert_eq!(imported["id"], contact["id"]);
    }
}

#[tokio::test]
async fn what_is_wrong_is_said_of_each_and_keeps_no_other_out() {
    let api = Api::new();
    let text =
        format!("{}\n\nnonsense\n{}{}\n", named("Ada"), lines(1), json!({"names": {}, "emails": [{"address": "x"}]}));
    let answer = api.send(import(NDJSON, text)).await;
    assert_eq!(answer.counts(), (207, &json!(2), &json!(2)));
    assert_eq!((answer.problem(1), answer.problem(3)), ((3, 400), (5, 422)));
    let faults = &answer.body["contacts"][3]["problem"]["errors"];
    assert_eq!((&faults[0]["pointer"], &faults[1]["pointer"]), (&json!("/names"), &json!("/emails/0/address")));
    assert_eq!(api.send(get("/contacts")).await.contacts(), ["Ada", "Ada 0"]);
}

#[tokio::test]
async fn nothing_that_can_be_imported_creates_nothing() {
    let api = Api::new();
    let answer = api.send(import(NDJSON, "{}\n")).await;
    assert_eq!(answer.counts(), (207, &json!(0), &json!(1)));
    assert_eq!(api.send(get("/contacts")).await.body["contacts"], json!([]));
}

#[tokio::test]
async fn a_contact_has_room_for_so_many_faults_only() {
    let members: serde_json::Map<String, Value> = (0..5_000).map(|number| (number.to_string(), json!(0))).collect();
    let answer = Api::new().send(import(NDJSON, Value::from(members).to_string())).await;
    assert_eq!(answer.body["contacts"][0]["problem"]["errors"].as_array().unwrap().len(), 20);
}

/// A user who could make the function fail could stop a deployment.
#[tokio::test]
async fn an_answer_to_nothing_but_faults_has_room_for_some_of_them() {
    let columns: Vec<String> = (0..500).map(|n| format!("\"/{n}{}\"", "\"\"".repeat(200))).collect();
    let row = format!("{}\n", vec!["x"; 500].join(","));
    let answer = Api::new().send(import(CSV, format!("{}\n{}", columns.join(","), row.repeat(200)))).await;
    assert_eq!(answer.counts(), (207, &json!(0), &json!(200)));
    let faults: Vec<usize> = answer.body["contacts"].as_array().unwrap().iter().map(faults).collect();
    assert_eq!((faults[0], faults[199]), (20, 0));
    let reply = serde_json::to_string(str::from_utf8(&answer.bytes).unwrap()).unwrap().len();
    assert!(reply < 6 * 1024 * 1024, "{reply}");
}

fn faults(contact: &Value) -> usize {
    contact["problem"]["errors"].as_array().map_or(0, Vec::len)
}

#[tokio::test]
async fn what_a_contact_has_no_place_for_is_named() {
    let text = "BEGIN:VCARD\nVERSION:4.0\nFN:Ada\nPHOTO:https://example.com/ada.jpg\nEND:VCARD\n";
    let answer = Api::new().send(import(VCARD, text)).await;
    assert_eq!(answer.body["contacts"][0]["ignored"], json!(["PHOTO"]));
}

#[test_case(NDJSON, "" => 422; "nothing")]
#[test_case(NDJSON, "\n \n" => 422; "no line")]
#[test_case(CSV, "/names/given\n" => 422; "no row")]
#[test_case(CSV, "Name\nAda\n" => 422; "columns of another program")]
#[test_case("application/json", "{}" => 415; "another type")]
#[test_case("", "{}" => 415; "no type")]
#[tokio::test]
async fn refuses_what_is_no_import(media_type: &str, text: &str) -> u16 {
    Api::new().status(import(media_type, text)).await
}

#[tokio::test]
async fn refuses_what_is_not_utf_8() {
    assert_eq!(Api::new().status(import(CSV, "").bytes(&b"/names/given\nJos\xe9\n"[..])).await, 400);
}

#[tokio::test]
async fn says_which_texts_it_takes() {
    let answer = Api::new().send(import("text/plain", "x")).await;
    assert_eq!(answer.header(ACCEPT), "application/x-ndjson, text/csv, text/vcard");
}

#[tokio::test]
async fn an_import_has_its_limits() {
    let api = Api::new();
    assert_eq!(api.status(import(NDJSON, lines(201))).await, 413);
    assert_eq!(api.status(import(NDJSON, " ".repeat(1024 * 1024 + 1))).await, 413);
    assert_eq!(api.send(get("/contacts")).await.body["contacts"], json!([]));
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(lines(200).as_bytes()).unwrap();
    let most = import(NDJSON, "").header(CONTENT_ENCODING, "gzip").bytes(gzip.finish().unwrap());
    assert_eq!(api.send(most).await.counts(), (200, &json!(200), &json!(0)));
}

#[tokio::test]
async fn an_import_that_is_sent_again_happens_once() {
    let api = Api::new();
    let first = api.send(import(NDJSON, lines(3)).key("k")).await;
    api.pass(1_000);
    let again = api.send(import(NDJSON, lines(3)).key("k")).await;
    assert_eq!(again.body, first.body);
    let other = api.send(import(NDJSON, lines(2)).key("k")).await;
    assert_eq!((other.counts(), other.problem(0)), ((207, &json!(0), &json!(2)), (1, 422)));
    assert_eq!(api.send(get("/contacts")).await.contacts().len(), 3);
}

#[tokio::test]
async fn an_import_is_its_owners() {
    let api = Api::new();
    let first = api.send(import(NDJSON, lines(1)).key("k")).await;
    let eves = api.send(import(NDJSON, lines(1)).key("k").of(eve())).await;
    assert_ne!(first.body["contacts"][0]["id"], eves.body["contacts"][0]["id"]);
    for owner in [super::api::ada(), eve()] {
        let exported = api.send(get("/contacts/export").of(owner.clone())).await;
        assert_eq!(exported.bytes.iter().filter(|byte| **byte == b'\n').count(), 1);
    }
}

/// A store that takes so many contacts and then does not keep up.
#[derive(Clone)]
struct Filling {
    inner: Memory,
    room: Arc<AtomicUsize>,
    asked: Arc<AtomicUsize>,
}

impl Filling {
    fn with_room_for(contacts: usize) -> Self {
        Self { inner: Memory::default(), room: Arc::new(contacts.into()), asked: Arc::default() }
    }
}

impl CreateContact for Filling {
    async fn create(&self, contact: &Contact, once: Option<&Once>) -> Result<Created, WriteError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let left = self.room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        if left.is_err() {
            let error = CallError::Throttled { operation: "TransactWriteItems", source: "slow down".into() };
            return Err(StoreError::Call(error).into());
        }
        self.inner.create(contact, once).await
    }
}

impl ReadContact for Filling {
    async fn read(&self, owner: &Owner, id: ContactId) -> Result<Option<Contact>, StoreError> {
        self.inner.read(owner, id).await
    }
}

impl ReplaceContact for Filling {
    async fn replace(&self, before: &Contact, after: &Contact) -> Result<(), WriteError> {
        self.inner.replace(before, after).await
    }
}

impl RemoveContact for Filling {
    async fn remove(&self, before: &Contact) -> Result<(), WriteError> {
        self.inner.remove(before).await
    }
}

impl ListContacts for Filling {
    async fn list(&self, owner: &Owner, listing: &Listing) -> Result<Page, StoreError> {
        self.inner.list(owner, listing).await
    }
}

#[tokio::test]
async fn a_store_that_fails_ends_an_import_which_can_be_sent_again() {
    let store = Filling::with_room_for(3);
    let api = Api::over(store.clone());
    let answer = api.send(import(NDJSON, lines(100)).key("k")).await;
    assert_eq!(answer.counts(), (207, &json!(3), &json!(97)));
    assert_eq!((answer.problem(3), answer.problem(99)), ((4, 503), (100, 503)));
    // Those that were under way, and no more.
    assert!(store.asked.load(Ordering::Relaxed) < 20, "{store:?}", store = store.asked);
    store.room.store(1_000, Ordering::Relaxed);
    let again = api.send(import(NDJSON, lines(100)).key("k")).await;
    assert_eq!(again.counts(), (200, &json!(100), &json!(0)));
    assert_eq!(again.body["contacts"][2], answer.body["contacts"][2]);
    assert_eq!(api.send(get("/contacts?limit=100")).await.contacts().len(), 100);
}

#[tokio::test]
async fn an_import_of_which_nothing_was_done_fails() {
    let answer = Api::over(Filling::with_room_for(0)).send(import(NDJSON, lines(2))).await;
    assert_eq!((answer.status.as_u16(), answer.header(RETRY_AFTER)), (503, "1"));
}
