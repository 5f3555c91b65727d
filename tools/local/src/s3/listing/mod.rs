//! Listings: of objects in both versions, of versions, and what they have in common.

pub(super) mod objects;
pub(super) mod pages;
pub(super) mod token;
pub(super) mod versions;

use s3s::dto::{CommonPrefix, EncodingType};

use super::refusal::Refusal;

/// The most entries of a page.
pub(super) const PAGE: i32 = 1000;

/// The number of entries that are asked for: S3 gives less rather than refuse.
pub(super) fn limit(asked: Option<i32>, name: &'static str) -> Result<i32, Refusal> {
    match asked {
        Some(asked) if asked < 0 => {
            let message = format!("Argument {name} must be an integer between 0 and 2147483647");
            Err(Refusal::argument(name, asked.to_string(), message))
        }
        asked => Ok(asked.unwrap_or(PAGE).min(PAGE)),
    }
}

/// The writing of names in an answer: as they are, or URL-encoded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Encoding(bool);

impl Encoding {
    /// The encoding that the client asks for, or the refusal of an unknown one.
    pub(super) fn of(asked: Option<&EncodingType>) -> Result<Self, Refusal> {
        match asked.map(EncodingType::as_str) {
            None => Ok(Self(false)),
            Some(EncodingType::URL) => Ok(Self(true)),
            Some(other) => {
                let message = "Invalid Encoding Method specified in Request";
                Err(Refusal::argument("encoding-type", other, message))
            }
        }
    }

    /// A name as the answer has it: a space is a plus sign, and a slash stays.
    pub(super) fn write(self, name: &str) -> String {
        if !self.0 {
            return name.to_owned();
        }
        form_urlencoded::byte_serialize(name.as_bytes()).collect::<String>().replace("%2F", "/")
    }

    /// The common prefixes of an answer; none is not said.
    pub(super) fn prefixes(self, prefixes: &[String]) -> Option<Vec<CommonPrefix>> {
        let prefixes: Vec<CommonPrefix> =
            prefixes.iter().map(|prefix| CommonPrefix { prefix: Some(self.write(prefix)) }).collect();
        Some(prefixes).filter(|prefixes| !prefixes.is_empty())
    }
}

/// An empty text is as good as none.
pub(super) fn said(text: Option<&String>) -> Option<&str> {
    text.map(String::as_str).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_as_s3_does() {
        let url = Encoding::of(Some(&EncodingType::from_static(EncodingType::URL))).unwrap();
        assert_eq!(url.write("a b/+%é*"), "a+b/%2B%25%C3%A9*");
        assert_eq!(Encoding::of(None).unwrap().write("a b"), "a b");
        assert!(Encoding::of(Some(&EncodingType::from("base64".to_owned()))).is_err());
    }

    #[test]
    fn more_than_a_page_is_a_page() {
        assert_eq!((limit(None, "max-keys").unwrap(), limit(Some(5000), "max-keys").unwrap()), (1000, 1000));
        assert_eq!(limit(Some(-1), "max-keys").unwrap_err().code, "InvalidArgument");
    }
}
