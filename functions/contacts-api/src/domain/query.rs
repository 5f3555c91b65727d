//! Listings: the contacts of an owner that are asked for, and their order.

use super::contact::Contact;
use super::identity::ContactId;
use super::page::{BadCursor, Cursor, Mark};
use super::terms::{Term, sort_name};

/// The value that contacts are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OrderKey {
    /// The time of creation.
    #[default]
    CreatedAt,
    /// The time of the newest write.
    UpdatedAt,
    /// The name, `family given`, in the order of its code points after case folding.
    Name,
}

/// An order of contacts. Those of the same value are in the order of their identities.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Order {
    /// The value that they are sorted by.
    pub key: OrderKey,
    /// True if the greatest comes first.
    pub descending: bool,
}

/// A search: the contacts with a term that begins so.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Filter {
    by: Term,
    prefix: String,
}

impl Filter {
    /// The contacts with a term of the kind `by` that begins with `prefix`, normalised as terms are; `None` when nothing is left of
    /// the prefix, as that would find everything.
    #[must_use]
    pub fn new(by: Term, prefix: &str) -> Option<Self> {
        let prefix = by.normalise(prefix);
        (!prefix.is_empty()).then_some(Self { by, prefix })
    }

    /// The kind of term.
    #[must_use]
    pub const fn by(&self) -> Term {
        self.by
    }

    /// The prefix of the terms that are searched for, normalised as terms are.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }
}

/// A part of an address or of a name is personal: never shown.
impl std::fmt::Debug for Filter {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Filter").field("by", &self.by).finish_non_exhaustive()
    }
}

/// One page of an owner's contacts is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    filter: Option<Filter>,
    order: Order,
    after: Option<Cursor>,
    limit: u16,
}

impl Listing {
    /// At most `limit` contacts behind `after`. With a filter they are in the order of the term that they are found by, and of
    /// `order` only the direction counts.
    ///
    /// # Errors
    /// Fails if the cursor is of another listing: another order, direction or filter.
    pub fn new(filter: Option<Filter>, order: Order, after: Option<Cursor>, limit: u16) -> Result<Self, BadCursor> {
        let listing = Self { filter, order, after, limit };
        match &listing.after {
            Some(cursor) if !listing.gave(cursor) => Err(BadCursor),
            _ => Ok(listing),
        }
    }

    /// The search, if it is one.
    #[must_use]
    pub const fn filter(&self) -> Option<&Filter> {
        self.filter.as_ref()
    }

    /// The order of the page; of a search only its direction counts.
    #[must_use]
    pub const fn order(&self) -> Order {
        self.order
    }

    /// The position behind which the page begins.
    #[must_use]
    pub const fn after(&self) -> Option<&Cursor> {
        self.after.as_ref()
    }

    /// The most contacts that the page may have.
    #[must_use]
    pub fn limit(&self) -> usize {
        usize::from(self.limit)
    }

    /// The position of a contact: the value that it is sorted by, before its identity; `None` if it is not in this listing. A contact
    /// that several of its terms would find stands at the first of them only, so that no search shows it twice.
    #[must_use]
    pub fn position(&self, contact: &Contact) -> Option<String> {
        let Some(filter) = &self.filter else { return Some(self.order.key.value(contact)) };
        let found = filter.by.of(&contact.fields).into_iter().filter(|term| term.starts_with(&filter.prefix));
        if self.order.descending { found.max() } else { found.min() }
    }

    /// True if a contact is shown where an index has it at `value`. A search shows it at its position only. An order shows it in a
    /// place that it has left, too, until the index knows better.
    #[must_use]
    pub fn shows(&self, contact: &Contact, value: &str) -> bool {
        self.filter.is_none() || self.position(contact).as_deref() == Some(value)
    }

    /// The cursor behind the contact that stands there.
    #[must_use]
    pub fn cursor(&self, value: String, id: ContactId) -> Cursor {
        Cursor { mark: self.mark(), value, id }
    }

