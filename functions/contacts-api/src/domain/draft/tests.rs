//! Tests of the bodies that are read, and of the faults that are found in the others.

use jiff::Timestamp;
use proptest::collection::vec;
use proptest::prelude::{Strategy, any, proptest};
use serde_json::{Value, json};
use test_case::test_case;

use super::validate;
use crate::domain::{Contact, Country, Owner};

fn pointers(body: &Value) -> Vec<String> {
    validate(body).unwrap_err().into_iter().map(|fault| fault.pointer).collect()
}

#[test]
fn reads_a_whole_contact() {
    let fields = validate(&json!({
        "names": {"given": "Ada", "family": "Lovelace", "additional": "Augusta King", "prefix": "Lady", "suffix": "FRS",
            "nickname": "A.A.L."},
        "emails": [{"address": "ada@example.com", "label": "home"}],
        "phones": [{"number": "+441632960001"}],
        "addresses": [{"street": "12 St James's Square", "locality": "London", "region": "England",
            "postalCode": "SW1Y 4LB", "country": "GB", "label": "home"}],
        "company": "Analytical Engines", "title": "Programmer", "birthday": "1815-12-10",
        "notes": " first \n", "tags": ["poet", "poet", "countess"],
        "custom": {"Met at": "Babbage's\nsalon", "gone": null},
    }))
    .unwrap();
    assert_eq!(fields.emails[0].label.as_deref(), Some("home"));
    assert_eq!(fields.names.nickname.as_deref(), Some("A.A.L."));
    assert_eq!(fields.addresses[0].country.map(Country::as_str), Some("GB"));
    assert_eq!(fields.custom, [("Met at".to_owned(), "Babbage's\nsalon".to_owned())].into());
    assert_eq!(fields.birthday, Some(jiff::civil::date(1815, 12, 10)));
    assert_eq!(fields.notes.as_deref(), Some("first"));
    assert_eq!(fields.tags, ["poet", "countess"]);
}

#[test]
fn collects_every_fault_with_its_place() {
    let body = json!({
        "names": {"given": 5, "nick": "x"},
        "emails": [{"address": "a@example.com"}, {"address": "nowhere"}, {"label": ""}, "x"],
        "phones": {},
        "addresses": [{"label": "home"}, {"country": "UK", "zip": "x"}, {"street": 12}],
        "birthday": "1815-2-30",
        "notes": "x".repeat(4_001),
        "tags": [""],
        "custom": {" x": "1", "shoe/size": 44, "": "1"},
        "shoe/size": 44,
    });
    assert_eq!(
        pointers(&body),
        [
            "/names/given",
            "/names/nick",
            "/emails/1/address",
            "/emails/2/address",
            "/emails/2/label",
            "/emails/3",
            "/phones",
            "/addresses/0",
            "/addresses/1/country",
            "/addresses/1/zip",
            "/addresses/2/street",
            "/birthday",
            "/notes",
            "/tags/0",
            "/custom/ x",
            "/custom/shoe~1size",
            "/custom/",
            "/shoe~1size"
        ]
    );
}

/// ECMA-262's: what the document's patterns say must be what is done.
#[test]
fn white_space_is_what_the_patterns_take_for_it() {
    for blank in [" ", "\t", "\u{feff}", "\u{a0}", "\u{2028}", "\u{3000}"] {
        assert_eq!(pointers(&json!({"names": {"given": blank}})), ["/names/given"], "{blank:?}");
        let padded = validate(&json!({"names": {"given": format!("{blank}Ada{blank}")}})).unwrap();
        assert_eq!(padded.names.given.as_deref(), Some("Ada"), "{blank:?}");
    }
    assert_eq!(pointers(&json!({"names": {"given": "Ada\u{85}"}})), ["/names/given"]);
}

#[test]
fn someone_must_have_a_name() {
    assert_eq!(pointers(&json!({})), ["/names"]);
    assert_eq!(pointers(&json!({"names": {"given": null}})), ["/names"]);
    assert_eq!(pointers(&json!([])), [""]);
}

