//! From text to the tree.

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, Tag};
use serde_json::Value;

use super::intrinsic;
use super::node::{Content, Entry, Node};
use super::scalar;

/// The depth to which a template may nest: far beyond any real one, and far from what could exhaust the stack.
const MAX_DEPTH: usize = 100;

/// The reason why a text is not a template, and the place of the fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} (line {line}, column {column})")]
pub struct TemplateError {
    /// The line, counted from 1.
    pub line: usize,
    /// The column, counted from 1.
    pub column: usize,
    /// The fault at that place.
    pub message: String,
    /// Of which kind that is.
    pub fault: TextFault,
}

/// The place at which reading a template failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextFault {
    /// The text is neither YAML nor JSON.
    Form,
    /// It reads, but holds what a template may not (a key twice, an alias).
    Meaning,
    /// It reads, but is no map.
    Structure,
}

/// Reads a template, YAML or JSON.
///
/// # Errors
/// Fails if the text is not one well-formed document with a map at its top, uses YAML that CloudFormation does not read,
/// or has a key twice in one map.
pub fn parse(text: &str) -> Result<Node, TemplateError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let read = read(text);
    // JSON is YAML but for odd corners (an emoji written as two `\u` escapes): what reads as JSON is JSON, and what
    // was meant as JSON gets the errors of a JSON reader.
    if text.trim_start().starts_with('{') && read.as_ref().is_err_and(|error| error.fault == TextFault::Form) {
        match serde_json::from_str::<Value>(text) {
            Ok(value) => return Ok(without_lines(&value)),
            Err(error) if read.as_ref().is_err() => {
                let message = error.to_string();
                let message = message.split(" at line ").next().unwrap_or(&message).to_owned();
                // CloudFormation's reader stands behind the letter that it cannot use.
                let (line, column) = (error.line(), error.column() + 1);
                return Err(TemplateError { line, column, message, fault: TextFault::Form });
            }
            Err(_) => {}
        }
    }
    let node = read?;
    match node.content {
        Content::Map(_) => Ok(node),
        _ => Err(TemplateError {
            line: node.line,
            column: node.column,
            message: "a template is a map with a Resources section".to_owned(),
            fault: TextFault::Structure,
        }),
    }
}

impl From<ScanError> for TemplateError {
    fn from(error: ScanError) -> Self {
        let at = error.marker();
        let message = error.info().to_owned();
        Self { line: at.line(), column: at.col() + 1, message, fault: TextFault::Form }
    }
}

fn refuse<T>(span: Span, message: impl Into<String>) -> Result<T, TemplateError> {
    let (line, column) = (span.start.line(), span.start.col() + 1);
    Err(TemplateError { line, column, message: message.into(), fault: TextFault::Meaning })
}

fn read(text: &str) -> Result<Node, TemplateError> {
    let mut builder = Builder::default();
    let mut end = Span::default();
    for item in Parser::new_from_str(text) {
        let (event, span) = item?;
        end = span;
        builder.take(event, span)?;
    }
    match builder.root {
        Some(root) => Ok(root),
        None => refuse(end, "the template is empty"),
    }
}

/// A collection that is being read.
struct Frame {
    tag: Option<Shape>,
    span: Span,
    contents: Contents,
}

enum Contents {
    List(Vec<Node>),
    Map { entries: Vec<Entry>, key: Option<(String, usize, usize)> },
}

/// The effect of a tag on a value.
enum Shape {
    /// `!!str`, or quoted by `!`.
    Text,
    /// A core tag that says what the value looks like anyway.
    AsWritten,
    /// A short form, by its long name.
    Function(String),
}

