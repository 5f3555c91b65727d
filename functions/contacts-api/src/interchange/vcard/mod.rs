//! vCards: version 4.0 (RFC 6350), and on the way in 3.0 (RFC 2426), too.
//!
//! The user's word for an address or a number is its `TYPE` where that can be one, otherwise the `X-ABLABEL` of its group, as Apple's,
//! Google's and DAVx5's address books have it. A country is the `CC` parameter of its address (RFC 8605). Own fields are `X-CUSTOM`
//! properties with their name in `X-NAME`. The rest is as RFC 6350 says.

mod read;
mod write;

pub(super) use self::read::read;
pub(super) use self::write::write;

/// The label of what is in the same group.
const LABEL: &str = "X-ABLABEL";
/// The property of a field of the user's own.
const CUSTOM: &str = "X-CUSTOM";
/// The own field's name.
const CUSTOM_NAME: &str = "X-NAME";
/// The country's code of an address.
const COUNTRY_CODE: &str = "CC";

/// Values of `TYPE` that say nothing of which address or number it is.
fn is_technical(kind: &str) -> bool {
    ["pref", "internet", "voice", "x-internet"].iter().any(|technical| kind.eq_ignore_ascii_case(technical))
}
