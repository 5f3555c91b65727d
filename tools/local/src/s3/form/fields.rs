//! The fields of a form, and its one file.

use std::ops::Range;

use axum::body::Bytes;

use crate::s3::refusal::Refusal;

/// A form. Names are kept in small letters: S3 knows fields without regard to case.
#[derive(Debug, Default)]
pub(super) struct Fields {
    boundary: String,
    fields: Vec<(String, String)>,
    file: File,
}

/// The file of a form, as a range of the request's body.
#[derive(Debug, Default)]
struct File {
    name: String,
    content_type: Option<String>,
    content: Range<usize>,
}

fn malformed() -> Refusal {
    Refusal::new("MalformedPOSTRequest", 400, "The body of your POST request is not well-formed multipart/form-data.")
}

impl Fields {
    /// Reads a form. What follows the file is passed over, as S3 does.
    pub(super) fn parse(kind: &str, body: &Bytes) -> Result<Self, Refusal> {
        let boundary = kind.split("boundary=").nth(1).ok_or_else(malformed)?;
        let boundary = boundary.split(';').next().unwrap_or_default().trim().trim_matches('"').to_owned();
        let mut form = Self { boundary, ..Self::default() };
        let (first, between) = (format!("--{}", form.boundary), format!("\r\n--{}", form.boundary));
        let mut at = find(body, first.as_bytes(), 0).ok_or_else(malformed)? + first.len();
        while !body[at..].starts_with(b"--") {
            let head = find(body, b"\r\n\r\n", at).ok_or_else(malformed)?;
            let end = find(body, between.as_bytes(), head + 2).ok_or_else(malformed)?;
            let content = head + 4..end.max(head + 4);
            let header = String::from_utf8_lossy(&body[at..head]).into_owned();
            let name = parameter(&header, "name").ok_or_else(malformed)?.to_lowercase();
            if name == "file" {
                form.file = File {
                    name: parameter(&header, "filename").unwrap_or_default(),
                    content_type: header_value(&header, "content-type"),
                    content,
                };
                return Ok(form);
            }
            let value = std::str::from_utf8(&body[content]).map_err(|_| malformed())?;
            form.fields.push((name, value.to_owned()));
            at = end + between.len();
        }
        let message = "POST requires exactly one file upload per request.";
        Err(Refusal::argument("file", "0", message))
    }

    /// The value of a field; names are in small letters.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(held, _)| held == name).map(|(_, value)| value.as_str())
    }

    /// Every field with its value.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Gives a field another value, or adds it.
    pub(super) fn set(&mut self, name: &str, value: String) {
        self.fields.retain(|(held, _)| held != name);
        self.fields.push((name.to_owned(), value));
    }

    /// Takes fields away.
    pub(super) fn remove(&mut self, names: &[&str]) {
        self.fields.retain(|(held, _)| !names.contains(&held.as_str()));
    }

    /// The file's name on the machine that it is from, without directories.
    pub(super) fn file_name(&self) -> &str {
        self.file.name.rsplit(['/', '\\']).next().unwrap_or_default()
    }

    /// The size of the file, in bytes.
    pub(super) fn file_size(&self) -> usize {
        self.file.content.len()
    }

    /// The form with these fields and the file of `body`.
    pub(super) fn write(&self, body: &Bytes) -> Bytes {
        let mut written = Vec::with_capacity(body.len());
        for (name, value) in &self.fields {
            let part =
                format!("--{}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n", self.boundary);
            written.extend(part.into_bytes());
        }
        let kind = self.file.content_type.as_ref().map(|kind| format!("Content-Type: {kind}\r\n")).unwrap_or_default();
        let head = format!(
            "--{}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"file\"\r\n{kind}\r\n",
            self.boundary
        );
        written.extend(head.into_bytes());
        written.extend(&body[self.file.content.clone()]);
        written.extend(format!("\r\n--{}--\r\n", self.boundary).into_bytes());
        written.into()
    }
}

fn find(body: &[u8], wanted: &[u8], from: usize) -> Option<usize> {
    body.get(from..)?.windows(wanted.len()).position(|window| window == wanted).map(|at| from + at)
}

/// `value` of `name="value"` in a header.
fn parameter(header: &str, name: &str) -> Option<String> {
    let mut parameters = header.split([';', '\r', '\n']).map(str::trim);
    let value = parameters.find_map(|parameter| parameter.strip_prefix(name)?.strip_prefix('='))?;
    Some(value.trim_matches('"').to_owned())
}

fn header_value(header: &str, name: &str) -> Option<String> {
    let mut lines = header.lines().filter_map(|line| line.split_once(':'));
    lines.find(|(held, _)| held.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned())
}
