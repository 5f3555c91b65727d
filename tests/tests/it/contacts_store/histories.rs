//! Random histories of several owners: whatever is created, replaced, removed, listed and searched, and in whichever order, the store
//! on DynamoDB answers what the one in memory answers.

use std::collections::BTreeMap;

use anyhow::{Result, anyhow};
use contacts_api::domain::{
    Contact, ContactId, Email, Fields, Filter, Listing, Names, Order, OrderKey, Owner, Page, Phone, Term,
};
use contacts_api::store::{
    CreateContact as _, Created, DynamoDb, ListContacts, Memory, Once, RemoveContact as _, ReplaceContact as _,
    WriteError,
};
use jiff::Timestamp;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use proptest::test_runner::{Config, RngSeed, TestRunner};

use super::started;

/// The histories of this seed are tried; another number tries others.
const SEED: u64 = 20_251_121;
const HISTORIES: u32 = 32;
/// Long enough that no record's time is over by the plane's own clock: the year 2100.
const EXPIRY: i64 = 4_102_444_800;

#[derive(Clone, Debug)]
enum Step {
    Create { owner: usize, fields: Fields, once: Option<(u8, u8)> },
    Replace { contact: Index, version: Index, fields: Fields },
    Remove { contact: Index, version: Index },
    Walk { owner: usize, filter: Option<(Term, &'static str)>, order: Order, limit: u16 },
}

fn fields() -> impl Strategy<Value = Fields> {
    let name = || proptest::option::of(select(vec!["Ada", "ada", "ADA B", "Ängström", "Straße", "Zoe", "A!"]));
    let emails = subsequence(vec!["a@example.com", "A.b@example.com", "z@example.org"], 0..=3);
    let phones = subsequence(vec!["+441632960001", "+441632960002", "+391"], 0..=3);
    let tags = subsequence(vec!["a", "ab", "a b", "poet", "Poet", "ß"], 0..=6);
    (name(), name(), name(), emails, phones, tags).prop_map(|(given, family, nickname, emails, phones, tags)| {
        let owned = |name: Option<&str>| name.map(ToOwned::to_owned);
        let names = Names {
            given: owned(given),
            family: owned(family),
            // Somebody without any name can be no contact.
            nickname: owned(nickname).or(if given.or(family).is_none() { Some("nobody".to_owned()) } else { None }),
            ..Names::default()
        };
        Fields {
            names,
            emails: emails.into_iter().map(|address| Email { address: address.to_owned(), label: None }).collect(),
            phones: phones.into_iter().map(|number| Phone { number: number.to_owned(), label: None }).collect(),
            tags: tags.into_iter().map(ToOwned::to_owned).collect(),
            ..Fields::default()
        }
    })
}

fn step() -> impl Strategy<Value = Step> {
    let owner = || 0..2_usize;
    let filter = select(vec![
        (Term::Name, "a"),
        (Term::Name, "ada b"),
        (Term::Name, "STRASS"),
        (Term::Email, "a"),
        (Term::Email, "z@"),
        (Term::Phone, "+44"),
        (Term::Phone, "3"),
        (Term::Tag, "A"),
        (Term::Tag, "poet"),
        (Term::Tag, "SS"),
    ]);
    let key = select(vec![OrderKey::CreatedAt, OrderKey::UpdatedAt, OrderKey::Name]);
    let order = (key, any::<bool>()).prop_map(|(key, descending)| Order { key, descending });
    prop_oneof![
        4 => (owner(), fields(), proptest::option::of((0..2_u8, 0..2_u8)))
            .prop_map(|(owner, fields, once)| Step::Create { owner, fields, once }),
        3 => (any::<Index>(), any::<Index>(), fields())
            .prop_map(|(contact, version, fields)| Step::Replace { contact, version, fields }),
        1 => (any::<Index>(), any::<Index>()).prop_map(|(contact, version)| Step::Remove { contact, version }),
        4 => (owner(), proptest::option::of(filter), order, 1..5_u16)
            .prop_map(|(owner, filter, order, limit)| Step::Walk { owner, filter, order, limit }),
    ]
}

/// The outcome of a write.
#[derive(Debug, PartialEq)]
enum Outcome {
    Done,
    Replayed(Box<Contact>),
    Exists,
    Missing,
    Conflict,
    KeyReused,
}

fn outcome<T>(result: Result<T, WriteError>, done: impl FnOnce(T) -> Outcome) -> Result<Outcome> {
    Ok(match result {
        Ok(value) => done(value),
        Err(WriteError::Exists) => Outcome::Exists,
        Err(WriteError::Missing) => Outcome::Missing,
        Err(WriteError::Conflict) => Outcome::Conflict,
        Err(WriteError::KeyReused) => Outcome::KeyReused,
        Err(error @ WriteError::Store(_)) => return Err(error.into()),
    })
}

fn created(created: Created) -> Outcome {
    match created {
        Created::New => Outcome::Done,
        Created::Replayed(contact) => Outcome::Replayed(contact),
    }
}

/// One history in both stores.
struct History<'s> {
    memory: Memory,
    dynamodb: &'s DynamoDb,
    owners: Vec<Owner>,
    /// Every state that a contact was to have, by identity.
    versions: BTreeMap<ContactId, Vec<Contact>>,
    steps: u8,
}

impl History<'_> {
    async fn take(&mut self, step: Step) -> Result<()> {
        self.steps += 1;
        // Several steps are taken in one second: their contacts have the same times.
        let now = Timestamp::from_second(1_700_000_000 + i64::from(self.steps / 3))?;
        match step {
            Step::Create { owner, fields, once } => self.create(owner, fields, once, now).await,
            Step::Replace { contact, version, fields } => {
                let Some(before) = self.version(contact, version) else { return Ok(()) };
                let after = before.revised(fields, now);
                let in_memory = outcome(self.memory.replace(&before, &after).await, |()| Outcome::Done)?;
                let in_table = outcome(self.dynamodb.replace(&before, &after).await, |()| Outcome::Done)?;
                if in_memory == Outcome::Done {
                    self.versions.entry(after.id).or_default().push(after);
                }
                same(&in_memory, &in_table)
            }
            Step::Remove { contact, version } => {
                let Some(before) = self.version(contact, version) else { return Ok(()) };
                let in_memory = outcome(self.memory.remove(&before).await, |()| Outcome::Done)?;
                let in_table = outcome(self.dynamodb.remove(&before).await, |()| Outcome::Done)?;
                same(&in_memory, &in_table)
            }
            Step::Walk { owner, filter, order, limit } => {
                let filter = filter.and_then(|(by, prefix)| Filter::new(by, prefix));
                let owner = &self.owners[owner];
                let in_memory = walk(&self.memory, owner, filter.as_ref(), order, limit).await?;
                let in_table = walk(self.dynamodb, owner, filter.as_ref(), order, limit).await?;
                same(&in_memory, &in_table)
            }
        }
    }

