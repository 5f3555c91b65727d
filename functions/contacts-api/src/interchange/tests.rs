//! Written contacts read as the same, and other programs' texts read as those programs mean them.

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};
use test_case::test_case;

use super::{Entry, Format, Refusal};
use crate::domain::{Contact, Fault, Fields, Owner, validate};

fn contact(body: &Value) -> Contact {
    Contact::new(Owner::subject("ada"), validate(body).unwrap(), Timestamp::from_second(1_700_000_000).unwrap())
}

fn full() -> Value {
    json!({
        "names": {
            "given": "Ada", "family": "Lovelace", "additional": "Augusta King", "prefix": "Lady", "suffix": "FRS",
            "nickname": "A.A.L., \"the\" Enchantress",
        },
        "emails": [{"address": "ada@example.com", "label": "home"}, {"address": "a@b.example", "label": "Summer house"}],
        "phones": [{"number": "+441632960001", "label": "cell"}, {"number": "+441632960002"}],
        "addresses": [
            {"street": "12 St James's Square\nLeft; of, the door", "locality": "London", "region": "England",
             "postalCode": "SW1Y 4LB", "country": "GB", "label": "pref"},
            {"country": "IT"},
        ],
        "company": "Analytical; Engines, \\Ltd", "title": "Programmer", "birthday": "1815-12-10",
        "notes": "First line\nsecond,\tthird; \u{1f9ee}", "tags": ["poet", "a,b;c\\n"],
        "custom": {"Met at": "Babbage's", "x/y~z": "a\nb", "semi;colon,\"quote\"": "^caret"},
    })
}

fn read(format: Format, text: &str) -> Vec<Entry> {
    format.read(text).unwrap().collect()
}

fn fields(entry: &Entry) -> &Fields {
    entry.contact.as_ref().unwrap()
}

fn refusal(entry: &Entry) -> &Refusal {
    entry.contact.as_ref().unwrap_err()
}

fn pointers(entry: &Entry) -> Vec<&str> {
    match refusal(entry) {
        Refusal::Invalid(faults) => faults.iter().map(|Fault { pointer, .. }| pointer.as_str()).collect(),
        Refusal::Unreadable(detail) => panic!("{detail}"),
    }
}

#[test_case(Format::Ndjson)]
#[test_case(Format::Csv)]
#[test_case(Format::VCard)]
fn what_was_written_reads_as_the_same(format: Format) {
    let contacts = [contact(&full()), contact(&json!({"names": {"nickname": "Charles"}})), contact(&full())];
    let text = String::from_utf8(format.write(&contacts).unwrap()).unwrap();
    let entries = read(format, &text);
    assert_eq!(entries.len(), 3, "{text}");
    for (entry, contact) in entries.iter().zip(&contacts) {
        assert_eq!(fields(entry), &contact.fields, "{text}");
        assert!(entry.ignored.is_empty(), "{:?}", entry.ignored);
    }
    assert!(entries.is_sorted_by_key(|entry| entry.line));
    let begin = usize::try_from(entries[2].line).unwrap() - 1;
    let lines = || text.split_inclusive('\n');
    let header = lines().next().filter(|_| format == Format::Csv);
    let last: String = header.into_iter().chain(lines().skip(begin)).collect();
    assert_eq!(fields(&read(format, &last)[0]), &contacts[2].fields, "the line is where the contact begins");
}

#[test_case(Format::Ndjson, "" ; "no line")]
#[test_case(Format::Csv, "/names/given,/names/family\r\n"; "no row")]
#[test_case(Format::VCard, ""; "no card")]
fn no_contacts_are_a_text_too(format: Format, expected: &str) {
    assert_eq!(format.write(&[]).unwrap(), expected.as_bytes());
    assert_eq!(read(format, expected), []);
}

proptest! {
    /// White space at the ends is dropped, and a vCard knows one kind of line break.
    #[test]
    fn texts_of_any_characters_survive(
        line in r"[^\pC\s]([^\pC]{0,20}[^\pC\s])?", lines in r"[^\pC\s](([^\pC]|[\n\t]){0,20}[^\pC\s])?",
        name in r"[^\pC\s]([^\pC]{0,20}[^\pC\s])?",
    ) {
        let contact = contact(&json!({
            "names": {"given": line, "family": line, "nickname": line}, "notes": lines, "company": line, "tags": [line],
            "addresses": [{"street": lines, "locality": line, "label": line}], "custom": {name: lines},
            "emails": [{"address": "ada@example.com", "label": line}],
        }));
        for format in Format::ALL {
            let text = String::from_utf8(format.write(std::slice::from_ref(&contact)).unwrap()).unwrap();
            let entries = read(format, &text);
            prop_assert_eq!(entries.len(), 1, "{}", text);
            prop_assert_eq!(entries[0].contact.as_ref().ok(), Some(&contact.fields), "{}", text);
        }
    }

    #[test]
    fn no_text_is_too_strange(text in "(BEGIN:VCARD\r\n|END:VCARD\n|VERSION:3.0\n|[A-Z]{1,4}[;:,=]|\\PC|[\n\t\r\"{},/])*") {
        for format in Format::ALL {
            if let Ok(entries) = format.read(&text) {
                // Each says where it begins, and none comes without end.
                let lines: Vec<u64> = entries.take(1_000).map(|entry| entry.line).collect();
                prop_assert!(lines.len() < 1_000 && lines.is_sorted(), "{:?}", lines);
            }
        }
    }
}

