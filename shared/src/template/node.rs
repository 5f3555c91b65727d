//! The tree that a template is read into.

use serde_json::{Map, Number, Value};

/// One value of a template and where it stands in the text.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The value, whose parts are nodes again.
    pub content: Content,
    /// The line where it begins, counted from 1.
    pub line: usize,
    /// The column where it begins, counted from 1.
    pub column: usize,
}

/// The content of a node.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Nothing: `null`, `~`, or a key without a value.
    Null,
    /// `true` or `false`, not quoted.
    Bool(bool),
    /// A number, not quoted.
    Number(Number),
    /// A text; also every date and everything quoted.
    Text(String),
    /// A list, in the order of the text.
    List(Vec<Node>),
    /// A map, in the order of the text.
    Map(Vec<Entry>),
}

/// One member of a map.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key, which is always text.
    pub key: String,
    /// The line of the key, counted from 1.
    pub line: usize,
    /// The column of the key, counted from 1.
    pub column: usize,
    /// The value, with its own place.
    pub value: Node,
}

impl Node {
    /// The member of that name, if this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// The members of a map; none of anything else.
    pub fn entries(&self) -> &[Entry] {
        match &self.content {
            Content::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list; none of anything else.
    pub fn items(&self) -> &[Self] {
        match &self.content {
            Content::List(items) => items,
            _ => &[],
        }
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match &self.content {
            Content::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The tree of a JSON value, whose places are not known: lines and columns are 0.
    #[must_use]
    pub fn from_json(value: &Value) -> Self {
        let content = match value {
            Value::Null => Content::Null,
            Value::Bool(truth) => Content::Bool(*truth),
            Value::Number(number) => Content::Number(number.clone()),
            Value::String(text) => Content::Text(text.clone()),
            Value::Array(items) => Content::List(items.iter().map(Self::from_json).collect()),
            Value::Object(members) => {
                let entry = |(key, value): (&String, &Value)| Entry {
                    key: key.clone(),
                    line: 0,
                    column: 0,
                    value: Self::from_json(value),
                };
                Content::Map(members.iter().map(entry).collect())
            }
        };
        Self { content, line: 0, column: 0 }
    }

    /// The same tree without its places.
    pub fn to_json(&self) -> Value {
        match &self.content {
            Content::Null => Value::Null,
            Content::Bool(truth) => Value::Bool(*truth),
            Content::Number(number) => Value::Number(number.clone()),
            Content::Text(text) => Value::String(text.clone()),
            Content::List(items) => Value::Array(items.iter().map(Self::to_json).collect()),
            Content::Map(entries) => Value::Object(
                entries.iter().map(|entry| (entry.key.clone(), entry.value.to_json())).collect::<Map<_, _>>(),
            ),
        }
    }

    /// The node at a JSON pointer such as `/Resources/Queue/Properties`; the node itself at the empty pointer.
    pub fn at(&self, pointer: &str) -> Option<&Self> {
        steps(pointer).try_fold(self, |node, step| node.child(&step).map(|(_, child)| child))
    }

    /// The line of the part that a JSON pointer names: of the key in a map, of the item in a list. If the pointer leads
    /// beyond the text (a property that a transform added), the line of the last part that exists.
    pub fn line_of(&self, pointer: &str) -> usize {
        let (mut node, mut line) = (self, self.line);
        for step in steps(pointer) {
            let Some((at, child)) = node.child(&step) else { break };
            (node, line) = (child, at);
        }
        line
    }

    fn child(&self, step: &str) -> Option<(usize, &Self)> {
        match &self.content {
            Content::Map(entries) => {
                entries.iter().find(|entry| entry.key == step).map(|entry| (entry.line, &entry.value))
            }
            Content::List(items) => {
                step.parse::<usize>().ok().and_then(|index| items.get(index)).map(|item| (item.line, item))
            }
            _ => None,
        }
    }
}

/// The steps of a JSON pointer (RFC 6901), unescaped.
fn steps(pointer: &str) -> impl Iterator<Item = String> {
    pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~"))
}
