//! Contacts in memory, for tests.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{
    CreateContact, Created, ListContacts, Once, ReadContact, RemoveContact, ReplaceContact, StoreError, WriteError,
};
use crate::domain::{Contact, ContactId, Listing, Owner, Page};

#[derive(Debug, Default)]
struct Tables {
    contacts: BTreeMap<(Owner, ContactId), Contact>,
    /// By owner and key: what made a creation happen once, and what was created.
    done: BTreeMap<(Owner, String), (Once, Contact)>,
}

/// A store that forgets with its last clone.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    tables: Arc<Mutex<Tables>>,
}

impl Memory {
    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tables {
    /// The contact that an earlier request with the same key created.
    fn replayed(&self, contact: &Contact, once: &Once) -> Result<Option<Contact>, WriteError> {
        let done = self.done.get(&(contact.owner.clone(), once.key.clone()));
        match done.filter(|(earlier, _)| earlier.lasts(contact.created_at)) {
            None => Ok(None),
            Some((earlier, created)) if earlier.fingerprint == once.fingerprint => Ok(Some(created.clone())),
            Some(_) => Err(WriteError::KeyReused),
        }
    }

    /// The contact, if it is still what `before` says.
    fn unchanged(&mut self, before: &Contact) -> Result<&mut Contact, WriteError> {
        let contact = self.contacts.get_mut(&(before.owner.clone(), before.id)).ok_or(WriteError::Missing)?;
        if contact.revision == before.revision { Ok(contact) } else { Err(WriteError::Conflict) }
    }
}

impl ReadContact for Memory {
    async fn read(&self, owner: &Owner, id: ContactId) -> Result<Option<Contact>, StoreError> {
        Ok(self.tables().contacts.get(&(owner.clone(), id)).cloned())
    }
}

impl CreateContact for Memory {
    async fn create(&self, contact: &Contact, once: Option<&Once>) -> Result<Created, WriteError> {
        let mut tables = self.tables();
        if let Some(once) = once
            && let Some(earlier) = tables.replayed(contact, once)?
        {
            return Ok(Created::Replayed(Box::new(earlier)));
        }
        match tables.contacts.entry((contact.owner.clone(), contact.id)) {
            Entry::Occupied(_) => return Err(WriteError::Exists),
            Entry::Vacant(place) => place.insert(contact.clone()),
        };
        if let Some(once) = once {
            let key = (contact.owner.clone(), once.key.clone());
            tables.done.insert(key, (once.clone(), contact.clone()));
        }
        Ok(Created::New)
    }
}

impl ReplaceContact for Memory {
    async fn replace(&self, before: &Contact, after: &Contact) -> Result<(), WriteError> {
        *self.tables().unchanged(before)? = after.clone();
        Ok(())
    }
}

impl RemoveContact for Memory {
    async fn remove(&self, before: &Contact) -> Result<(), WriteError> {
        let mut tables = self.tables();
        tables.unchanged(before)?;
        tables.contacts.remove(&(before.owner.clone(), before.id));
        Ok(())
    }
}

impl ListContacts for Memory {
    async fn list(&self, owner: &Owner, listing: &Listing) -> Result<Page, StoreError> {
        let tables = self.tables();
        let own = tables.contacts.values().filter(|contact| contact.owner == *owner);
        let mut found: Vec<(String, ContactId, &Contact)> =
            own.filter_map(|contact| Some((listing.position(contact)?, contact.id, contact))).collect();
        found.sort_unstable_by(|(value, id, _), (other, other_id, _)| (value, id).cmp(&(other, other_id)));
        if listing.order().descending {
            found.reverse();
        }
        if let Some(cursor) = listing.after() {
            let end = (cursor.value(), cursor.id());
            found.retain(|(value, id, _)| match listing.order().descending {
                true => (value.as_str(), *id) < end,
                false => (value.as_str(), *id) > end,
            });
        }
        let found = found.into_iter().map(|(value, _, contact)| (value, contact.clone())).collect();
        Ok(Page::of(listing, found, false))
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
