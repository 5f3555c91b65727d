//! Tests of the values that texts are read as, and of the texts that are refused.

use serde_json::{Value, json};
use test_case::test_case;

use super::{Node, parse};

fn json(text: &str) -> Value {
    parse(text).unwrap().to_json()
}

#[test_case("a: !Ref Queue" => json!({"a": {"Ref": "Queue"}}))]
#[test_case("a: !Ref 123" => json!({"a": {"Ref": "123"}}); "a short form's scalar stays text")]
#[test_case("a: !GetAtt Queue.Arn" => json!({"a": {"Fn::GetAtt": ["Queue", "Arn"]}}))]
#[test_case("a: !GetAtt Db.Endpoint.Port" => json!({"a": {"Fn::GetAtt": ["Db", "Endpoint.Port"]}}))]
#[test_case("a: !GetAtt [Queue, Arn]" => json!({"a": {"Fn::GetAtt": ["Queue", "Arn"]}}))]
#[test_case("a: {'Fn::GetAtt': Queue.Arn}" => json!({"a": {"Fn::GetAtt": ["Queue", "Arn"]}}))]
#[test_case("a: !Sub 'x-${B}'" => json!({"a": {"Fn::Sub": "x-${B}"}}))]
#[test_case("a: !Sub ['${B}', {B: !Ref C}]" => json!({"a": {"Fn::Sub": ["${B}", {"B": {"Ref": "C"}}]}}))]
#[test_case("a: !Join [',', [x, !Ref B]]" => json!({"a": {"Fn::Join": [",", ["x", {"Ref": "B"}]]}}))]
#[test_case("a: !If [C, 1, !Ref AWS::NoValue]" => json!({"a": {"Fn::If": ["C", 1, {"Ref": "AWS::NoValue"}]}}))]
#[test_case("a: !Not [!Equals [x, y]]" => json!({"a": {"Fn::Not": [{"Fn::Equals": ["x", "y"]}]}}))]
#[test_case("a: !And [!Condition B]" => json!({"a": {"Fn::And": [{"Condition": "B"}]}}))]
#[test_case("a: !Select [0, !GetAZs '']" => json!({"a": {"Fn::Select": [0, {"Fn::GetAZs": ""}]}}))]
#[test_case("a: !Transform {Name: M}" => json!({"a": {"Fn::Transform": {"Name": "M"}}}))]
#[test_case("a: !Sub |\n  one\n  two\n" => json!({"a": {"Fn::Sub": "one\ntwo\n"}}))]
fn a_short_form_is_made_long(text: &str) -> Value {
    json(text)
}

#[test_case("a: '1'\nb: \"true\"\nc: 2012-10-17\nd: 5" => json!({"a": "1", "b": "true", "c": "2012-10-17", "d": 5}))]
#[test_case("a: !!str 1" => json!({"a": "1"}))]
#[test_case("a:\nb: [~]" => json!({"a": null, "b": [null]}))]
#[test_case("---\na: &x 1\n" => json!({"a": 1}); "an anchor that nothing refers to")]
#[test_case("123: x" => json!({"123": "x"}); "a key is a text")]
#[test_case("{\"a\":\t[1, true, null, \"\\u00e9\\/\"]}" => json!({"a": [1, true, null, "é/"]}); "json")]
#[test_case("{\"a\": \"\\ud83d\\ude80\"}" => json!({"a": "🚀"}); "json with a surrogate pair")]
#[test_case("\u{feff}a: 1\r\nb: 2\r\n" => json!({"a": 1, "b": 2}); "a byte order mark and carriage returns")]
fn a_text_is_read_as(text: &str) -> Value {
    json(text)
}

#[test_case("a: 1\nb: [1\n", 3; "not well-formed")]
#[test_case("a: 1\nb:\n  c: 1\n  c: 2\n", 4; "a key twice")]
#[test_case("a: &x 1\nb: *x\n", 2; "an alias")]
#[test_case("a:\n  <<: {b: 1}\n", 2; "a hash merge")]
#[test_case("a: 1\nb: !Reff x\n", 2; "an unknown short form")]
#[test_case("a: !!binary aGk=\n", 1; "a tag of yaml that cloudformation has not")]
#[test_case("- a\n- b\n", 1; "a list at the top")]
#[test_case("a: 1\n---\nb: 2\n", 2; "two documents")]
#[test_case("? [a]\n: 1\n", 1; "a key that is no text")]
#[test_case("{\n \"a\": 1,\n \"b\" 2\n}", 3; "json that is not well-formed")]
#[test_case("{\n \"a\": 1,\n \"a\": 2\n}", 3; "json with a key twice")]
fn a_bad_text_is_refused_with_its_line(text: &str, line: usize) {
    let error = parse(text).unwrap_err();
    assert_eq!(error.line, line, "{error}");
}

#[test]
fn an_empty_text_is_refused() {
    assert!(parse("").unwrap_err().message.contains("empty"));
    assert!(parse("# only a comment\n").is_err());
}

#[test]
fn deep_nesting_is_refused_instead_of_exhausting_the_stack() {
    for depth in [150, 50_000] {
        let text = format!("a: {}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(&text).is_err());
    }
}

#[test]
fn a_key_twice_names_where_it_was_first() {
    let error = parse("a: 1\nb: 2\na: 3\n").unwrap_err();
    assert_eq!(error.to_string(), "the key a is already on line 1 (line 3, column 1)");
}

#[test]
fn lines_are_those_of_keys_and_items() {
    let node =
        parse("Resources:\n  Queue:\n    Type: AWS::SQS::Queue\n    Tags:\n      - a\n      - Key: b\n").unwrap();
    assert_eq!(node.line_of("/Resources/Queue"), 2);
    assert_eq!(node.line_of("/Resources/Queue/Type"), 3);
    assert_eq!(node.line_of("/Resources/Queue/Tags/1/Key"), 6);
    assert_eq!(node.line_of("/Resources/Queue/Properties/Added"), 2);
    assert_eq!(node.at("/Resources/Queue/Tags/0").and_then(Node::as_str), Some("a"));
    assert_eq!(node.at("/Resources/Missing"), None);
}

#[test]
fn lines_are_known_inside_short_forms_and_json() {
    let yaml = parse("a: !Join\n  - ','\n  - - !Ref B\n").unwrap();
    assert_eq!(yaml.line_of("/a/Fn::Join/1/0"), 3);
    let json = parse("{\n \"a\": {\n  \"b~/c\": 1\n }\n}").unwrap();
    assert_eq!(json.line_of("/a/b~0~1c"), 3);
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "[a-c:!&*\\[\\]{}'\",|>#?~\\- \t\n<0-9.]{0,80}") {
        let _ = parse(&text);
    }
}
