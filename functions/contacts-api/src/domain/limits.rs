//! The limits of a contact's parts: what validation refuses, and what the API's document says.
//!
//! The limits of the lists keep a contact with all its search terms, before and after a change, within the 100 items of one
//! DynamoDB transaction; those of the texts keep it far below the 400 KB of one item.

/// Characters of a label, a tag, a postal code, or the name of an own field.
pub const LABEL: usize = 50;
/// Characters of one part of a name.
pub const NAME: usize = 100;
/// Characters of a company, a title, or a part of an address.
pub const LINE: usize = 200;
/// Characters of an e-mail address (RFC 5321, section 4.5.3.1.3, without its angle brackets) or of a telephone number as it is sent.
pub const VALUE: usize = 254;
/// Characters of the lines of a street.
pub const STREET: usize = 400;
/// Characters of an own field.
pub const CUSTOM: usize = 500;
/// Characters of the notes.
pub const NOTES: usize = 4_000;

/// E-mail addresses, telephone numbers, and postal addresses: so many of each.
pub const ENTRIES: usize = 10;
/// Tags of one contact.
pub const TAGS: usize = 20;
/// Own fields of one contact.
pub const CUSTOMS: usize = 20;