    /// The length of the prefix, and that the value has it, are as good as the prefix itself.
    fn gave(&self, cursor: &Cursor) -> bool {
        let prefix = self.filter.as_ref().map_or("", Filter::prefix);
        cursor.mark == self.mark() && cursor.value.starts_with(prefix)
    }

    fn mark(&self) -> Mark {
        let sequence = match &self.filter {
            None => match self.order.key {
                OrderKey::CreatedAt => 0,
                OrderKey::UpdatedAt => 1,
                OrderKey::Name => 2,
            },
            Some(filter) => match filter.by {
                Term::Name => 3,
                Term::Email => 4,
                Term::Phone => 5,
                Term::Tag => 6,
            },
        };
        let prefix = self.filter.as_ref().map_or(0, |filter| filter.prefix.len());
        Mark { sequence, descending: self.order.descending, prefix: u16::try_from(prefix).unwrap_or(u16::MAX) }
    }
}

impl OrderKey {
    /// The value of a contact, such that values sort as texts. Identities already sort by creation.
    #[must_use]
    pub fn value(self, contact: &Contact) -> String {
        match self {
            Self::CreatedAt => String::new(),
            // Always with milliseconds: `.5Z` would sort before `.45Z`.
            Self::UpdatedAt => format!("{:.3}", contact.updated_at),
            Self::Name => sort_name(&contact.fields),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::super::fields::{Fields, Names};
    use super::super::owner::Owner;
    use super::*;

    fn search(prefix: &str, descending: bool) -> Listing {
        let order = Order { descending, ..Order::default() };
        Listing::new(Filter::new(Term::Name, prefix), order, None, 1).unwrap()
    }

    fn ada() -> Contact {
        let names = Names { given: Some("Ada".to_owned()), family: Some("Adams".to_owned()), ..Names::default() };
        Contact::new(Owner::subject("ada"), Fields { names, ..Fields::default() }, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_contact_stands_at_the_first_of_its_terms_only() {
        assert_eq!(search("AD", false).position(&ada()).as_deref(), Some("ada adams"));
        assert_eq!(search("ad", true).position(&ada()).as_deref(), Some("adams ada"));
        assert_eq!(search("b", false).position(&ada()), None);
    }

    #[test]
    fn a_prefix_of_nothing_is_no_search() {
        assert_eq!(Filter::new(Term::Name, " \t"), None);
        assert_eq!(Filter::new(Term::Phone, "+"), None);
    }

    #[test]
    fn a_cursor_is_good_for_its_own_listing_only() {
        let cursor = search("ad", false).cursor("ada adams".to_owned(), ada().id);
        let again = |filter, descending, key| Listing::new(filter, Order { key, descending }, Some(cursor.clone()), 9);
        assert!(again(Filter::new(Term::Name, "Ad"), false, OrderKey::CreatedAt).is_ok());
        for (filter, descending, key) in [
            (Filter::new(Term::Name, "a"), false, OrderKey::CreatedAt),
            (Filter::new(Term::Name, "ae"), false, OrderKey::CreatedAt),
            (Filter::new(Term::Tag, "ad"), false, OrderKey::CreatedAt),
            (Filter::new(Term::Name, "ad"), true, OrderKey::CreatedAt),
            (None, false, OrderKey::CreatedAt),
            (None, false, OrderKey::Name),
        ] {
            assert_eq!(again(filter, descending, key), Err(BadCursor));
        }
    }

    #[test]
    fn times_sort_as_texts() {
        let at = |millisecond| Contact { updated_at: Timestamp::from_millisecond(millisecond).unwrap(), ..ada() };
        let value = |millisecond| OrderKey::UpdatedAt.value(&at(millisecond));
        assert!(value(999) < value(1_000) && value(1_000) < value(1_450) && value(1_450) < value(1_500));
    }

    #[test]
    fn what_is_searched_for_is_never_shown() {
        assert!(!format!("{:?}", search("secret", false)).contains("secret"));
    }
}
