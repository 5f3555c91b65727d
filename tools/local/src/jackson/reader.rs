//! The reader: its values keep their members' order, and equal members, and know where they lie.

use serde_json::Number;

use super::Fault;

/// The depth to which lists and objects are read, as deep as serde_json reads every other document of the plane: values
/// are walked by recursion. Jackson itself reads to 1,000 levels (`StreamReadConstraints`).
const DEPTH: usize = 128;

/// A value, and the places at which the reader stands, in bytes.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) json: Json,
    /// After the value's first token: a text is not read on from its quotation mark before somebody asks for it.
    pub(crate) begun: usize,
    /// After the whole value.
    pub(crate) ended: usize,
}

/// A JSON value whose objects keep equal keys, in their order.
#[derive(Clone, Debug)]
pub(crate) enum Json {
    Null,
    Flag(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

/// Reads a text. What comes after its value is not looked at.
///
/// # Errors
/// Fails where the text is no JSON.
pub(crate) fn read(text: &str) -> Result<Node, Fault> {
    let mut reader = Reader { text, at: 0, scopes: Vec::new() };
    reader.space();
    if reader.peek().is_none() {
        // Nothing at all is no object.
        return Ok(Node { json: Json::Null, begun: reader.at, ended: reader.at });
    }
    reader.value()
}

/// A list or an object that is open.
struct Scope {
    kind: &'static str,
    close: char,
    /// After its opening bracket.
    opened: usize,
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    scopes: Vec<Scope>,
}

const LITERALS: &str = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn take(&mut self, letter: char) -> bool {
        let taken = self.peek() == Some(letter);
        if taken {
            self.at += letter.len_utf8();
        }
        taken
    }

    fn while_it(&mut self, fits: impl Fn(char) -> bool) -> &str {
        let rest = &self.text[self.at..];
        let found = &rest[..rest.find(|letter| !fits(letter)).unwrap_or(rest.len())];
        self.at += found.len();
        found
    }

    fn space(&mut self) {
        self.while_it(|letter| matches!(letter, ' ' | '\t' | '\r' | '\n'));
    }

    fn value(&mut self) -> Result<Node, Fault> {
        let start = self.at;
        match self.peek() {
            Some('{') => self.inside("Object", '}', Self::members),
            Some('[') => self.inside("Array", ']', Self::items),
            Some('"') => {
                let text = self.string("string value")?;
                Ok(Node { json: Json::Text(text), begun: start + 1, ended: self.at })
            }
            Some('-' | '0'..='9') => self.number(),
            Some(letter) if letter.is_alphabetic() || letter == '_' || letter == '$' => self.word(),
            Some('}') => Err(self.unexpected('}', "expected a value")),
            Some(letter) => Err(self.unexpected(letter, &format!("expected a valid value {LITERALS}"))),
            None => Err(self.ended()),
        }
    }

    fn inside(
        &mut self,
        kind: &'static str,
        close: char,
        read: fn(&mut Self) -> Result<Json, Fault>,
    ) -> Result<Node, Fault> {
        self.at += 1;
        let begun = self.at;
        if self.scopes.len() >= DEPTH {
            let text = format!("Document nesting depth ({}) exceeds the maximum allowed ({DEPTH})", DEPTH + 1);
            return Err(Fault::new(text, self.at));
        }
        self.scopes.push(Scope { kind, close, opened: begun });
        let json = read(self)?;
        self.scopes.pop();
        Ok(Node { json, begun, ended: self.at })
    }

    fn items(&mut self) -> Result<Json, Fault> {
        let mut items = Vec::new();
        while self.more(items.is_empty())? {
            items.push(self.value()?);
        }
        Ok(Json::List(items))
    }

    fn members(&mut self) -> Result<Json, Fault> {
        let mut members = Vec::new();
        while self.more(members.is_empty())? {
            if let Some(letter) = self.peek().filter(|letter| *letter != '"') {
                return Err(self.unexpected(letter, "was expecting double-quote to start field name"));
            }
            let name = self.string("name")?;
            self.space();
            match self.peek() {
                Some(':') => self.at += 1,
                Some(other) => {
                    return Err(self.unexpected(other, "was expecting a colon to separate field name and value"));
                }
                None => {
                    return Err(self.fault("Unexpected end-of-input within/between Object entries"));
                }
            }
            self.space();
            if self.peek().is_none() {
                return Err(self.fault("Unexpected end-of-input within/between Object entries"));
            }
            members.push((name, self.value()?));
        }
        Ok(Json::Object(members))
    }

    /// True if another item or member follows; the closing bracket is taken.
    fn more(&mut self, first: bool) -> Result<bool, Fault> {
        self.space();
        let Some(letter) = self.peek() else { return Err(self.ended()) };
        let Some(Scope { kind, close, opened }) = self.scopes.last() else { return Ok(false) };
        let (kind, close, opened) = (*kind, *close, *opened);
        if letter == close {
            self.at += 1;
            return Ok(false);
        }
        if letter == '}' || letter == ']' {
            self.at += 1;
            let text = format!("Unexpected close marker '{letter}': expected '{close}' (for {kind} starting at ");
            return Err(Fault::of_bracket(text, opened, self.at));
        }
        if !first {
            if !self.take(',') {
                return Err(self.unexpected(letter, &format!("was expecting comma to separate {kind} entries")));
            }
            self.space();
            if self.peek().is_none() {
                return Err(self.ended());
            }
        }
        Ok(true)
    }

    /// `true`, `false`, `null`, or a word that is none of them.
    fn word(&mut self) -> Result<Node, Fault> {
        let word = self.while_it(|letter| letter.is_alphanumeric() || letter == '_' || letter == '$');
        let json = match word {
            "null" => Json::Null,
            "true" => Json::Flag(true),
            "false" => Json::Flag(false),
            other => {
                let text = format!("Unrecognized token '{other}': was expecting {LITERALS}");
                return Err(self.fault(&text));
            }
        };
        Ok(Node { json, begun: self.at, ended: self.at })
    }

    fn number(&mut self) -> Result<Node, Fault> {
        let start = self.at;
        let digit = |letter: char| letter.is_ascii_digit();
        let follows = |reader: &mut Self, what: &str| match reader.while_it(digit) {
            "" => Err(match reader.peek() {
                Some(letter) => reader.unexpected(letter, what),
                None => reader.ended(),
            }),
            digits => Ok(digits.len() > 1 && digits.starts_with('0')),
        };
        self.take('-');
        let leading =
            follows(self, "in numeric value: expected digit (0-9) to follow minus sign, for valid numeric value")?;
        if leading {
            return Err(self.fault("Invalid numeric value: Leading zeroes not allowed"));
        }
        if self.take('.') {
            follows(self, "in numeric value: Decimal point not followed by a digit")?;
        }
        if self.take('e') || self.take('E') {
            let _sign = self.take('+') || self.take('-');
            follows(self, "in numeric value: Exponent indicator not followed by a digit")?;
        }
        let number: Result<Number, _> = self.text[start..self.at].parse();
        let number = number.map_err(|_| self.fault("Numeric value out of range"))?;
        Ok(Node { json: Json::Number(number), begun: self.at, ended: self.at })
    }

    /// A text in quotation marks.
    fn string(&mut self, what: &str) -> Result<String, Fault> {
        let start = self.at;
        self.at += 1;
        loop {
            self.while_it(|letter| letter >= ' ' && letter != '"' && letter != '\\');
            match self.peek() {
                Some('"') => break,
                Some('\\') => self.escape()?,
                Some(control) => {
                    self.at += 1;
                    let shown = described(control);
                    let text = format!(
                        "Illegal unquoted character ({shown}): has to be escaped using backslash to be included in {what}"
                    );
                    return Err(self.fault(&text));
                }
                None => {
                    let quote =
                        if what == "name" { "closing '\"' for name" } else { "closing quote for a string value" };
                    return Err(self.fault(&format!("Unexpected end-of-input: was expecting {quote}")));
                }
            }
        }
        self.at += 1;
        // Halves of letters, which a text cannot hold, are all that is left to be wrong.
        serde_json::from_str(&self.text[start..self.at]).map_err(|error| self.fault(&error.to_string()))
    }

    fn escape(&mut self) -> Result<(), Fault> {
        self.at += 1;
        match self.peek() {
            Some('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't') => self.at += 1,
            Some('u') => {
                self.at += 1;
                for _ in 0..4 {
                    match self.peek() {
                        Some(letter) if letter.is_ascii_hexdigit() => self.at += 1,
                        Some(letter) => {
                            return Err(self.unexpected(letter, "expected a hex-digit for character escape sequence"));
                        }
                        None => return Err(self.fault("Unexpected end-of-input in character escape sequence")),
                    }
                }
            }
            Some(letter) => {
                self.at += letter.len_utf8();
                return Err(self.fault(&format!("Unrecognized character escape {}", described(letter))));
            }
            None => return Err(self.fault("Unexpected end-of-input in character escape sequence")),
        }
        Ok(())
    }

    fn fault(&self, text: &str) -> Fault {
        Fault::new(text, self.at)
    }

    /// That a letter is not expected where the reader stands, before it.
    fn unexpected(&self, letter: char, wanted: &str) -> Fault {
        let numeric = wanted.strip_prefix("in numeric value: ");
        let (place, wanted) = numeric.map_or(("", wanted), |wanted| (" in numeric value", wanted));
        Fault::new(format!("Unexpected character ({}){place}: {wanted}", described(letter)), self.at)
    }

    fn ended(&self) -> Fault {
        match self.scopes.last() {
            Some(Scope { kind, opened, .. }) => {
                let text = format!("Unexpected end-of-input: expected close marker for {kind} (start marker at ");
                Fault::of_bracket(text, *opened, self.at)
            }
            None => self.fault("Unexpected end-of-input"),
        }
    }
}

/// A letter as Jackson shows it.
fn described(letter: char) -> String {
    let code = u32::from(letter);
    match letter {
        letter if letter.is_control() => format!("CTRL-CHAR, code {code}"),
        letter if code > 255 => format!("'{letter}' (code {code} / 0x{code:x})"),
        letter => format!("'{letter}' (code {code})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_read_to_a_depth_that_leaves_room_on_the_stack() {
        let nested = |open: &str, close: &str, depth: usize| open.repeat(depth) + "1" + &close.repeat(depth);
        for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
            assert!(read(&nested(open, close, DEPTH)).is_ok());
            let fault = read(&nested(open, close, 100_000)).unwrap_err();
            assert_eq!(fault.what, "Document nesting depth (129) exceeds the maximum allowed (128)");
        }
    }
}