#[test]
fn faults_never_repeat_the_value() {
    let faults = validate(&json!({"names": {"given": "A"}, "emails": [{"address": "secret"}]})).unwrap_err();
    assert!(!format!("{faults:?}").contains("secret"));
}

#[test]
fn what_was_read_can_be_sent_again() {
    let body = json!({"id": "x", "createdAt": "x", "updatedAt": "x", "revision": 4, "names": {"family": "Lovelace"}, "tags": null});
    assert!(validate(&body).is_ok());
}

#[test_case("emails", 10, &json!({"address": "ada@example.com"}))]
#[test_case("phones", 10, &json!({"number": "+441632960001"}))]
#[test_case("addresses", 10, &json!({"country": "GB"}))]
#[test_case("tags", 20, &json!("poet"))]
fn lists_have_a_limit(name: &str, limit: usize, item: &Value) {
    let of = |count: usize| json!({"names": {"given": "Ada"}, name: vec![item; count]});
    assert!(validate(&of(limit)).is_ok());
    assert_eq!(pointers(&of(limit + 1)), [format!("/{name}")]);
}

#[test]
fn custom_fields_have_a_limit() {
    let of = |count: usize| {
        let custom: serde_json::Map<_, _> = (0..count).map(|index| (index.to_string(), json!("x"))).collect();
        json!({"names": {"given": "Ada"}, "custom": custom})
    };
    assert!(validate(&of(20)).is_ok());
    assert_eq!(pointers(&of(21)), ["/custom"]);
}

#[test_case("company", &"x".repeat(200), true; "a line at its limit")]
#[test_case("company", &"x".repeat(201), false; "a line over its limit")]
#[test_case("company", "two\nlines", false; "a line is one")]
#[test_case("notes", "two\r\n\tlines", true; "notes have lines")]
#[test_case("notes", "a bell \u{7}", false; "no text has control characters")]
#[test_case("notes", &"é".repeat(4_000), true; "characters count, not bytes")]
fn texts_have_limits(name: &str, text: &str, ok: bool) {
    assert_eq!(validate(&json!({"names": {"nickname": "A"}, name: text})).is_ok(), ok);
}

/// Members as a client might send them: most of them good, with odd characters and spaces at their ends.
fn bodies() -> impl Strategy<Value = Value> {
    let text = || "[a-z]\\PC{0,20}[a-z] ?";
    let names = (text(), text(), text()).prop_map(|(a, b, c)| json!({"given": a, "family": b, "nickname": c}));
    let email =
        (text(), text()).prop_map(|(local, label)| json!({"address": format!("{local}@example.com"), "label": label}));
    let address =
        (text(), "GB|DE|FR|JP|XX").prop_map(|(street, country)| json!({"street": street, "country": country}));
    let custom = vec(("[a-z]{1,9}|\\PC{0,3}", text()), 0..3)
        .prop_map(|pairs| pairs.into_iter().map(|(k, v)| (k, json!(v))).collect());
    let parts = (names, vec(email, 0..3), vec(address, 0..3), vec(text(), 0..4), custom, text(), any::<bool>());
    parts.prop_map(|(names, emails, addresses, tags, custom, notes, given)| {
        let names = if given { json!({"given": "Ada"}) } else { names };
        let custom = Value::Object(custom);
        json!({"names": names, "emails": emails, "addresses": addresses, "tags": tags, "custom": custom, "notes": notes})
    })
}

proptest! {
    /// An accepted body is shown such that it can be sent again, and is then the same; nothing panics on the rest.
    #[test]
    fn what_was_shown_says_the_same_when_it_is_sent(body in bodies()) {
        if let Ok(fields) = validate(&body) {
            let shown = Contact::new(Owner::subject("ada"), fields.clone(), Timestamp::UNIX_EPOCH);
            assert_eq!(validate(&serde_json::to_value(shown).unwrap()), Ok(fields));
        }
    }
}
