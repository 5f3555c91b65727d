//! The events so far, newest last, and those that no trail has delivered yet. Neither list grows without bound.

use std::collections::VecDeque;

use super::record::Event;

/// The most events that are kept to look up. AWS keeps those of ninety days.
const KEPT: usize = 20_000;

/// The events of the plane: those to look up, and those that wait for a delivery.
#[derive(Debug, Default)]
pub(super) struct History {
    events: VecDeque<Event>,
    waiting: VecDeque<Event>,
    count: u64,
}

impl History {
    /// Adds an event; one that is `logged` waits for a delivery, too. Data events cannot be looked up.
    pub(super) fn add(&mut self, mut event: Event, logged: bool) {
        self.count += 1;
        event.number = self.count;
        if logged {
            push(&mut self.waiting, event.clone());
        }
        if event.data.is_none() {
            push(&mut self.events, event);
        }
    }

    /// Every event that is kept, newest first.
    pub(super) fn newest_first(&self) -> impl Iterator<Item = &Event> {
        self.events.iter().rev()
    }

    /// Takes the events that wait for a delivery.
    pub(super) fn take_waiting(&mut self) -> Vec<Event> {
        self.waiting.drain(..).collect()
    }
}

fn push(events: &mut VecDeque<Event>, event: Event) {
    if events.len() == KEPT {
        events.pop_front();
    }
    events.push_back(event);
}
