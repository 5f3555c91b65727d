//! From what a user sent to a contact's fields, with every fault of it and not only the first.

use jiff::civil::Date;
use serde_json::{Map, Value};

use super::contact::{Email, Fields, Names, Phone};
use super::fault::{Fault, Place};
use super::formats::{is_e164, is_email};

const LABEL: usize = 50;
const NAME: usize = 100;
const LINE: usize = 200;
const NOTES: usize = 4_000;
const ENTRIES: usize = 20;
const TAGS: usize = 50;

const FIELDS: &[&str] = &["names", "emails", "phones", "company", "title", "birthday", "notes", "tags"];
/// Shown in answers, and ignored when they come back: what was read can be changed and sent again as it is.
const READ_ONLY: &[&str] = &["id", "createdAt", "updatedAt"];

/// Reads a contact's fields out of a request's body.
///
/// # Errors
/// Every fault, each with its place, in the order of the fields.
pub fn validate(body: &Value) -> Result<Fields, Vec<Fault>> {
    let mut draft = Draft { faults: Vec::new() };
    let root = Place::Root;
    let Some(object) = draft.object(body, &root) else { return Err(draft.faults) };
    let fields = Fields {
        names: draft.names(object, &root),
        emails: draft.list(object, &root, "emails", ENTRIES, Draft::email),
        phones: draft.list(object, &root, "phones", ENTRIES, Draft::phone),
        company: draft.text(object, &root, "company", LINE),
        title: draft.text(object, &root, "title", LINE),
        birthday: draft.birthday(object, &root),
        notes: draft.text(object, &root, "notes", NOTES),
        tags: draft.tags(object, &root),
    };
    draft.refuse_others(object, &root, &[FIELDS, READ_ONLY].concat());
    if draft.faults.is_empty() { Ok(fields) } else { Err(draft.faults) }
}

struct Draft {
    faults: Vec<Fault>,
}

impl Draft {
    fn fault(&mut self, place: &Place<'_>, detail: impl Into<String>) {
        self.faults.push(place.fault(detail));
    }

    fn object<'v>(&mut self, value: &'v Value, place: &Place<'_>) -> Option<&'v Map<String, Value>> {
        let object = value.as_object();
        if object.is_none() {
            self.fault(place, "must be an object");
        }
        object
    }

    fn refuse_others(&mut self, object: &Map<String, Value>, place: &Place<'_>, known: &[&str]) {
        for name in object.keys().filter(|name| !known.contains(&name.as_str())) {
            self.fault(&place.member(name), "is not a member that is known here");
        }
    }

    /// An optional text: absent and `null` are the same, blank is a fault.
    fn text(&mut self, object: &Map<String, Value>, place: &Place<'_>, name: &str, limit: usize) -> Option<String> {
        let value = object.get(name).filter(|value| !value.is_null())?;
        self.checked_text(value, &place.member(name), limit)
    }

    fn required_text(&mut self, object: &Map<String, Value>, place: &Place<'_>, name: &str) -> Option<String> {
        let Some(value) = object.get(name) else {
            self.fault(&place.member(name), "is required");
            return None;
        };
        self.checked_text(value, &place.member(name), LINE * 2)
    }

    fn checked_text(&mut self, value: &Value, place: &Place<'_>, limit: usize) -> Option<String> {
        let Some(text) = value.as_str() else {
            self.fault(place, "must be a text");
            return None;
        };
        let text = text.trim();
        if text.is_empty() {
            self.fault(place, "must not be blank");
        } else if text.chars().count() > limit {
            self.fault(place, format!("must not be longer than {limit} characters"));
        } else {
            return Some(text.to_owned());
        }
        None
    }