#[derive(Default)]
struct Builder {
    stack: Vec<Frame>,
    root: Option<Node>,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), TemplateError> {
        match event {
            Event::Alias(_) => refuse(span, "YAML aliases are not allowed in CloudFormation templates"),
            Event::Scalar(text, style, _, tag) => {
                let shape = tag.map(|tag| shape(&tag, span)).transpose()?;
                self.scalar(text.into_owned(), style == ScalarStyle::Plain, shape, span)
            }
            Event::SequenceStart(_, tag) => {
                self.open(Contents::List(Vec::new()), tag.map(|tag| shape(&tag, span)).transpose()?, span)
            }
            Event::MappingStart(_, tag) => {
                let contents = Contents::Map { entries: Vec::new(), key: None };
                self.open(contents, tag.map(|tag| shape(&tag, span)).transpose()?, span)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::DocumentStart(_) if self.root.is_some() => refuse(span, "a template is one document"),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {
                Ok(())
            }
        }
    }

    fn open(&mut self, contents: Contents, tag: Option<Shape>, span: Span) -> Result<(), TemplateError> {
        if self.awaits_key() {
            return refuse(span, "a key must be a text");
        }
        if self.stack.len() >= MAX_DEPTH {
            return refuse(span, format!("more than {MAX_DEPTH} levels of nesting"));
        }
        self.stack.push(Frame { tag, span, contents });
        Ok(())
    }

    fn close(&mut self, span: Span) -> Result<(), TemplateError> {
        let Some(frame) = self.stack.pop() else { return refuse(span, "an end without a beginning") };
        let content = match frame.contents {
            Contents::List(items) => Content::List(items),
            Contents::Map { entries, .. } => Content::Map(intrinsic::normalized(entries)),
        };
        let node = place(content, frame.span);
        match frame.tag {
            Some(Shape::Function(name)) => self.add(intrinsic::call(name, node), span),
            Some(Shape::Text) => refuse(frame.span, "a list or a map is tagged as a text"),
            Some(Shape::AsWritten) | None => self.add(node, span),
        }
    }

    fn scalar(&mut self, text: String, plain: bool, shape: Option<Shape>, span: Span) -> Result<(), TemplateError> {
        if self.awaits_key() {
            return self.key(text, plain, span);
        }
        let node = match shape {
            Some(Shape::Function(name)) => intrinsic::call(name, place(Content::Text(text), span)),
            Some(Shape::AsWritten) => place(scalar::plain(&text), span),
            None if plain => place(scalar::plain(&text), span),
            Some(Shape::Text) | None => place(Content::Text(text), span),
        };
        self.add(node, span)
    }

    fn awaits_key(&self) -> bool {
        matches!(self.stack.last(), Some(Frame { contents: Contents::Map { key: None, .. }, .. }))
    }

    fn key(&mut self, text: String, plain: bool, span: Span) -> Result<(), TemplateError> {
        if plain && text == "<<" {
            return refuse(span, "hash merges are not allowed in CloudFormation templates");
        }
        if let Some(Frame { contents: Contents::Map { entries, key }, .. }) = self.stack.last_mut() {
            if let Some(first) = entries.iter().find(|entry| entry.key == text) {
                return refuse(span, format!("the key {text} is already on line {}", first.line));
            }
            *key = Some((text, span.start.line(), span.start.col() + 1));
        }
        Ok(())
    }

    fn add(&mut self, node: Node, span: Span) -> Result<(), TemplateError> {
        match self.stack.last_mut().map(|frame| &mut frame.contents) {
            Some(Contents::List(items)) => items.push(node),
            Some(Contents::Map { entries, key }) => match key.take() {
                Some((key, line, column)) => entries.push(Entry { key, line, column, value: node }),
                None => return refuse(span, "a key must be a text"),
            },
            None => self.root = Some(node),
        }
        Ok(())
    }
}

fn place(content: Content, span: Span) -> Node {
    Node { content, line: span.start.line(), column: span.start.col() + 1 }
}

fn shape(tag: &Tag, span: Span) -> Result<Shape, TemplateError> {
    let core = tag.is_yaml_core_schema() || tag.handle == "!!";
    match (core, tag.suffix.as_str()) {
        (true, "str") => Ok(Shape::Text),
        (true, "int" | "float" | "bool" | "null" | "map" | "seq") => Ok(Shape::AsWritten),
        (false, "") => Ok(Shape::Text),
        (false, suffix) if tag.handle == "!" => match intrinsic::long_name(suffix) {
            Some(name) => Ok(Shape::Function(name)),
            None => refuse(span, format!("!{suffix} is not an intrinsic function")),
        },
        _ => refuse(span, format!("the tag {}{} is not allowed in CloudFormation templates", tag.handle, tag.suffix)),
    }
}

/// The tree of a JSON value whose places are not known: everything stands on line 1.
fn without_lines(value: &Value) -> Node {
    let content = match value {
        Value::Null => Content::Null,
        Value::Bool(truth) => Content::Bool(*truth),
        Value::Number(number) => Content::Number(number.clone()),
        Value::String(text) => Content::Text(text.clone()),
        Value::Array(items) => Content::List(items.iter().map(without_lines).collect()),
        Value::Object(members) => {
            let entry = |(key, value): (&String, &Value)| Entry {
                key: key.clone(),
                line: 1,
                column: 1,
                value: without_lines(value),
            };
            Content::Map(intrinsic::normalized(members.iter().map(entry).collect()))
        }
    };
    Node { content, line: 1, column: 1 }
}
