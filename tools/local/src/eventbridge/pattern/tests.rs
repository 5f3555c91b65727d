//! The documented examples, AWS's answers to them, and the corners between them.

use serde_json::{Value, json};
use test_case::test_case;

use super::*;

fn matches(pattern: &Value, event: &Value) -> bool {
    Pattern::parse(&pattern.to_string()).unwrap().matches(event)
}

/// The event of the matcher's README.
fn instance() -> Value {
    json!({
        "version": "0", "id": "ddddd4-aaaa-7777-4444-345dd43cc333",
        "detail-type": "EC2 Instance State-change Notification", "source": "aws.ec2", "account": "012345679012",
        "time": "2017-10-02T16:24:49Z", "region": "us-east-1",
        "resources": ["arn:aws:ec2:us-east-1:123456789012:instance/i-000000aaaaaa00000"],
        "detail": {
            "c-count": 5, "d-count": 3, "x-limit": 301.8, "source-ip": "10.0.0.33",
            "instance-id": "i-000000aaaaaa00000", "state": "running",
        },
    })
}

#[test_case(json!({"resources": ["arn:aws:ec2:us-east-1:123456789012:instance/i-000000aaaaaa00000"], "detail": {"state": ["initializing", "running"]}}); "simple")]
#[test_case(json!({"time": [{"prefix": "2017-10-02"}]}); "prefix")]
#[test_case(json!({"source": [{"prefix": {"equals-ignore-case": "AWS."}}]}); "prefix in any case")]
#[test_case(json!({"source": [{"suffix": "ec2"}]}); "suffix")]
#[test_case(json!({"source": [{"suffix": {"equals-ignore-case": "EC2"}}]}); "suffix in any case")]
#[test_case(json!({"source": [{"equals-ignore-case": "AWS.EC2"}]}); "any case")]
#[test_case(json!({"source": [{"wildcard": "a*.e*2"}]}); "wildcard")]
#[test_case(json!({"detail": {"state": [{"anything-but": "initializing"}]}}); "anything but a text")]
#[test_case(json!({"detail": {"x-limit": [{"anything-but": 123}]}}); "anything but a number")]
#[test_case(json!({"detail": {"state": [{"anything-but": ["stopped", "overloaded"]}]}}); "anything but texts")]
#[test_case(json!({"detail": {"x-limit": [{"anything-but": [100, 200, 300]}]}}); "anything but numbers")]
#[test_case(json!({"detail": {"state": [{"anything-but": {"prefix": ["init", "error"]}}]}}); "anything but prefixes")]
#[test_case(json!({"detail": {"instance-id": [{"anything-but": {"suffix": ["1234", "6789"]}}]}}); "anything but suffixes")]
#[test_case(json!({"detail": {"state": [{"anything-but": {"equals-ignore-case": ["Stopped", "OverLoaded"]}}]}}); "anything but in any case")]
#[test_case(json!({"detail": {"state": [{"anything-but": {"wildcard": ["*/bin/*.jar", "*/bin/*.class"]}}]}}); "anything but wildcards")]
#[test_case(json!({"detail": {"c-count": [{"numeric": [">", 0, "<=", 5]}], "d-count": [{"numeric": ["<", 10]}], "x-limit": [{"numeric": ["=", 3.018e2]}]}}); "numeric")]
#[test_case(json!({"detail": {"source-ip": [{"cidr": "10.0.0.0/24"}]}}); "address")]
#[test_case(json!({"detail": {"c-count": [{"exists": true}], "z-count": [{"exists": false}]}}); "exists")]
#[test_case(json!({"time": [{"prefix": "2017-10-02"}], "detail": {"state": [{"anything-but": "initializing"}], "c-count": [{"numeric": [">", 0, "<=", 5]}], "d-count": [{"numeric": ["<", 10]}], "x-limit": [{"anything-but": [100, 200, 300]}], "source-ip": [{"cidr": "10.0.0.0/8"}]}}); "complex")]
fn the_documented_patterns_match_the_documented_event(pattern: Value) {
    assert!(matches(&pattern, &instance()));
}

