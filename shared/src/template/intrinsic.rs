//! The short forms of the intrinsic functions, made long.

use super::node::{Content, Entry, Node};

/// The functions whose short form is `!Name` and whose long form is `Fn::Name`.
const FUNCTIONS: [&str; 25] = [
    "And",
    "Base64",
    "Cidr",
    "Contains",
    "EachMemberEquals",
    "EachMemberIn",
    "Equals",
    "FindInMap",
    "GetAZs",
    "GetAtt",
    "If",
    "ImportValue",
    "Join",
    "Length",
    "Not",
    "Or",
    "RefAll",
    "Select",
    "Split",
    "Sub",
    "ToJsonString",
    "Transform",
    "ValueOf",
    "ValueOfAll",
    "GetStackOutput",
];

/// The long name of the short form `!{suffix}`, if CloudFormation has one of that name.
pub(super) fn long_name(suffix: &str) -> Option<String> {
    match suffix {
        "Ref" | "Condition" => Some(suffix.to_owned()),
        _ => FUNCTIONS.contains(&suffix).then(|| format!("Fn::{suffix}")),
    }
}

/// `argument` under the function's long name.
pub(super) fn call(name: String, argument: Node) -> Node {
    let (line, column) = (argument.line, argument.column);
    let value = if name == "Fn::GetAtt" { attribute_path(argument) } else { argument };
    Node { content: Content::Map(vec![Entry { key: name, line, column, value }]), line, column }
}

/// A map as it stands, but for `Fn::GetAtt: a.b`, which YAML templates may write in place of the list.
pub(super) fn normalized(mut entries: Vec<Entry>) -> Vec<Entry> {
    if let [entry] = entries.as_mut_slice()
        && entry.key == "Fn::GetAtt"
    {
        let value = Node { content: Content::Null, line: entry.value.line, column: entry.value.column };
        entry.value = attribute_path(std::mem::replace(&mut entry.value, value));
    }
    entries
}

/// `a.b.c` as `[a, b.c]`: a logical id has no dots, an attribute may.
fn attribute_path(argument: Node) -> Node {
    let Content::Text(text) = &argument.content else { return argument };
    let Some((resource, attribute)) = text.split_once('.') else { return argument };
    let part = |text: &str| Node { content: Content::Text(text.to_owned()), ..argument };
    Node { content: Content::List(vec![part(resource), part(attribute)]), ..argument }
}
