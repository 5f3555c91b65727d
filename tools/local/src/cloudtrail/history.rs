//! The events so far, newest last, and those that no trail has delivered yet. Neither list grows without bound.

use std::collections::VecDeque;
use std::sync::Arc;

use super::event::Event;

/// The most events that are kept to look up. AWS keeps those of ninety days.
const KEPT: usize = 20_000;

/// The events of the plane: those to look up, and those that wait for a delivery.
#[derive(Debug, Default)]
pub(super) struct History {
    events: VecDeque<Arc<Event>>,
    waiting: VecDeque<Arc<Event>>,
    count: u64,
}

impl History {
    /// Adds an event, which gets its number; one that is `logged` waits for a delivery, too. Data events cannot be looked up.
    pub(super) fn add(&mut self, mut event: Event, logged: bool) -> Arc<Event> {
        self.count += 1;
        event.number = self.count;
        let event = Arc::new(event);
        if logged {
            push(&mut self.waiting, Arc::clone(&event));
        }
        if !event.is_data {
            push(&mut self.events, Arc::clone(&event));
        }
        event
    }

    /// Every event that is kept, newest first.
    pub(super) fn newest_first(&self) -> impl Iterator<Item = &Event> {
        self.events.iter().rev().map(Arc::as_ref)
    }

    /// Takes the events that wait for a delivery.
    pub(super) fn take_waiting(&mut self) -> Vec<Arc<Event>> {
        self.waiting.drain(..).collect()
    }
}

fn push(events: &mut VecDeque<Arc<Event>>, event: Arc<Event>) {
    if events.len() == KEPT {
        events.pop_front();
    }
    events.push_back(event);
}