#[test_case(json!({"a": [1]}), json!({"a": 1.0}), true; "numbers by value")]
#[test_case(json!({"a": [300]}), json!({"a": 3.0e2}), true; "numbers in any notation")]
#[test_case(json!({"a": [1]}), json!({"a": "1"}), false; "a number is no text")]
#[test_case(json!({"a": ["1"]}), json!({"a": 1}), false; "a text is no number")]
#[test_case(json!({"a": [9_007_199_254_740_993_u64]}), json!({"a": 9_007_199_254_740_992_u64}), false; "whole numbers exactly")]
#[test_case(json!({"a": [null]}), json!({"a": null}), true; "null")]
#[test_case(json!({"a": [null]}), json!({"a": "null"}), false; "null is no text")]
#[test_case(json!({"a": [null]}), json!({}), false; "null is not absent")]
#[test_case(json!({"a": [null]}), json!({"a": []}), false; "null is not an empty array")]
#[test_case(json!({"a": [false]}), json!({"a": false}), true; "truth values")]
#[test_case(json!({"a": [""]}), json!({"a": ""}), true; "an empty text")]
#[test_case(json!({"a": [{"prefix": ""}]}), json!({"a": "x"}), true; "an empty prefix")]
#[test_case(json!({"a": [{"wildcard": ""}]}), json!({"a": "x"}), false; "an empty wildcard")]
#[test_case(json!({"A": ["x"]}), json!({"a": "x"}), false; "names have their case")]
#[test_case(json!({"a": ["ü🚀 "]}), json!({"a": "ü🚀 "}), true; "any letters")]
#[test_case(json!({"a": [{"equals-ignore-case": "ÄRGER"}]}), json!({"a": "ärger"}), true; "any letters in any case")]
#[test_case(json!({"a": {"b": ["x"]}}), json!({"a.b": "x"}), true; "a dot in the event's name")]
#[test_case(json!({"a.b": ["x"]}), json!({"a": {"b": "x"}}), true; "a dot in the pattern's name")]
#[test_case(json!({"a.b": {"b": ["x"]}}), json!({"a": {"b": "x"}}), false; "one dot too many")]
#[test_case(json!({"a": {"b": ["x"]}}), json!({"a": "{\"b\": \"x\"}"}), false; "JSON in a text is a text")]
#[test_case(json!({"a": ["::1"]}), json!({"a": "0:0:0:0:0:0:0:1"}), true; "addresses however spelt")]
#[test_case(json!({"a": [{"cidr": "2001:db8:1234:1a00::/64"}]}), json!({"a": "2001:0db8:1234:1a00:0:0:0:7"}), true; "a network of version six")]
#[test_case(json!({"a": [{"cidr": "2001:db8:1234:1a00::/64"}]}), json!({"a": "2001:db8:1234:1a01::"}), false; "another network")]
#[test_case(json!({"a": [{"cidr": "10.0.0.0/24"}]}), json!({"a": "10.0.0.256"}), false; "no address")]
#[test_case(json!({"a": [{"wildcard": "a\\*\\\\*"}]}), json!({"a": "a*\\c"}), true; "escaped letters")]
#[test_case(json!({"a": [{"wildcard": "*/dir/dir/x"}]}), json!({"a": "/dir/dir/dir/x"}), true; "what repeats")]
#[test_case(json!({"a": [{"exists": true}, {"prefix": "no"}]}), json!({"a": "yes"}), true; "one of several conditions")]
#[test_case(json!({"a": [{"numeric": [">", 100]}, {"anything-but": "101"}]}), json!({"a": "42"}), true; "another type is anything but")]
#[test_case(json!({"a": [{"numeric": [">", 100]}, {"anything-but": "101"}]}), json!({"a": "101"}), false; "the refused text")]
#[test_case(json!({"a": [{"anything-but": 5}]}), json!({"a": null}), true; "null is anything but a number")]
#[test_case(json!({"a": [{"anything-but": {"prefix": "init"}}]}), json!({"a": 12}), true; "a number has no prefix")]
#[test_case(json!({"a": [{"anything-but": "x"}]}), json!({}), false; "anything but needs a value")]
#[test_case(json!({"a": [{"anything-but": "x"}]}), json!({"a": ["x", "z"]}), true; "one element is anything but")]
#[test_case(json!({"a": [{"anything-but": "x"}]}), json!({"a": ["x", "x"]}), false; "no element is anything but")]
fn values(pattern: Value, event: Value, expected: bool) {
    assert_eq!(matches(&pattern, &event), expected);
}

