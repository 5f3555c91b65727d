//! Contacts in memory, for tests.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::{CreateContact, ListContacts, ReadContact, RemoveContact, ReplaceContact, StoreError, WriteError};
use crate::domain::{Contact, ContactId, Cursor, Fields, Owner, Page};

type Contacts = BTreeMap<(Owner, ContactId), Contact>;

/// A store that forgets with its last clone.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    contacts: Arc<Mutex<Contacts>>,
}

impl Memory {
    fn contacts(&self) -> MutexGuard<'_, Contacts> {
        self.contacts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ReadContact for Memory {
    async fn read(&self, owner: &Owner, id: ContactId) -> Result<Option<Contact>, StoreError> {
        Ok(self.contacts().get(&(owner.clone(), id)).cloned())
    }
}

impl CreateContact for Memory {
    async fn create(&self, contact: &Contact) -> Result<(), WriteError> {
        let mut contacts = self.contacts();
        let key = (contact.owner.clone(), contact.id);
        if contacts.contains_key(&key) {
            return Err(WriteError::Exists);
        }
        contacts.insert(key, contact.clone());
        Ok(())
    }
}

impl ReplaceContact for Memory {
    async fn replace(
        &self,
        owner: &Owner,
        id: ContactId,
        fields: Fields,
        now: Timestamp,
    ) -> Result<Contact, WriteError> {
        let mut contacts = self.contacts();
        let contact = contacts.get_mut(&(owner.clone(), id)).ok_or(WriteError::Missing)?;
        contact.fields = fields;
        contact.updated_at = now;
        contact.revision += 1;
        Ok(contact.clone())
    }
}

impl RemoveContact for Memory {
    async fn remove(&self, owner: &Owner, id: ContactId) -> Result<(), WriteError> {
        self.contacts().remove(&(owner.clone(), id)).map(|_| ()).ok_or(WriteError::Missing)
    }
}

impl ListContacts for Memory {
    async fn list(&self, owner: &Owner, after: Option<Cursor>, limit: u16) -> Result<Page, StoreError> {
        let contacts = self.contacts();
        let begin = match after {
            Some(Cursor(id)) => Bound::Excluded((owner.clone(), id)),
            None => Bound::Included((owner.clone(), ContactId::from_bytes([0; 16]))),
        };
        let end = Bound::Included((owner.clone(), ContactId::from_bytes([u8::MAX; 16])));
        let mut rest = contacts.range((begin, end)).map(|(_, contact)| contact.clone());
        let contacts: Vec<Contact> = rest.by_ref().take(usize::from(limit)).collect();
        let next = contacts.last().map(|contact| Cursor(contact.id)).filter(|_| rest.next().is_some());
        Ok(Page { contacts, next })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn keeps_the_contract() {
        super::super::contract::try_all(&Memory::default()).await.unwrap();
    }
}