mod ndjson {
    use super::*;

    #[test]
    fn each_line_stands_for_itself() {
        let text = "\u{feff}{\"names\":{\"given\":\"Ada\"}}\n\n  \n{\"names\":\r\n{\"names\":{\"given\":5}}\n";
        let entries = read(Format::Ndjson, text);
        assert_eq!(entries.iter().map(|entry| entry.line).collect::<Vec<_>>(), [1, 4, 5]);
        assert_eq!(fields(&entries[0]).names.given.as_deref(), Some("Ada"));
        assert_eq!(refusal(&entries[1]), &Refusal::Unreadable("the line is not JSON (column 9)".to_owned()));
        assert_eq!(pointers(&entries[2]), ["/names/given"]);
    }
}

mod csv {
    use super::*;

    #[test]
    fn a_fault_names_its_column() {
        let text = "/names/given,/emails/0/address,/emails/3/address,/emails/3/label,/tags/7,/custom,/custom2/x\n\
                    Ada,,nobody,home,poet,{oops,\n\
                    ,,,,,,\n\
                    Charles,c@example.com,d@example.com,,,\"{\"\"a\"\": \"\"b\"\"}\",\n\
                    Grace,,\n\
                    Alan,,,,,,y\n";
        let entries = read(Format::Csv, text);
        assert_eq!(entries.iter().map(|entry| entry.line).collect::<Vec<_>>(), [2, 4, 5, 6]);
        assert_eq!(pointers(&entries[0]), ["/emails/3/address", "/custom"]);
        let charles = fields(&entries[1]);
        assert_eq!(
            charles.emails.iter().map(|email| email.address.as_str()).collect::<Vec<_>>(),
            ["c@example.com", "d@example.com"]
        );
        assert_eq!(charles.custom["a"], "b");
        let uneven = Refusal::Unreadable("the row has more or fewer columns than the first".to_owned());
        assert_eq!(refusal(&entries[2]), &uneven);
        assert_eq!(pointers(&entries[3]), ["/custom2"]);
    }

    #[test]
    fn an_own_field_may_have_a_column_of_its_own() {
        let text = "/names/given,/custom/Met at,/custom/custom\nAda,Babbage's,\"{}\"\n";
        let entries = read(Format::Csv, text);
        assert_eq!(fields(&entries[0]).custom["Met at"], "Babbage's");
        assert_eq!(fields(&entries[0]).custom["custom"], "{}");
    }

    #[test]
    fn columns_are_those_that_are_needed_in_the_order_of_a_contact() {
        let contacts = [contact(&json!({"names": {"given": "A"}})), contact(&full())];
        let text = String::from_utf8(Format::Csv.write(&contacts).unwrap()).unwrap();
        let header = text.lines().next().unwrap();
        assert!(header.starts_with("/id,/names/additional,/names/family,/names/given,"), "{header}");
        assert!(header.contains(",/emails/0/address,/emails/0/label,/emails/1/address,"), "{header}");
        assert!(header.ends_with(",/tags/0,/tags/1,/custom,/createdAt,/updatedAt,/revision"), "{header}");
    }

    #[test]
    fn a_first_row_of_something_else_is_refused() {
        let refused = Format::Csv.read("Given name,Family name\nAda,Lovelace\n").map(|_| ()).unwrap_err();
        assert_eq!(refused.column, 1);
        assert!(refused.to_string().contains("JSON Pointer"));
    }
}

mod vcard {
    use test_case::test_case;

    use super::*;

    /// As iCloud and Google write it.
    const BOOK: &str = "BEGIN:VCARD\r\nVERSION:3.0\r\nPRODID:-//Apple Inc.//iOS 17//EN\r\nN:Lovelace;Ada;Augusta,King;Lady;\r\n\
        FN:Lady Ada Lovelace\r\nORG:Analytical Engines;Software;\r\nitem1.EMAIL;type=INTERNET;type=pref:ada@example.com\r\n\
        item1.X-ABLabel:_$!<Work>!$_\r\nEMAIL;type=INTERNET;type=HOME:a@b.example\r\nTEL;type=CELL;type=VOICE:+44 (1632) 960-001\r\n\
        TEL;type=HOME,FAX:tel:+44-1632-960002\r\nADR;type=WORK:PO 7;;12 St James's\\nSquare;London;;SW1Y 4LB;United King\r\n dom\r\n\
        BDAY:1815-12-10\r\nNOTE:One\\, two\r\nNOTE:three\r\nCATEGORIES:poet,mathematician\r\nPHOTO;ENCODING=b;TYPE=JPEG:AAAA\r\n\
        URL:https://example.com\r\nTITLE:\r\nX-SOCIALPROFILE;type=x:y\r\nEND:VCARD\r\n\r\nBEGIN:VCARD\nVERSION:4.0\nFN:Charles Babbage\n\
        KIND:individual\nADR;CC=it:;;;Torino;;;Italia\nBDAY:--1226\nEND:VCARD\n";

