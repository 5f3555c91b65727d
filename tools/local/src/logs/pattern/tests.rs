//! The examples of the documentation, and what the language refuses.

use proptest::prelude::*;
use test_case::test_case;

use super::*;

const TRAIL: &str = r#"{"eventType":"UpdateTrail","sourceIPAddress":"111.111.111.111","arrayKey":["value","another value"],"objectList":[{"name":"a","id":1},{"name":"b","id":2}],"SomeObject":null,"on":true,"number":[0.001,1000],"user-agent":"x","a.b":1}"#;
const PEOPLE: &str = r#"{"user":{"id":1,"email":"John.Stiles@example.com"},"users":[{"id":2,"email":"John.Doe@example.com"}],"actions":["GET","PUT","DELETE"],"coordinates":[[0,1,2],[4,5,6]]}"#;
const ACCESS: &str = "127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] \"GET /index.html HTTP/1.0\" 404 1534";

#[test_case("", "anything", true; "empty matches all")]
#[test_case("\" \"", "anything", true; "blank matches all")]
#[test_case("ERROR", "an ERROR here", true; "term")]
#[test_case("error", "an ERROR here", false; "case counts")]
#[test_case("ERROR ARGUMENTS", "[ERROR 419] MISSING ARGUMENTS", true; "all terms")]
#[test_case("ERROR ARGUMENTS", "[ERROR 400] BAD REQUEST", false; "one term is missing")]
#[test_case("\"INTERNAL SERVER ERROR\"", "[ERROR 500] INTERNAL SERVER ERROR", true; "phrase")]
#[test_case("\"Task timed out\"", "Task was timed out", false; "phrase is exact")]
#[test_case("?ERROR ?WARN", "a WARN", true; "either")]
#[test_case("?ERROR ?WARN", "an INFO", false; "neither")]
#[test_case("ERROR ?WARN", "an ERROR", true; "optional terms do not count beside required ones")]
#[test_case("ERROR -ARGUMENTS", "[ERROR 419] MISSING ARGUMENTS", false; "excluded")]
#[test_case("\"a \\\"b\\\"\"", "say a \"b\"", true; "escaped quotes")]
#[test_case("%AUTHORIZED%", "[ERROR 401] UNAUTHORIZED REQUEST", true; "expression")]
#[test_case("%^4[0-9]+$%", "x404", false; "anchored expression")]
fn terms_and_phrases(pattern: &str, line: &str, expected: bool) {
    assert_eq!(FilterPattern::parse(pattern).unwrap().matches(line), expected);
}

#[test_case("{ $.eventType = \"UpdateTrail\" }", TRAIL, true; "text")]
#[test_case("{$.eventType=UpdateTrail}", TRAIL, true; "text without quotes or spaces")]
#[test_case("{ $.eventType = \"Update*\" }", TRAIL, true; "wildcard")]
#[test_case("{ $.eventType != \"UpdateTrail\" }", TRAIL, false; "another text")]
#[test_case("{ $.sourceIPAddress != 123.123.* }", TRAIL, true; "wildcard without quotes")]
#[test_case("{ $.arrayKey[0] = \"value\" }", TRAIL, true; "element")]
#[test_case("{ $.arrayKey = \"value\" }", TRAIL, false; "a list is no value")]
#[test_case("{ $.objectList[1].id = 2 }", TRAIL, true; "object in a list")]
#[test_case("{ $.SomeObject IS NULL }", TRAIL, true; "null")]
#[test_case("{ $.SomeOtherObject IS NULL }", TRAIL, false; "a missing member is not null")]
#[test_case("{ $.SomeOtherObject NOT EXISTS }", TRAIL, true; "missing")]
#[test_case("{ $.SomeObject NOT EXISTS }", TRAIL, false; "null exists")]
#[test_case("{ $.on IS TRUE }", TRAIL, true; "truth")]
#[test_case("{ $.number[0] = 1e-3 }", TRAIL, true; "scientific")]
#[test_case("{ $.number[1] != 1e+3 }", TRAIL, false; "scientific with plus")]
#[test_case("{ $.number[1] >= 1000 && $.number[1] < 1001 }", TRAIL, true; "order")]
#[test_case("{ $.user-agent = %^x$% }", TRAIL, true; "expression and a hyphen")]
#[test_case("{ $.['a.b'] = 1 }", TRAIL, true; "a name in brackets")]
#[test_case("{ ($.user.id = 1) && ($.users[0].email = \"John.Doe@example.com\") }", PEOPLE, true; "and")]
#[test_case("{ $.user.email = \"John.Stiles@example.com\" || $.coordinates[0][1] = \"nonmatch\" && $.actions[2] = \"nonmatch\" }", PEOPLE, true; "and binds tighter")]
#[test_case("{ ($.user.email = \"John.Stiles@example.com\" || $.coordinates[0][1] = \"nonmatch\") && $.actions[2] = \"nonmatch\" }", PEOPLE, false; "parentheses")]
#[test_case("{ ($.user.id = 2 && $.users[0].email = \"nonmatch\") || $.actions[2] = \"GET\" }", PEOPLE, false; "or")]
#[test_case("{ $.a = * }", "no document", false; "a line that is no document")]
fn conditions_on_documents(pattern: &str, line: &str, expected: bool) {
    assert_eq!(FilterPattern::parse(pattern).unwrap().matches(line), expected);
}

