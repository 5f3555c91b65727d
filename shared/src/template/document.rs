//! Documents that are no templates (manifests, suites): YAML or JSON with places, and every fault that can be read past.
//!
//! Unlike in a template, anchors may be referred to, `yes` and `on` are texts as in YAML 1.2, and no tag means anything.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};

use super::node::{Content, Entry, Node};
use super::parse::{TemplateError, TextFault};
use super::scalar;

/// The depth to which a document may nest.
const MAX_DEPTH: usize = 100;
/// The values that aliases may stand for in all: enough for people, too few to fill the memory.
const MAX_COPIED: usize = 20_000;

/// A document, as far as it could be read.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// The tree; none if nothing could be read.
    pub root: Option<Node>,
    /// The faults on the way, in their order.
    pub faults: Vec<TemplateError>,
}

/// Reads a document. What cannot be read past ends it: the tree is then not whole, and left out.
#[must_use]
pub fn parse_document(text: &str) -> Document {
    let mut builder = Builder::default();
    for item in Parser::new_from_str(text.strip_prefix('\u{feff}').unwrap_or(text)) {
        let read = item.map_err(TemplateError::from).and_then(|(event, span)| builder.take(event, span));
        if let Err(fault) = read {
            builder.faults.push(fault);
            return Document { root: None, faults: builder.faults };
        }
    }
    if builder.root.is_none() {
        builder.report(Span::default(), "the file is empty".to_owned());
        if let Some(fault) = builder.faults.last_mut() {
            (fault.line, fault.column) = (1, 1);
        }
    }
    Document { root: builder.root, faults: builder.faults }
}

#[derive(Default)]
struct Builder {
    faults: Vec<TemplateError>,
    anchors: HashMap<usize, Node>,
    copied: usize,
    stack: Vec<Frame>,
    root: Option<Node>,
}

/// A collection that is being read.
struct Frame {
    anchor: usize,
    span: Span,
    contents: Contents,
}

enum Contents {
    List(Vec<Node>),
    Map { entries: Vec<Entry>, key: Option<Key> },
}

struct Key {
    text: String,
    span: Span,
    /// True if its value is left out: the key is there already.
    twice: bool,
}

impl Builder {
    fn report(&mut self, span: Span, message: String) {
        self.faults.push(fault(span, message));
    }

    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), TemplateError> {
        match event {
            Event::Alias(anchor) => {
                let mut copy =
                    self.anchors.get(&anchor).cloned().ok_or_else(|| fault(span, "the alias leads to itself"))?;
                self.copied += size(&copy);
                if self.copied > MAX_COPIED {
                    return Err(fault(span, format!("aliases stand for more than {MAX_COPIED} values")));
                }
                (copy.line, copy.column) = (span.start.line(), span.start.col() + 1);
                self.add(copy, 0, span)
            }
            Event::Scalar(text, style, anchor, tag) => {
                let text_by_tag = self.tag(tag.as_deref(), span);
                let plain = style == ScalarStyle::Plain && !text_by_tag;
                if self.awaits_key() {
                    self.key(text.into_owned(), plain, span);
                    return Ok(());
                }
                let content = scalar_of(&text, plain).unwrap_or_else(|message| {
                    self.report(span, message);
                    Content::Text(text.into_owned())
                });
                self.add(place(content, span), anchor, span)
            }
            Event::SequenceStart(anchor, tag) => self.open(anchor, tag.as_deref(), Contents::List(Vec::new()), span),
            Event::MappingStart(anchor, tag) => {
                self.open(anchor, tag.as_deref(), Contents::Map { entries: Vec::new(), key: None }, span)
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(frame) = self.stack.pop() else { return Err(fault(span, "an end without a beginning")) };
                let content = match frame.contents {
                    Contents::List(items) => Content::List(items),
                    Contents::Map { entries, .. } => Content::Map(entries),
                };
                self.add(place(content, frame.span), frame.anchor, span)
            }
            Event::DocumentStart(_) if self.root.is_some() => Err(fault(span, "the file is more than one document")),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {
                Ok(())
            }
        }
    }

    /// Reports a tag that means nothing; true if it makes a text.
    fn tag(&mut self, tag: Option<&Tag>, span: Span) -> bool {
        let Some(tag) = tag else { return false };
        let core = tag.is_yaml_core_schema() || tag.handle == "!!";
        match (core, tag.suffix.as_str()) {
            (true, "str") | (false, "") => return true,
            (true, "int" | "float" | "bool" | "null" | "map" | "seq") => {}
            (true, suffix) => self.report(span, format!("the tag !!{suffix} means nothing here")),
            (false, suffix) => self.report(span, format!("the tag {}{suffix} means nothing here", tag.handle)),
        }
        false
    }

    fn open(&mut self, anchor: usize, tag: Option<&Tag>, contents: Contents, span: Span) -> Result<(), TemplateError> {
        self.tag(tag, span);
        if self.awaits_key() {
            return Err(fault(span, "a key must be a text"));
        }
        if self.stack.len() >= MAX_DEPTH {
            return Err(fault(span, format!("more than {MAX_DEPTH} levels of nesting")));
        }
        self.stack.push(Frame { anchor, span, contents });
        Ok(())
    }

    fn awaits_key(&self) -> bool {
        matches!(self.stack.last(), Some(Frame { contents: Contents::Map { key: None, .. }, .. }))
    }

    fn key(&mut self, text: String, plain: bool, span: Span) {
        let Some(Frame { contents: Contents::Map { entries, key }, .. }) = self.stack.last_mut() else { return };
        let first = entries.iter().find(|entry| entry.key == text).map(|entry| entry.line);
        let merge = plain && text == "<<";
        let message = match first {
            Some(line) => Some(format!("the key {text} is already on line {line}")),
            None => merge.then(|| "hash merges are not read: an alias may stand for a whole value".to_owned()),
        };
        *key = Some(Key { text, span, twice: message.is_some() });
        if let Some(message) = message {
            self.report(span, message);
        }
    }

    fn add(&mut self, node: Node, anchor: usize, span: Span) -> Result<(), TemplateError> {
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.stack.last_mut().map(|frame| &mut frame.contents) {
            Some(Contents::List(items)) => items.push(node),
            Some(Contents::Map { entries, key }) => match key.take() {
                Some(Key { twice: true, .. }) => {}
                Some(Key { text, span, .. }) => {
                    let (line, column) = (span.start.line(), span.start.col() + 1);
                    entries.push(Entry { key: text, line, column, value: node });
                }
                None => return Err(fault(span, "a key must be a text")),
            },
            None => self.root = Some(node),
        }
        Ok(())
    }
}

