//! Lists of contacts in pages, and the cursors between them.

use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use super::contact::Contact;
use super::identity::ContactId;
use super::query::Listing;

/// The longest value of a cursor in bytes: more than any term or name has, and a sort key with it is one that DynamoDB takes.
const LONGEST_VALUE: usize = 800;

/// The listing that a cursor belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// The order, or the kind of term.
    pub(super) sequence: u8,
    pub(super) descending: bool,
    /// The length of a search's prefix in bytes.
    pub(super) prefix: u16,
}

/// The end of a page: the next begins behind it. It is a position in an order and no count of contacts, so that writes in between
/// neither repeat nor skip a contact that kept its place all along. It names no owner: whose contacts are listed, the request says.
#[derive(Clone, PartialEq, Eq)]
pub struct Cursor {
    pub(super) mark: Mark,
    pub(super) value: String,
    pub(super) id: ContactId,
}

/// A cursor that this API never gave, or gave for another listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor of this list")]
pub struct BadCursor;

impl Cursor {
    /// The value that the last contact of the page is sorted by.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// The last contact of the page.
    #[must_use]
    pub const fn id(&self) -> ContactId {
        self.id
    }
}

/// The value is a name or an address: never shown.
impl fmt::Debug for Cursor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Cursor").field("mark", &self.mark).field("id", &self.id).finish_non_exhaustive()
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Mark { sequence, descending, prefix } = self.mark;
        let mut bytes = vec![sequence, u8::from(descending)];
        bytes.extend(prefix.to_be_bytes());
        bytes.extend(self.id.to_bytes());
        bytes.extend(self.value.as_bytes());
        formatter.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl FromStr for Cursor {
    type Err = BadCursor;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| BadCursor)?;
        let (&[sequence, direction, high, low], rest) = bytes.split_first_chunk().ok_or(BadCursor)?;
        let (&id, value) = rest.split_first_chunk().ok_or(BadCursor)?;
        let value = str::from_utf8(value).map_err(|_| BadCursor)?;
        if direction > 1 || value.len() > LONGEST_VALUE {
            return Err(BadCursor);
        }
        let mark = Mark { sequence, descending: direction == 1, prefix: u16::from_be_bytes([high, low]) };
        Ok(Self { mark, value: value.to_owned(), id: ContactId::from_bytes(id) })
    }
}

impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Some contacts, and where the next are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Page {
    /// The contacts, in the order of the listing.
    pub contacts: Vec<Contact>,
    /// The place where the next page begins; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub next: Option<Cursor>,
}

/// The most bytes that the contacts of one page may have in JSON. A load balancer takes 1 MB from a function, Lambda itself 6 MB, and
/// what is text in the answer can become twice as long when it is escaped as a part of the function's reply.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html>
const LARGEST_PAGE: usize = 400_000;

impl Page {
    /// The page of `listing` that begins with what was found, each contact with where it stands; `more` when there is more than that.
    /// It ends at the listing's limit, or before it would be too large, and has one contact if any was found.
    #[must_use]
    pub fn of(listing: &Listing, mut found: Vec<(String, Contact)>, more: bool) -> Self {
        let room = room(found.iter().map(|(_, contact)| contact)).min(listing.limit());
        let more = more || found.len() > room;
        found.truncate(room);
        let next = found.last().filter(|_| more).map(|(value, contact)| listing.cursor(value.clone(), contact.id));
        Self { contacts: found.into_iter().map(|(_, contact)| contact).collect(), next }
    }
}

/// The number of contacts that fit into one page: at least one.
fn room<'a>(contacts: impl Iterator<Item = &'a Contact>) -> usize {
    let mut length = Length(0);
    let fit =
        contacts.take_while(|contact| serde_json::to_writer(&mut length, contact).is_ok() && length.0 <= LARGEST_PAGE);
    fit.count().max(1)
}

/// Counts what is written to it.
struct Length(usize);

impl Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.saturating_add(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::super::fields::Fields;
    use super::super::owner::Owner;
    use super::super::query::Order;
    use super::*;

    fn page_of(notes: usize, found: usize, limit: u16) -> Page {
        let fields = Fields { notes: Some("x".repeat(notes)), ..Fields::default() };
        let contact = Contact::new(Owner::subject("ada"), fields, jiff::Timestamp::UNIX_EPOCH);
        let listing = Listing::new(None, Order::default(), None, limit).unwrap();
        Page::of(&listing, vec![(String::new(), contact); found], false)
    }

    #[test_case(10, 5, 9 => (5, false); "all that was found")]
    #[test_case(10, 9, 9 => (9, false); "as many as are wanted")]
    #[test_case(10, 10, 9 => (9, true); "more than are wanted")]
    #[test_case(100_000, 5, 9 => (3, true); "more than a load balancer takes")]
    #[test_case(500_000, 2, 9 => (1, true); "one at least")]
    #[test_case(10, 0, 9 => (0, false); "nothing")]
    fn a_page_is_as_long_as_it_can_be(notes: usize, found: usize, limit: u16) -> (usize, bool) {
        let page = page_of(notes, found, limit);
        (page.contacts.len(), page.next.is_some())
    }

    fn cursor(value: &str) -> Cursor {
        let mark = Mark { sequence: 3, descending: true, prefix: 700 };
        Cursor { mark, value: value.to_owned(), id: ContactId::new(jiff::Timestamp::UNIX_EPOCH) }
    }

    #[test_case("")]
    #[test_case("ada lovelace")]
    #[test_case("ὀδυσσεύσ 🧮")]
    fn a_cursor_survives_its_text(value: &str) {
        let cursor = cursor(value);
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
    }

    #[test_case(""; "nothing")]
    #[test_case("?"; "no base64")]
    #[test_case("AAAA"; "too short")]
    #[test_case("AAIAAAAAAAAAAAAAAAAAAAAAAAA"; "no direction")]
    #[test_case("AAAAAAAAAAAAAAAAAAAAAAAAAAD_"; "no text")]
    fn refuses_what_is_no_cursor(text: &str) {
        assert_eq!(text.parse::<Cursor>(), Err(BadCursor));
    }

    #[test]
    fn refuses_a_cursor_that_is_longer_than_any() {
        assert_eq!(cursor(&"x".repeat(LONGEST_VALUE + 1)).to_string().parse::<Cursor>(), Err(BadCursor));
    }

    #[test]
    fn what_a_cursor_stands_at_is_never_shown() {
        assert!(!format!("{:?}", cursor("secret")).contains("secret"));
    }
}