#[test_case("[ip, user, username, timestamp, request =*.html*, status_code = 4*, bytes]", ACCESS, true; "conditions")]
#[test_case("[..., request =*.html*, status_code = 4*, bytes]", ACCESS, true; "the end")]
#[test_case("[ip, ..., bytes > 2000]", ACCESS, false; "the end and an order")]
#[test_case("[ip, user, username, timestamp, request, status_code = 404 || status_code = 410, bytes]", ACCESS, true; "either")]
#[test_case("[w1=ERROR, w2]", "ERROR something went wrong", true; "the first word")]
#[test_case("[w1!=ERROR && w1!=WARNING, w2]", "WARNING x", false; "none of two")]
#[test_case("[a, b, c]", "one two", false; "too few")]
#[test_case("[]", "anything", true; "no field")]
fn fields_of_lines(pattern: &str, line: &str, expected: bool) {
    assert_eq!(FilterPattern::parse(pattern).unwrap().matches(line), expected);
}

#[test]
fn values_are_extracted_under_their_names() {
    let access = FilterPattern::parse("[ip, ..., request, status_code = 4*, bytes]").unwrap();
    let found = access.extracted(ACCESS);
    let pairs: Vec<(&str, &str)> = found.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let expected =
        [("$bytes", "1534"), ("$ip", "127.0.0.1"), ("$request", "GET /index.html HTTP/1.0"), ("$status_code", "404")];
    assert_eq!(pairs, expected);
    assert_eq!(access.value("$bytes", ACCESS).as_deref(), Some("1534"));
    let latency = FilterPattern::parse("{ $.latency = * }").unwrap();
    assert_eq!(latency.value("$.latency", r#"{"latency":50}"#).as_deref(), Some("50"));
    assert_eq!(latency.extracted(r#"{"latency":50}"#)["$.latency"], "50");
}

#[test_case("{ $.level }"; "no comparison")]
#[test_case("{ $.level = }"; "nothing to compare with")]
#[test_case("{ $.level > \"a\" }"; "an order of texts")]
#[test_case("{ level = 1 }"; "no selector")]
#[test_case("{ $.level EXISTS }"; "exists")]
#[test_case("{ $.a = 1"; "open brace")]
#[test_case("[ip, ..., user, ...]"; "two gaps")]
#[test_case("[ip"; "open bracket")]
#[test_case("%(a)%"; "sub-pattern")]
#[test_case("%a"; "open expression")]
#[test_case("\"open"; "open quote")]
#[test_case("a:b"; "unquoted punctuation")]
fn malformed_patterns_are_refused(pattern: &str) {
    assert_eq!(FilterPattern::parse(pattern).unwrap_err().code, "InvalidParameterException");
}

proptest! {
    #[test]
    fn no_text_is_too_much_for_the_reader(pattern in "[{\\[]?[ $.a-c=<>!&|()\\[\\]\"'%*,{}?0-9-]{0,60}", line in ".{0,60}") {
        if let Ok(read) = FilterPattern::parse(&pattern) {
            read.matches(&line);
            read.extracted(&line);
        }
    }
}
