//! The progress of a build: its phases and their contexts, as `BatchGetBuilds` and the events show them.

use serde_json::{Value, json};

use crate::core::Timestamp;

/// `phaseStatus` and `buildStatus`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is not over.
    InProgress,
    /// It ended well.
    Succeeded,
    /// A command, the source, the buildspec or the artifacts failed.
    Failed,
    /// The plane itself failed.
    Fault,
    /// It took longer than it may.
    TimedOut,
    /// `StopBuild` ended it.
    Stopped,
}

impl Status {
    /// The word for it in `buildStatus` and `phaseStatus`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InProgress => "IN_PROGRESS",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::Fault => "FAULT",
            Self::TimedOut => "TIMED_OUT",
            Self::Stopped => "STOPPED",
        }
    }
}

/// The reason for a phase's end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// CodeBuild's code, such as `COMMAND_EXECUTION_ERROR`; empty when all is well.
    pub code: String,
    /// The reason for people, with the last lines of output.
    pub message: String,
}

/// One phase that began.
#[derive(Clone, Debug)]
pub struct PhaseRecord {
    /// `INSTALL`, `UPLOAD_ARTIFACTS` …
    pub phase_type: &'static str,
    status: Status,
    started: Timestamp,
    ended: Option<Timestamp>,
    context: Context,
}

/// The course of a build.
#[derive(Clone, Debug)]
pub struct Record {
    /// The time at which it was asked for.
    pub started: Timestamp,
    /// The time of its end; none while it runs.
    pub ended: Option<Timestamp>,
    /// The status that its phases have decided so far.
    pub status: Status,
    /// Its phases so far.
    pub phases: Vec<PhaseRecord>,
}

impl Record {
    /// A build that was just submitted.
    pub fn new(now: Timestamp) -> Self {
        Self { started: now, ended: None, status: Status::InProgress, phases: Vec::new() }
    }

    /// Adds a phase that begins `now`. `phase_type` is the API's name of it.
    pub fn begin(&mut self, phase_type: &'static str, now: Timestamp) {
        let context = Context::default();
        self.phases.push(PhaseRecord { phase_type, status: Status::InProgress, started: now, ended: None, context });
    }

    /// The current phase is over. The first phase that does not succeed decides what becomes of the build.
    pub fn end(&mut self, status: Status, context: Context, now: Timestamp) {
        if let Some(phase) = self.phases.last_mut() {
            (phase.status, phase.context, phase.ended) = (status, context, Some(now));
        }
        if self.status == Status::InProgress && status != Status::Succeeded {
            self.status = status;
        }
    }

    /// Notes that the build is over.
    pub fn complete(&mut self, now: Timestamp) {
        if self.status == Status::InProgress {
            self.status = Status::Succeeded;
        }
        self.ended = Some(now);
        self.begin("COMPLETED", now);
    }

    /// True if the build is over.
    pub fn is_complete(&self) -> bool {
        self.ended.is_some()
    }

    /// The status to show: a failure is told only when the build is over.
    pub fn shown_status(&self) -> Status {
        if self.is_complete() { self.status } else { Status::InProgress }
    }

    /// True if nothing has failed so far.
    pub fn is_succeeding(&self) -> bool {
        matches!(self.status, Status::InProgress | Status::Succeeded)
    }

    /// The phase that it is in.
    pub fn current_phase(&self) -> &'static str {
        self.phases.last().map_or("SUBMITTED", |phase| phase.phase_type)
    }

    /// `phases` of the API.
    pub fn phases(&self) -> Vec<Value> {
        self.phases.iter().map(PhaseRecord::describe).collect()
    }

    /// `phases` of the events, whose members and dates are written otherwise.
    pub fn event_phases(&self) -> Vec<Value> {
        self.phases.iter().map(PhaseRecord::describe_in_event).collect()
    }

    /// The last phase that is over: its name, status and context as the phase event has them.
    pub fn last_ended(&self) -> Option<(&'static str, Status, String)> {
        let phase = self.phases.iter().rev().find(|phase| phase.ended.is_some())?;
        let context = [&phase.context.code, &phase.context.message].map(String::as_str);
        Some((phase.phase_type, phase.status, format!("[{}]", context.join(": "))))
    }
}

impl PhaseRecord {
    fn seconds(&self, ended: Timestamp) -> u64 {
        ended.since(self.started).as_secs()
    }

    fn describe(&self) -> Value {
        let mut shown = json!({ "phaseType": self.phase_type, "startTime": self.started.epoch_seconds() });
        if let Some(ended) = self.ended {
            shown["phaseStatus"] = json!(self.status.name());
            shown["endTime"] = json!(ended.epoch_seconds());
            shown["durationInSeconds"] = json!(self.seconds(ended));
            shown["contexts"] = json!([{ "statusCode": self.context.code, "message": self.context.message }]);
        }
        shown
    }

    fn describe_in_event(&self) -> Value {
        let mut shown = json!({ "phase-type": self.phase_type, "start-time": event_date(self.started) });
        if let Some(ended) = self.ended {
            let context: Vec<String> = (!self.context.code.is_empty())
                .then(|| format!("{}: {}", self.context.code, self.context.message))
                .into_iter()
                .collect();
            shown["phase-status"] = json!(self.status.name());
            shown["end-time"] = json!(event_date(ended));
            shown["duration-in-seconds"] = json!(self.seconds(ended));
            shown["phase-context"] = json!(context);
        }
        shown
    }
}

/// `Sep 1, 2017 4:12:29 PM`: how CodeBuild's events write a date.
pub fn event_date(time: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(time.as_millis())
        .map(|time| time.strftime("%b %-d, %Y %-I:%M:%S %p").to_string())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_millis(1_504_282_349_000);

    #[test]
    fn the_first_failure_decides_and_is_told_at_the_end() {
        let mut record = Record::new(NOON);
        record.begin("BUILD", NOON);
        record.end(Status::Failed, Context { code: "X".to_owned(), message: "why".to_owned() }, NOON);
        assert_eq!((record.shown_status(), record.is_succeeding()), (Status::InProgress, false));
        record.begin("POST_BUILD", NOON);
        record.end(Status::Succeeded, Context::default(), NOON);
        record.complete(NOON);
        assert_eq!((record.shown_status(), record.current_phase()), (Status::Failed, "COMPLETED"));
        assert_eq!(record.phases()[0]["contexts"][0]["message"], "why");
    }

    #[test]
    fn dates_in_events_are_written_as_codebuild_writes_them() {
        assert_eq!(event_date(NOON), "Sep 1, 2017 4:12:29 PM");
    }
}
