//! What is kept: groups of streams of events.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::core::{ServiceError, Timestamp};

/// One line with the times CloudWatch Logs keeps of it.
#[derive(Clone, Debug)]
pub(super) struct LogEvent {
    pub(super) timestamp: Timestamp,
    pub(super) ingested: Timestamp,
    pub(super) message: String,
    /// Unique in the plane and growing: events of equal time keep the order of their arrival.
    pub(super) sequence: u64,
}

#[derive(Debug)]
pub(super) struct Stream {
    pub(super) created: Timestamp,
    /// Ordered by time, then arrival.
    pub(super) events: Vec<LogEvent>,
    pub(super) stored_bytes: usize,
    pub(super) last_ingestion: Option<Timestamp>,
}

impl Stream {
    fn new(created: Timestamp) -> Self {
        Self { created, events: Vec::new(), stored_bytes: 0, last_ingestion: None }
    }

    fn insert(&mut self, event: LogEvent) {
        self.stored_bytes += event.message.len();
        self.last_ingestion = Some(event.ingested);
        let position = self.events.partition_point(|held| held.timestamp <= event.timestamp);
        self.events.insert(position, event);
    }
}

#[derive(Debug)]
pub(super) struct Group {
    pub(super) created: Timestamp,
    pub(super) retention_days: Option<i64>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) streams: BTreeMap<String, Stream>,
}

impl Group {
    pub(super) fn stream(&self, name: &str) -> Result<&Stream, ServiceError> {
        self.streams.get(name).ok_or_else(|| not_found("stream"))
    }

    /// Forgets the events that the retention policy has given up.
    pub(super) fn expire(&mut self, now: Timestamp) {
        let Some(days) = self.retention_days.and_then(|days| u64::try_from(days).ok()) else { return };
        let oldest = now - Duration::from_secs(days * 86_400);
        for stream in self.streams.values_mut() {
            let expired = stream.events.partition_point(|event| event.timestamp < oldest);
            let bytes: usize = stream.events.drain(..expired).map(|event| event.message.len()).sum();
            stream.stored_bytes -= bytes;
        }
    }
}

/// All groups.
#[derive(Debug, Default)]
pub(super) struct Store {
    pub(super) groups: BTreeMap<String, Group>,
    sequence: u64,
}

impl Store {
    /// Makes a group.
    pub(super) fn create_group(
        &mut self,
        name: &str,
        tags: BTreeMap<String, String>,
        now: Timestamp,
    ) -> Result<(), ServiceError> {
        valid_name("logGroupName", name, |c| c.is_ascii_alphanumeric() || "._-/#".contains(c))?;
        if self.groups.contains_key(name) {
            return Err(already_exists("group"));
        }
        let group = Group { created: now, retention_days: None, tags, streams: BTreeMap::new() };
        self.groups.insert(name.to_owned(), group);
        Ok(())
    }

    /// Makes a stream in a group that exists.
    pub(super) fn create_stream(&mut self, group: &str, name: &str, now: Timestamp) -> Result<(), ServiceError> {
        valid_name("logStreamName", name, |c| c != ':' && c != '*')?;
        let group = self.group_mut(group)?;
        if group.streams.contains_key(name) {
            return Err(already_exists("stream"));
        }
        group.streams.insert(name.to_owned(), Stream::new(now));
        Ok(())
    }

    /// Makes whatever of the two is missing.
    pub(super) fn ensure(&mut self, group: &str, stream: &str, now: Timestamp) -> Result<(), ServiceError> {
        if !self.groups.contains_key(group) {
            self.create_group(group, BTreeMap::new(), now)?;
        }
        if !self.group(group)?.streams.contains_key(stream) {
            self.create_stream(group, stream, now)?;
        }
        Ok(())
    }

    /// Adds lines to a stream that exists.
    pub(super) fn put(
        &mut self,
        group: &str,
        stream: &str,
        lines: Vec<(Timestamp, String)>,
        now: Timestamp,
    ) -> Result<(), ServiceError> {
        let mut sequence = self.sequence;
        let group = self.group_mut(group)?;
        let target = group.streams.get_mut(stream).ok_or_else(|| not_found("stream"))?;
        for (timestamp, message) in lines {
            sequence += 1;
            target.insert(LogEvent { timestamp, ingested: now, message, sequence });
        }
        group.expire(now);
        self.sequence = sequence;
        Ok(())
    }

    pub(super) fn group(&self, name: &str) -> Result<&Group, ServiceError> {
        self.groups.get(name).ok_or_else(|| not_found("group"))
    }

    pub(super) fn group_mut(&mut self, name: &str) -> Result<&mut Group, ServiceError> {
        self.groups.get_mut(name).ok_or_else(|| not_found("group"))
    }
}

pub(super) fn invalid(message: impl Into<String>) -> ServiceError {
    ServiceError::new("InvalidParameterException", message)
}

pub(super) fn not_found(what: &str) -> ServiceError {
    ServiceError::new("ResourceNotFoundException", format!("The specified log {what} does not exist."))
}

fn already_exists(what: &str) -> ServiceError {
    ServiceError::new("ResourceAlreadyExistsException", format!("The specified log {what} already exists"))
}

fn valid_name(member: &str, name: &str, allowed: impl Fn(char) -> bool) -> Result<(), ServiceError> {
    if name.is_empty() || name.len() > 512 || !name.chars().all(allowed) {
        return Err(invalid(format!(
            "1 validation error detected: Value '{name}' at '{member}' failed to satisfy constraint"
        )));
    }
    Ok(())
}