    async fn create(&mut self, owner: usize, fields: Fields, once: Option<(u8, u8)>, now: Timestamp) -> Result<()> {
        let mut contact = Contact::new(self.owners[owner].clone(), fields, now);
        // The same identities, and so the same order, whenever a history is tried.
        let mut id = [0; 16];
        id[..6].copy_from_slice(&contact.id.to_bytes()[..6]);
        id[15] = self.steps;
        contact.id = ContactId::from_bytes(id);
        let once = match once {
            Some((key, fingerprint)) => Some(Once {
                key: key.to_string(),
                fingerprint: fingerprint.to_string(),
                expires_at: Timestamp::from_second(EXPIRY)?,
            }),
            None => None,
        };
        let in_memory = outcome(self.memory.create(&contact, once.as_ref()).await, created)?;
        let in_table = outcome(self.dynamodb.create(&contact, once.as_ref()).await, created)?;
        if in_memory == Outcome::Done {
            self.versions.insert(contact.id, vec![contact]);
        }
        same(&in_memory, &in_table)
    }

    /// A state of some contact: the newest, or one that it left.
    fn version(&self, contact: Index, version: Index) -> Option<Contact> {
        let all: Vec<&Vec<Contact>> = self.versions.values().collect();
        let versions = if all.is_empty() { return None } else { contact.get(&all) };
        // Half of all writes are made from the newest.
        let nth = version.index(versions.len() * 2).min(versions.len() - 1);
        versions.get(nth).cloned()
    }
}

async fn walk(
    store: &impl ListContacts,
    owner: &Owner,
    filter: Option<&Filter>,
    order: Order,
    limit: u16,
) -> Result<Vec<Page>> {
    let mut pages: Vec<Page> = Vec::new();
    loop {
        let after = pages.last().and_then(|page| page.next.clone());
        if after.is_none() && !pages.is_empty() {
            return Ok(pages);
        }
        pages.push(store.list(owner, &Listing::new(filter.cloned(), order, after, limit)?).await?);
    }
}

fn same<T: PartialEq + std::fmt::Debug>(in_memory: &T, in_table: &T) -> Result<()> {
    if in_memory == in_table { Ok(()) } else { Err(anyhow!("in memory: {in_memory:#?}\nin DynamoDB: {in_table:#?}")) }
}

async fn lived(dynamodb: &DynamoDb, history: Vec<Step>) -> Result<()> {
    // New owners each time: a history begins with an empty store.
    let begin = ContactId::new(Timestamp::now());
    let owners = ["a", "b"].map(|name| Owner::subject(format!("{begin}-{name}"))).to_vec();
    let mut both = History { memory: Memory::default(), dynamodb, owners, versions: BTreeMap::new(), steps: 0 };
    for step in history {
        both.take(step).await?;
    }
    Ok(())
}

#[test]
fn does_what_the_store_in_memory_does() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let (plane, store) = runtime.block_on(started())?;
    let config = Config {
        cases: HISTORIES,
        rng_seed: RngSeed::Fixed(SEED),
        failure_persistence: None,
        max_shrink_iters: 200,
        ..Config::default()
    };
    let tried = TestRunner::new(config).run(&proptest::collection::vec(step(), 1..40), |history| {
        let lived = runtime.block_on(lived(&store, history));
        lived.map_err(|error| TestCaseError::fail(format!("{error:?}")))
    });
    runtime.block_on(plane.shutdown());
    tried.map_err(|error| anyhow!("a history of seed {SEED}: {error}"))
}
