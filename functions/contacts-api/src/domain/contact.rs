//! A contact as it is kept and shown.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::fields::Fields;
use super::identity::ContactId;
use super::owner::Owner;

/// A contact as it is kept and shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Contact {
    /// Identity, given at creation.
    pub id: ContactId,
    /// The owner, whose requests alone reach it; never shown.
    #[serde(skip)]
    pub owner: Owner,
    /// The fields that the user set.
    #[serde(flatten)]
    pub fields: Fields,
    /// The time at which it was created.
    pub created_at: Timestamp,
    /// The time at which it was last written.
    pub updated_at: Timestamp,
    /// The number of times it was written; 1 after creation.
    pub revision: u64,
}

impl Contact {
    /// A new contact, created at `now`.
    #[must_use]
    pub fn new(owner: Owner, fields: Fields, now: Timestamp) -> Self {
        Self { id: ContactId::new(now), owner, fields, created_at: now, updated_at: now, revision: 1 }
    }

    /// New contacts, created together at `now`, whose identities are in their order.
    pub fn series(owner: &Owner, fields: impl IntoIterator<Item = Fields>, now: Timestamp) -> Vec<Self> {
        let mut last: Option<ContactId> = None;
        let next = |fields| {
            let contact = Self::new(owner.clone(), fields, now);
            let id = last.and_then(ContactId::following).unwrap_or(contact.id);
            last = Some(id);
            Self { id, ..contact }
        };
        fields.into_iter().map(next).collect()
    }

    /// The next state of this contact: other fields, written at `now`.
    #[must_use]
    pub fn revised(&self, fields: Fields, now: Timestamp) -> Self {
        Self {
            id: self.id,
            owner: self.owner.clone(),
            fields,
            created_at: self.created_at,
            updated_at: now.max(self.updated_at),
            revision: self.revision.saturating_add(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_keeps_identity_owner_and_creation() {
        let first = Contact::new(Owner::subject("ada"), Fields::default(), Timestamp::UNIX_EPOCH);
        let later = Timestamp::from_second(60).unwrap();
        let next = first.revised(Fields { title: Some("Countess".to_owned()), ..Fields::default() }, later);
        assert_eq!((next.revision, next.updated_at), (2, later));
        assert_eq!(Contact { fields: Fields::default(), updated_at: first.updated_at, revision: 1, ..next }, first);
    }

    #[test]
    fn contacts_of_one_moment_keep_their_order() {
        let fields = vec![Fields::default(); 300];
        let series = Contact::series(&Owner::subject("ada"), fields, Timestamp::UNIX_EPOCH);
        assert_eq!(series.len(), 300);
        assert!(series.is_sorted_by(|one, next| one.id < next.id));
    }

    /// Two machines' clocks differ.
    #[test]
    fn a_contact_is_never_updated_before_it_was() {
        let first = Contact::new(Owner::subject("ada"), Fields::default(), Timestamp::from_second(60).unwrap());
        assert_eq!(first.revised(Fields::default(), Timestamp::UNIX_EPOCH).updated_at, first.updated_at);
    }

    #[test]
    fn owners_are_never_shown() {
        let contact = Contact::new(Owner::subject("ada@example.com"), Fields::default(), Timestamp::UNIX_EPOCH);
        assert!(!format!("{contact:?}").contains("ada"));
        assert!(!serde_json::to_string(&contact).unwrap().contains("ada"));
    }
}
