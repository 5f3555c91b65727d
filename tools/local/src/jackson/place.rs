//! A place in a text, as Jackson writes it: `[Source: (String)"{"a": 1}"; line: 1, column: 8]`.

/// The length of the text that is shown.
const SHOWN: usize = 500;

/// The place of the reader of `text` at a byte.
pub(crate) fn place(text: &str, at: usize, source: &str) -> String {
    let (line, column) = position(text, at);
    format!("[Source: {source}; line: {line}, column: {column}]")
}

/// The line and the column that the reader comes to next, both from one, in letters as Java counts them.
pub(crate) fn position(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..at];
    let broken = before.replace("\r\n", "\n").replace('\r', "\n");
    let line = broken.matches('\n').count() + 1;
    let start = before.rfind(['\n', '\r']).map_or(0, |end| end + 1);
    (line, before[start..].encode_utf16().count() + 1)
}

/// The text that is read, or its beginning.
pub(crate) fn source(text: &str) -> String {
    let units = text.encode_utf16().count();
    if units <= SHOWN {
        return format!("(String)\"{text}\"");
    }
    let beginning: String = text.chars().take(SHOWN).collect();
    let left = units - beginning.encode_utf16().count();
    format!("(String)\"{beginning}\"[truncated {left} chars]")
}