#[test_case(json!({"a": [{"exists": true}]}), json!({"a": {"b": 1}}), false; "an object is no leaf")]
#[test_case(json!({"a": [{"exists": false}]}), json!({"a": {"b": 1}}), true; "an object counts as absent")]
#[test_case(json!({"a": [{"exists": true}]}), json!({"a": 1}), true; "a leaf is there")]
#[test_case(json!({"a": [{"exists": true}]}), json!({"a": null}), true; "null is there")]
#[test_case(json!({"a": [{"exists": true}]}), json!({"a": []}), false; "an empty array has no leaf")]
#[test_case(json!({"a": {"b": [{"exists": false}]}}), json!({}), true; "absent with its parent")]
#[test_case(json!({"a": {"b": [{"anything-but": ["x"]}, {"exists": false}]}}), json!({"a": {"c": 1}}), true; "absent or anything but")]
fn existence_is_of_leaves(pattern: Value, event: Value, expected: bool) {
    assert_eq!(matches(&pattern, &event), expected);
}

#[test_case(json!({"a": ["x"]}), json!({"a": [["z"], ["x"]]}), true; "nested arrays")]
#[test_case(json!({"a": {"b": ["x"]}}), json!({"a": [{"b": "y"}, {"b": "x"}]}), true; "array of objects")]
#[test_case(json!({"a": {"b": [1], "c": [2]}}), json!({"a": [{"b": 1, "c": 9}, {"b": 9, "c": 2}]}), false; "of two elements")]
#[test_case(json!({"a": {"b": [1], "c": [2]}}), json!({"a": [{"b": 9}, {"b": 1, "c": 2}]}), true; "of one element")]
#[test_case(json!({"a": {"b": {"x": [1]}, "c": {"y": [2]}}}), json!({"a": [{"b": [{"x": 0}, {"x": 1}], "c": {"y": 2}}]}), true; "deeper in one element")]
#[test_case(json!({"a": {"b": {"x": [1]}, "c": {"y": [2]}}}), json!({"a": [{"b": [{"x": 1}]}, {"c": {"y": 2}}]}), false; "deeper in two elements")]
#[test_case(json!({"a": {"b": [1]}, "z": {"b": [2]}}), json!({"a": [{"b": 1}], "z": [{"b": 3}, {"b": 2}]}), true; "different arrays are free")]
#[test_case(json!({"a": {"b": [1], "c": [{"exists": false}]}}), json!({"a": [{"b": 1}, {"c": 2}]}), true; "absent from the element")]
#[test_case(json!({"a": {"b": [1], "c": [{"exists": false}]}}), json!({"a": [{"b": 1, "c": 2}]}), false; "not absent from the element")]
fn matches_stay_within_an_element(pattern: Value, event: Value, expected: bool) {
    assert_eq!(matches(&pattern, &event), expected);
}