    fn list<T>(
        &mut self,
        object: &Map<String, Value>,
        place: &Place<'_>,
        name: &str,
        limit: usize,
        read: fn(&mut Self, &Value, &Place<'_>) -> Option<T>,
    ) -> Vec<T> {
        let Some(value) = object.get(name).filter(|value| !value.is_null()) else { return Vec::new() };
        let place = place.member(name);
        let Some(items) = value.as_array() else {
            self.fault(&place, "must be an array");
            return Vec::new();
        };
        if items.len() > limit {
            self.fault(&place, format!("must not have more than {limit} items"));
            return Vec::new();
        }
        items.iter().enumerate().filter_map(|(index, item)| read(self, item, &place.item(index))).collect()
    }

    fn names(&mut self, object: &Map<String, Value>, place: &Place<'_>) -> Names {
        let place = place.member("names");
        let Some(value) = object.get("names") else {
            self.fault(&place, "is required");
            return Names::default();
        };
        let Some(object) = self.object(value, &place) else { return Names::default() };
        let before = self.faults.len();
        let given = self.text(object, &place, "given", NAME);
        let family = self.text(object, &place, "family", NAME);
        self.refuse_others(object, &place, &["given", "family"]);
        if self.faults.len() == before && given.is_none() && family.is_none() {
            self.fault(&place, "must have a given name or a family name");
        }
        Names { given, family }
    }

    fn email(&mut self, value: &Value, place: &Place<'_>) -> Option<Email> {
        let (address, label) = self.labelled(value, place, "address")?;
        if is_email(&address) {
            return Some(Email { address, label });
        }
        self.fault(&place.member("address"), "must be an e-mail address");
        None
    }

    fn phone(&mut self, value: &Value, place: &Place<'_>) -> Option<Phone> {
        let (number, label) = self.labelled(value, place, "number")?;
        if is_e164(&number) {
            return Some(Phone { number, label });
        }
        self.fault(&place.member("number"), "must be a telephone number as E.164 writes it, such as +441632960001");
        None
    }

    /// An entry of a list: one required text, and what the user calls it.
    fn labelled(&mut self, value: &Value, place: &Place<'_>, name: &str) -> Option<(String, Option<String>)> {
        let object = self.object(value, place)?;
        let text = self.required_text(object, place, name);
        let label = self.text(object, place, "label", LABEL);
        self.refuse_others(object, place, &[name, "label"]);
        Some((text?, label))
    }

    fn birthday(&mut self, object: &Map<String, Value>, place: &Place<'_>) -> Option<Date> {
        let text = self.text(object, place, "birthday", LINE)?;
        let date = text.parse::<Date>().ok().filter(|date| date.to_string() == text);
        if date.is_none() {
            self.fault(&place.member("birthday"), "must be a date such as 1815-12-10");
        }
        date
    }

    fn tags(&mut self, object: &Map<String, Value>, place: &Place<'_>) -> Vec<String> {
        let tags =
            self.list(object, place, "tags", TAGS, |draft, value, place| draft.checked_text(value, place, LABEL));
        let mut unique: Vec<String> = Vec::with_capacity(tags.len());
        for tag in tags {
            if !unique.contains(&tag) {
                unique.push(tag);
            }
        }
        unique
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pointers(body: &Value) -> Vec<String> {
        validate(body).unwrap_err().into_iter().map(|fault| fault.pointer).collect()
    }

    #[test]
    fn reads_a_whole_contact() {
        let fields = validate(&json!({
            "names": {"given": "Ada", "family": "Lovelace"},
            "emails": [{"address": "ada@example.com", "label": "home"}],
            "phones": [{"number": "+441632960001"}],
            "company": "Analytical Engines", "title": "Programmer", "birthday": "1815-12-10",
            "notes": " first \n", "tags": ["poet", "poet", "countess"],
        }))
        .unwrap();
        assert_eq!(fields.emails[0].label.as_deref(), Some("home"));
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
            "birthday": "1815-2-30",
            "notes": "x".repeat(4_001),
            "tags": [""],
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
                "/birthday",
                "/notes",
                "/tags/0",
                "/shoe~1size"
            ]
        );
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
        let body =
            json!({"id": "x", "createdAt": "x", "updatedAt": "x", "names": {"family": "Lovelace"}, "tags": null});
        assert!(validate(&body).is_ok());
    }
}
