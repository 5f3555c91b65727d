//! The store of logs: groups of streams of events.

use std::collections::BTreeMap;
use std::time::Duration;

use super::errors::{already_exists, not_found};
use super::log_event::LogEvent;
use super::metric_filter::MetricFilter;
use super::resource_policy::ResourcePolicy;
use super::subscription::Subscription;
use crate::core::{ServiceError, Timestamp};

/// The class of a group: the uses that its events have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GroupClass {
    /// The class for every use.
    Standard,
    /// Queries alone, which the plane does not run: such a group takes lines and gives none back.
    InfrequentAccess,
}

impl GroupClass {
    /// The class of that name, `STANDARD` without one.
    pub(super) fn read(name: Option<&str>) -> Self {
        match name {
            Some("INFREQUENT_ACCESS") => Self::InfrequentAccess,
            _ => Self::Standard,
        }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "STANDARD",
            Self::InfrequentAccess => "INFREQUENT_ACCESS",
        }
    }
}

/// A stream of events.
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

/// A group with all that hangs on it.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) class: GroupClass,
    pub(super) created: Timestamp,
    pub(super) retention_days: Option<i64>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) streams: BTreeMap<String, Stream>,
    /// The metric filters, by name.
    pub(super) metric_filters: BTreeMap<String, MetricFilter>,
    /// The subscription filters, by name.
    pub(super) subscriptions: BTreeMap<String, Subscription>,
}

impl Group {
    /// Fails for a group whose class gives lines to nobody.
    pub(super) fn standard(&self, what: &str) -> Result<(), ServiceError> {
        match self.class {
            GroupClass::Standard => Ok(()),
            // Assumed: the code; the documentation says only that the class does not have it.
            GroupClass::InfrequentAccess => Err(ServiceError::new(
                "InvalidOperationException",
                format!("{what} is not supported for log groups of the class INFREQUENT_ACCESS."),
            )),
        }
    }

    pub(super) fn stream(&self, name: &str) -> Result<&Stream, ServiceError> {
        self.streams.get(name).ok_or_else(|| not_found("stream"))
    }

    /// The time for which events are kept, where that has an end.
    pub(super) fn retention(&self) -> Option<Duration> {
        let days = self.retention_days.and_then(|days| u64::try_from(days).ok())?;
        Some(Duration::from_secs(days * 86_400))
    }

    /// Forgets the events that the retention policy has given up.
    pub(super) fn expire(&mut self, now: Timestamp) {
        let Some(retention) = self.retention() else { return };
        let oldest = now - retention;
        for stream in self.streams.values_mut() {
            let expired = stream.events.partition_point(|event| event.timestamp < oldest);
            let bytes: usize = stream.events.drain(..expired).map(|event| event.message.len()).sum();
            stream.stored_bytes -= bytes;
        }
    }
}

/// All groups, and the account's policies for them.
#[derive(Debug, Default)]
pub(super) struct Store {
    pub(super) groups: BTreeMap<String, Group>,
    /// By name.
    pub(super) resource_policies: BTreeMap<String, ResourcePolicy>,
    sequence: u64,
}

impl Store {
    /// Makes a group.
    pub(super) fn create_group(
        &mut self,
        name: &str,
        class: GroupClass,
        tags: BTreeMap<String, String>,
        now: Timestamp,
    ) -> Result<(), ServiceError> {
        if self.groups.contains_key(name) {
            return Err(already_exists("group"));
        }
        let group = Group {
            class,
            created: now,
            retention_days: None,
            tags,
            streams: BTreeMap::new(),
            metric_filters: BTreeMap::new(),
            subscriptions: BTreeMap::new(),
        };
        self.groups.insert(name.to_owned(), group);
        Ok(())
    }

    /// Makes a stream in a group that exists.
    pub(super) fn create_stream(&mut self, group: &str, name: &str, now: Timestamp) -> Result<(), ServiceError> {
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
            self.create_group(group, GroupClass::Standard, BTreeMap::new(), now)?;
        }
        if !self.group(group)?.streams.contains_key(stream) {
            self.create_stream(group, stream, now)?;
        }
        Ok(())
    }

    /// Adds lines to a stream that exists, and answers them as they are kept.
    pub(super) fn put(
        &mut self,
        group: &str,
        stream: &str,
        lines: &[(Timestamp, String)],
        now: Timestamp,
    ) -> Result<Vec<LogEvent>, ServiceError> {
        let mut sequence = self.sequence;
        let group = self.group_mut(group)?;
        let target = group.streams.get_mut(stream).ok_or_else(|| not_found("stream"))?;
        let mut kept = Vec::with_capacity(lines.len());
        for (timestamp, message) in lines {
            sequence += 1;
            kept.push(LogEvent { timestamp: *timestamp, ingested: now, message: message.clone(), sequence });
        }
        kept.iter().for_each(|event| target.insert(event.clone()));
        group.expire(now);
        self.sequence = sequence;
        Ok(kept)
    }

    pub(super) fn group(&self, name: &str) -> Result<&Group, ServiceError> {
        self.groups.get(name).ok_or_else(|| not_found("group"))
    }

    pub(super) fn group_mut(&mut self, name: &str) -> Result<&mut Group, ServiceError> {
        self.groups.get_mut(name).ok_or_else(|| not_found("group"))
    }
}