#[test_case(json!({"source": ["s"], "$or": [{"m": [1]}, {"n": [2]}]}), json!({"source": "s", "n": 2}), true; "one of two")]
#[test_case(json!({"source": ["s"], "$or": [{"m": [1]}, {"n": [2]}]}), json!({"source": "t", "n": 2}), false; "and the rest")]
#[test_case(json!({"$or": [{"m": [1]}, {"n": [2]}], "d": {"$or": [{"x": [1]}, {"y": [2]}]}}), json!({"m": 1, "d": {"y": 2}}), true; "side by side")]
#[test_case(json!({"$or": [{"m": [1]}, {"n": [2]}], "d": {"$or": [{"x": [1]}, {"y": [2]}]}}), json!({"m": 1, "d": {"y": 1}}), false; "both of them")]
#[test_case(json!({"$or": [{"m": [1]}, {"t": [0], "n": [2], "$or": [{"i": [3]}, {"s": [4]}]}]}), json!({"t": 0, "n": 2, "s": 4}), true; "nested")]
#[test_case(json!({"d": {"$or": [{"c": [{"numeric": [">", 0, "<=", 5]}]}, {"x": [{"numeric": ["=", 3.018e2]}]}]}}), json!({"d": {"c": 0, "x": 301.8}}), true; "of conditions")]
fn alternatives(pattern: Value, event: Value, expected: bool) {
    assert_eq!(matches(&pattern, &event), expected);
}