    #[test]
    fn address_books_of_others_are_understood() {
        let entries = read(Format::VCard, BOOK);
        let expected = validate(&json!({
            "names": {"given": "Ada", "family": "Lovelace", "additional": "Augusta King", "prefix": "Lady"},
            "emails": [{"address": "ada@example.com", "label": "work"}, {"address": "a@b.example", "label": "home"}],
            "phones": [{"number": "+441632960001", "label": "cell"}, {"number": "+441632960002", "label": "home fax"}],
            "addresses": [{"street": "PO 7\n12 St James's\nSquare", "locality": "London", "postalCode": "SW1Y 4LB", "label": "work"}],
            "company": "Analytical Engines, Software", "birthday": "1815-12-10", "notes": "One, two\n\nthree",
            "tags": ["poet", "mathematician"],
        }));
        assert_eq!(fields(&entries[0]), &expected.unwrap());
        // The country is no code.
        assert_eq!(entries[0].ignored, ["ADR", "PHOTO", "URL", "X-SOCIALPROFILE"]);
        let expected = validate(&json!({
            "names": {"given": "Charles Babbage"}, "addresses": [{"locality": "Torino", "country": "IT"}],
        }));
        assert_eq!(fields(&entries[1]), &expected.unwrap());
        assert_eq!((entries[1].line, entries[1].ignored.as_slice()), (24, ["BDAY".to_owned()].as_slice()));
    }

    #[test]
    fn a_card_that_is_no_contact_keeps_no_other_from_being_one() {
        let text = "BEGIN:VCARD\nVERSION:4.0\nFN:A\nEMAIL:nobody\nTEL:0123\nEND:VCARD\n\
                    BEGIN:VCARD\nVERSION:2.1\nN:B\nEND:VCARD\n\
                    BEGIN:VCARD\nVERSION:4.0\nFN:C\nEND:VCARD\n";
        let entries = read(Format::VCard, text);
        assert_eq!(pointers(&entries[0]), ["/emails/0/address", "/phones/0/number"]);
        assert!(matches!(refusal(&entries[1]), Refusal::Unreadable(detail) if detail.contains("2.1")));
        assert_eq!((entries[2].line, fields(&entries[2]).names.given.as_deref()), (11, Some("C")));
    }

    #[test_case("FN:A\n"; "no beginning")]
    #[test_case("BEGIN:VCARD\nVERSION:4.0\nFN:A\n"; "no end")]
    #[test_case("BEGIN:VCARD\nVERSION:4.0\nsecret\nEND:VCARD\n"; "no property")]
    fn what_breaks_off_is_said_and_ends_the_text(text: &str) {
        let before = "BEGIN:VCARD\nVERSION:4.0\nFN:A\nEND:VCARD\n";
        let entries = read(Format::VCard, &format!("{before}{text}"));
        assert_eq!((entries.len(), entries[1].line), (2, 5));
        assert!(matches!(refusal(&entries[1]), Refusal::Unreadable(detail) if !detail.contains("secret")));
    }

    #[test]
    fn of_what_is_ignored_the_first_names_are_told() {
        let properties: String = (0..1_000).map(|number| format!("X-{number}:x\n")).collect();
        let entries = read(Format::VCard, &format!("BEGIN:VCARD\nVERSION:4.0\nFN:A\n{properties}END:VCARD\n"));
        assert_eq!((entries[0].ignored.len(), entries[0].ignored[49].as_str()), (50, "X-49"));
    }

    #[test]
    fn a_card_has_what_rfc_6350_wants() {
        let contact = contact(&full());
        let text = String::from_utf8(Format::VCard.write(std::slice::from_ref(&contact)).unwrap()).unwrap();
        let lines: Vec<&str> = text.split_terminator("\r\n").collect();
        assert_eq!((lines[0], lines[1], *lines.last().unwrap()), ("BEGIN:VCARD", "VERSION:4.0", "END:VCARD"));
        for line in [
            "FN:Lady Ada Augusta King Lovelace FRS",
            "N:Lovelace;Ada;Augusta King;Lady;FRS",
            "EMAIL;TYPE=home:ada@example.com",
            "item1.X-ABLABEL:Summer house",
            "item1.EMAIL:a@b.example",
            "TEL;VALUE=uri;TYPE=cell:tel:+441632960001",
            "BDAY:18151210",
            "CREATED:20231114T221320Z",
        ] {
            assert!(lines.contains(&line), "{line} is not in {text}");
        }
    }

    #[test]
    fn a_year_of_other_than_four_digits_is_a_text() {
        let contact = contact(&json!({"names": {"given": "Gaius"}, "birthday": "-000100-07-12"}));
        let text = String::from_utf8(Format::VCard.write(std::slice::from_ref(&contact)).unwrap()).unwrap();
        assert!(text.contains("BDAY;VALUE=text:-000100-07-12\r\n"), "{text}");
        assert_eq!(fields(&read(Format::VCard, &text)[0]), &contact.fields);
    }
}