fn scalar_of(text: &str, plain: bool) -> Result<Content, String> {
    let word = matches!(text.to_ascii_lowercase().as_str(), "yes" | "no" | "on" | "off");
    if !plain || word {
        return Ok(Content::Text(text.to_owned()));
    }
    scalar::core_number(text).map_or_else(|| Ok(scalar::plain(text)), |number| number.map(Content::Number))
}

fn size(node: &Node) -> usize {
    let inner = node.items().iter().map(size).sum::<usize>();
    1 + inner + node.entries().iter().map(|entry| size(&entry.value)).sum::<usize>()
}

fn place(content: Content, span: Span) -> Node {
    Node { content, line: span.start.line(), column: span.start.col() + 1 }
}

fn fault(span: Span, message: impl Into<String>) -> TemplateError {
    let (line, column) = (span.start.line(), span.start.col() + 1);
    TemplateError { line, column, message: message.into(), fault: TextFault::Meaning }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use test_case::test_case;

    use super::*;

    #[test_case("a: yes\nb: On\nc: true\nd: 2012-10-17\ne: '1'" => json!({"a": "yes", "b": "On", "c": true, "d": "2012-10-17", "e": "1"}); "words are texts")]
    #[test_case("a: &x {b: [1]}\nc: *x\nd: *x" => json!({"a": {"b": [1]}, "c": {"b": [1]}, "d": {"b": [1]}}); "an alias is what its anchor is")]
    #[test_case("Fn::GetAtt: a.b" => json!({"Fn::GetAtt": "a.b"}); "no function is known")]
    #[test_case("{\"a\": 1e3, \"b\": -0.5}" => json!({"a": 1000.0, "b": -0.5}); "numbers of JSON are numbers")]
    #[test_case("[1, {\"a\": null}]" => json!([1, {"a": null}]); "a list at the top")]
    fn a_document_is_read_as(text: &str) -> Value {
        let document = parse_document(text);
        assert_eq!(document.faults, []);
        document.root.unwrap().to_json()
    }

    #[test_case("a: 1\na: 2\na: 3\nb: !Ref x\nc: {<<: {}}" => vec![
        "the key a is already on line 1 (line 2, column 1)", "the key a is already on line 1 (line 3, column 1)",
        "the tag !Ref means nothing here (line 4, column 4)",
        "hash merges are not read: an alias may stand for a whole value (line 5, column 5)"]; "what can be read past is")]
    #[test_case("a: .inf\nb: 1e999" => vec![
        "no number can be .inf: write it in quotes if it is a text (line 1, column 4)",
        "no number can be 1e999: write it in quotes if it is a text (line 2, column 4)"]; "numbers that cannot be held")]
    #[test_case("" => vec!["the file is empty (line 1, column 1)"]; "nothing")]
    #[test_case("a: 1\n---\nb: 1\n" => vec!["the file is more than one document (line 2, column 1)"]; "two documents")]
    #[test_case("? [a]\n: 1" => vec!["a key must be a text (line 1, column 3)"]; "a key that is no text")]
    #[test_case("a: &x [*x]" => vec!["the alias leads to itself (line 1, column 8)"]; "an alias in itself")]
    fn a_fault_has_its_place(text: &str) -> Vec<String> {
        parse_document(text).faults.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn aliases_of_aliases_do_not_fill_the_memory() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..10 {
            let inner = vec![format!("*a{}", level - 1); 10].join(", ");
            text.push_str(&format!("a{level}: &a{level} [{inner}]\n"));
        }
        let document = parse_document(&text);
        assert!(document.root.is_none() && document.faults[0].message.contains("aliases stand for more than"));
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "[a-c:!&*\\[\\]{}'\",|>#?~\\- \t\n<0-9.]{0,80}") {
            let _ = parse_document(&text);
        }
    }
}