#[test]
fn of_two_lists_for_one_path_the_later_counts() {
    let pattern = Pattern::parse(r#"{"a": [{"prefix": "us-"}], "a": [{"anything-but": "us-east"}]}"#).unwrap();
    assert!(pattern.matches(&json!({ "a": "eu-central-1" })));
    // Objects are not lists: their paths add up.
    let pattern = Pattern::parse(r#"{"a": {"b": [1]}, "a": {"c": [2]}}"#).unwrap();
    assert!(pattern.matches(&json!({ "a": { "b": 1, "c": 2 } })) && !pattern.matches(&json!({ "a": { "c": 2 } })));
}

#[test_case(r#"[]"#, "Filter is not an object"; "no object")]
#[test_case("{}", "Empty objects are not allowed"; "empty")]
#[test_case(r#"{"a": {}}"#, "Empty objects are not allowed"; "empty inside")]
#[test_case(r#"{"int": 42}"#, "\"int\" must be an object or an array"; "value outside an array")]
#[test_case(r#"{"a": []}"#, "Empty arrays are not allowed"; "empty array")]
#[test_case(r#"{"a": [["x"]]}"#, "Match value must be String, number, true, false, or null"; "nested array")]
#[test_case(r#"{"a": [{}]}"#, "Match expression name not found"; "empty expression")]
#[test_case(r#"{"a": [{"EXISTS": true}]}"#, "Unrecognized match type EXISTS"; "unknown expression")]
#[test_case(r#"{"a": [{"exists": "no"}]}"#, "exists match pattern must be either true or false."; "existence of no truth value")]
#[test_case(r#"{"a": [{"suffix": "b", "prefix": "a"}]}"#, "Only one key allowed in match expression"; "two expressions at once")]
#[test_case(r#"{"a": [{"prefix": ["x"]}]}"#, "prefix match pattern must be a string"; "prefix of a list")]
#[test_case(r#"{"a": [{"suffix": 1}]}"#, "suffix match pattern must be a string"; "suffix of a number")]
#[test_case(r#"{"a": [{"prefix": {"suffix": "x"}}]}"#, "Unsupported prefix pattern: suffix"; "suffix in prefix")]
#[test_case(r#"{"a": [{"equals-ignore-case": {"prefix": "x"}}]}"#, "equals-ignore-case match pattern must be a string"; "any case of an object")]
#[test_case(r#"{"a": [{"wildcard": 123}]}"#, "wildcard match pattern must be a string"; "wildcard of a number")]
#[test_case(r#"{"a": [{"wildcard": "arn:aws:events:us-east-1:**:x"}]}"#, "Consecutive wildcard characters at pos 26"; "two stars")]
#[test_case(r#"{"a": [{"wildcard": "a\\bc"}]}"#, "Invalid escape character at pos 2"; "escape of a letter")]
#[test_case(r#"{"a": [{"numeric": 10}]}"#, "Value of numeric must be an array."; "numeric of a number")]
#[test_case(r#"{"a": [{"numeric": []}]}"#, "Invalid member in numeric match: ]"; "numeric of nothing")]
#[test_case(r#"{"a": [{"numeric": [1, "<="]}]}"#, "Invalid member in numeric match: 1"; "numeric turned round")]
#[test_case(r#"{"a": [{"numeric": ["is", 1]}]}"#, "Unrecognized numeric range operator: is"; "numeric of an unknown operator")]
#[test_case(r#"{"a": [{"numeric": ["=", "000"]}]}"#, "Value of equals must be numeric"; "numeric of a text")]
#[test_case(r#"{"a": [{"numeric": [">="]}]}"#, "Value of >= must be numeric"; "half a comparison")]
#[test_case(r#"{"a": [{"numeric": ["<", 100, ">", 10]}]}"#, "Too many elements in numeric expression"; "a range from above")]
#[test_case(r#"{"a": [{"numeric": [">=", 1, ">", 2]}]}"#, "Bad numeric range operator: >"; "a range without end")]
#[test_case(r#"{"a": [{"numeric": [">", 20, 30]}]}"#, "Bad value in numeric range: 30"; "a range without operator")]
#[test_case(r#"{"a": [{"numeric": [">", 0, "<"]}]}"#, "Value of < must be numeric"; "a range without bound")]
#[test_case(r#"{"a": [{"numeric": [">", 3, "<", 1]}]}"#, "Bottom must be less than top"; "an empty range")]
#[test_case(r#"{"a": [{"numeric": [">", 20, "<", 30, "<", 50]}]}"#, "Too many terms in numeric range expression"; "three bounds")]
#[test_case(r#"{"a": [{"anything-but": null}]}"#, "Value of anything-but must be an array or single string/number value."; "anything but null")]
#[test_case(r#"{"a": [{"anything-but": ["x", null]}]}"#, "Inside anything but list, start|null|boolean is not supported."; "anything but a list with null")]
#[test_case(r#"{"a": [{"anything-but": ["x", 1]}]}"#, "Inside anything but list, either all values are number or string, mixed type is not supported"; "anything but mixed")]
#[test_case(r#"{"a": [{"anything-but": {"exists": false}}]}"#, "Unsupported anything-but pattern: exists"; "anything but existing")]
#[test_case(r#"{"a": [{"anything-but": {"prefix": ""}}]}"#, "Null prefix/suffix not allowed"; "anything but every prefix")]
#[test_case(r#"{"a": [{"anything-but": {"prefix": 123}}]}"#, "prefix/suffix match pattern must be a string"; "anything but a prefix of a number")]
#[test_case(r#"{"a": [{"anything-but": {"prefix": {"equals-ignore-case": "x"}}}]}"#, "Value of anything-but must be an array or single string/number value."; "anything but a prefix in any case")]
#[test_case(r#"{"a": [{"anything-but": {"equals-ignore-case": [1]}}]}"#, "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported."; "anything but a number in any case")]
#[test_case(r#"{"a": [{"cidr": "bad-filter"}]}"#, "Malformed CIDR, one '/' required"; "no network")]
#[test_case(r#"{"a": [{"cidr": "bad-/64filter"}]}"#, "Malformed CIDR, mask bits must be an integer"; "no mask")]
#[test_case(r#"{"a": [{"cidr": "xx.11.xx/8"}]}"#, "Nonstandard IP address: xx.11.xx"; "no address of version four")]
#[test_case(r#"{"a": [{"cidr": "xxxx:db8:1234:1a00::/64"}]}"#, "Nonstandard IP address: xxxx:db8:1234:1a00::"; "no address of version six")]
#[test_case(r#"{"a": [{"cidr": "10.0.0.0/32"}]}"#, "IPv4 mask bits must be < 32"; "a mask of one address")]
#[test_case(r#"{"a": [{"cidr": ["10.0.0.0/8"]}]}"#, "prefix match pattern must be a string"; "a list of networks")]
#[test_case(r#"{"$or": {"a": [1]}}"#, "It must be an Array followed with $or."; "or of an object")]
#[test_case(r#"{"$or": [{"a": [1]}]}"#, "There must have at least 2 Objects in $or relationship."; "or of one")]
#[test_case(r#"{"$or": [{"a": [1]}, 2]}"#, "Only JSON object is allowed in array of $or relationship."; "or of a number")]
#[test_case(r#"{"$or": [{"numeric": [1]}, {"b": [2]}]}"#, "numeric is Ruler reserved fieldName which cannot be used inside $or."; "or of a reserved name")]
fn faults_are_refused(text: &str, reason: &str) {
    let error = Pattern::parse(text).unwrap_err();
    let told = error.reason();
    assert!(
        told == reason || told.starts_with(&format!("{reason}\n at [Source: (String)\"{text}\"; line: 1, ")),
        "{told}"
    );
    assert_eq!(error.to_string(), format!("Event pattern is not valid. Reason: {told}"));
}

// The answer of AWS for each: it tells where its reader stands, which has read no further than it had to.
#[test_case(r#"{"int": 42}"#, 11; "after a number")]
#[test_case(r#"{"string": "my-value"}"#, 13; "after the mark that a text begins with")]
#[test_case(r#"["no", "object"]"#, 2; "after a list's bracket")]
#[test_case(r#"{"resources": []}"#, 17; "after an empty list")]
#[test_case(r#"{"my_key": [{"EXISTS": true}]}"#, 28; "after an unknown operator's value")]
#[test_case(r#"{"time": [{"prefix": ["2022-07-13"]}]}"#, 23; "after an operand's bracket")]
#[test_case(r#"{"key":[{"suffix":"value","prefix":"value2"}]}"#, 37; "after the second key")]
#[test_case(r#"{"EventBusArn": [{"wildcard": "arn:aws:events:us-east-1:**:event-bus/*"}]}"#, 72; "after a text that was read")]
#[test_case(r#"{"detail": {"c-count": [{"numeric": [">", 0, ">", 0]}]}}"#, 49; "after an operator that was read")]
#[test_case(r#"{"detail": {"c-count": [{"numeric": [">", 0, "<"]}]}}"#, 50; "after a list that is too short")]
#[test_case(r#"{"key":[{"numeric":["operator"]}]}"#, 32; "after what follows an operator")]
#[test_case(r#"{"key":[{"numeric":["<",100,">",10]}]}"#, 30; "after what is too much")]
#[test_case(r#"{"key":[{"numeric":[">",20,"<",30,"<",50]}]}"#, 36; "after what is too much of a range")]
#[test_case(r#"{"detail": {"FileName": [{"anything-but": {"suffix": ""}}]}}"#, 56; "after an empty text")]
#[test_case("{\n  \"a\": [1],\r\n  \"\u{e4}\u{1f600}\": 1}", 11; "in the third line")]
fn faults_are_told_with_their_place(text: &str, column: usize) {
    let told = Pattern::parse(text).unwrap_err().reason();
    assert!(told.ends_with(&format!(", column: {column}]")), "{told}");
    assert!(told.contains(&format!("; line: {}, ", text.matches('\n').count() + 1)), "{told}");
    assert_eq!(told.matches(" at [Source").count(), 1);
}

#[test]
fn a_fault_in_a_list_of_anything_but_is_told_twice_and_one_of_a_network_without_a_place() {
    let text = r#"{"detail": {"state": [{"anything-but": {"wildcard": [123, "*/dir/*"]}}]}}"#;
    let told = Pattern::parse(text).unwrap_err().reason();
    let place = format!("\n at [Source: (String)\"{text}\"; line: 1, column: 57]");
    assert_eq!(told, format!("wildcard match pattern must be a string{place}{place}"));
    let told = Pattern::parse(r#"{"a": [{"cidr": "bad-filter"}]}"#).unwrap_err().reason();
    assert_eq!(told, "Malformed CIDR, one '/' required");
}

#[test_case("{'bad': 'quotation'}", "Unexpected character (''' (code 39)): was expecting double-quote to start field name", 2; "other quotation marks")]
#[test_case(r#"{"not": closed mark""#, "Unrecognized token 'closed': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')", 15; "a bare word")]
#[test_case("this is no JSON", "Unrecognized token 'this': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')", 5; "words alone")]
#[test_case(r#"{"a" 1}"#, "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value", 6; "no colon")]
#[test_case(r#"{"a": [1 2]}"#, "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries", 10; "no comma")]
#[test_case(r#"{"a": [1],}"#, "Unexpected character ('}' (code 125)): was expecting double-quote to start field name", 11; "a comma too many")]
#[test_case(r#"{"a": ["b"#, "Unexpected end-of-input: was expecting closing quote for a string value", 10; "an open text")]
fn what_is_no_json_is_told_in_the_readers_words(text: &str, reason: &str, column: usize) {
    let error = Pattern::parse(text).unwrap_err();
    assert_eq!(error.reason(), format!("{reason}\n at [Source: (String)\"{text}\"; line: 1, column: {column}]"));
    let redacted = error.redacted().unwrap();
    assert!(redacted.contains("REDACTED") && !redacted.contains(text), "{redacted}");
    assert!(redacted.ends_with(&format!(" disabled); line: 1, column: {column}]")), "{redacted}");
}

#[test]
fn an_open_bracket_is_told_of_with_its_own_place() {
    let told = Pattern::parse(r#"{"a": ["#).unwrap_err().reason();
    let place = |column: usize| format!("[Source: (String)\"{{\"a\": [\"; line: 1, column: {column}]");
    let expected = format!(
        "Unexpected end-of-input: expected close marker for Array (start marker at {})\n at {}",
        place(7),
        place(8)
    );
    assert_eq!(told, expected);
}

#[test]
fn wildcards_that_may_fit_in_too_many_ways_are_refused() {
    let told = Pattern::parse(r#"{"a": [{"wildcard": "*:*:*:*:*:event-bus/*"}]}"#).unwrap_err().reason();
    let many = json!({ "a": (0..20).map(|n| json!({ "wildcard": format!("*.{n}") })).collect::<Vec<_>>() });
    assert!(Pattern::parse(&many.to_string()).is_ok());
    assert!(told.starts_with("Rule is too complex - ") && told.ends_with(" after a wildcard character"), "{told}");
}

#[test]
fn a_thousand_alternatives_are_the_most() {
    let or = |names: usize| -> Value { (0..names).map(|n| json!({ format!("n{n}"): [n] })).collect() };
    let pattern = |last: usize| json!({ "a": { "$or": or(10) }, "b": { "$or": or(10) }, "c": { "$or": or(last) } });
    assert!(Pattern::parse(&pattern(10).to_string()).is_ok());
    assert!(Pattern::parse(&pattern(11).to_string()).is_err());
}

#[test]
fn a_large_event_is_matched_in_time() {
    let people: Vec<Value> = (0..20_000).map(|n| json!({ "name": "n", "age": n, "town": "t" })).collect();
    let event = json!({ "people": people });
    let pattern = json!({ "people": { "name": ["n"], "age": [{ "numeric": [">=", 19_999] }], "town": ["t"] } });
    assert!(matches(&pattern, &event));
    let nobody = json!({ "people": { "name": ["n"], "town": ["u"] } });
    assert!(!matches(&nobody, &event));
}

proptest::proptest! {
    #[test]
    fn no_text_panics(text in "\\PC{0,200}", operand in "[\\[\\]{}\",:*\\\\<>=0-9a-z./$ -]{0,80}") {
        drop(Pattern::parse(&text));
        for name in ["numeric", "wildcard", "cidr", "anything-but", "exists", "prefix"] {
            if let Ok(pattern) = Pattern::parse(&format!("{{\"a\": [{{\"{name}\": {operand}}}]}}")) {
                pattern.matches(&json!({ "a": [operand, 1, null, { "a": true }] }));
            }
        }
    }
}
