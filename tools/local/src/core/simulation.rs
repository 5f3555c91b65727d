//! Engines in made-up time.

use std::collections::BTreeMap;
use std::fmt;

use super::{Engine, Timestamp};

/// Runs an engine in made-up time: inputs at set times, effects answered by a closure.
pub struct Simulation<E: Engine> {
    /// The engine, open to assertions between runs.
    pub engine: E,
    now: Timestamp,
    queue: BTreeMap<(Timestamp, u64), E::Input>,
    sequence: u64,
    invariant: fn(&E, Timestamp),
}

impl<E: Engine + fmt::Debug> fmt::Debug for Simulation<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulation").field("engine", &self.engine).field("now", &self.now).finish_non_exhaustive()
    }
}

impl<E: Engine> Simulation<E> {
    /// A simulation at `start`.
    pub fn new(engine: E, start: Timestamp) -> Self {
        Self { engine, now: start, queue: BTreeMap::new(), sequence: 0, invariant: |_, _| {} }
    }

    /// Checks `invariant` after every single step, not only in the end. The invariant panics if it does not hold.
    pub fn holding(self, invariant: fn(&E, Timestamp)) -> Self {
        Self { invariant, ..self }
    }

    /// The simulated time, which `run_until` moves.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Delivers `input` at `at`. Inputs for the same time keep their order.
    pub fn at(&mut self, at: Timestamp, input: E::Input) {
        self.sequence += 1;
        self.queue.insert((at, self.sequence), input);
    }

    /// Runs until `until`, or until nothing is left to happen. `world` answers each effect with inputs and when
    /// they arrive.
    ///
    /// # Panics
    /// Panics if the engine wakes a million times: it asks to be woken for a time that has passed, over and over.
    pub fn run_until(
        &mut self,
        until: Timestamp,
        mut world: impl FnMut(E::Effect, Timestamp) -> Vec<(Timestamp, E::Input)>,
    ) {
        for _ in 0..1_000_000 {
            let next = self.queue.keys().next().copied();
            let wake = self.engine.wake_at().map(|at| at.max(self.now));
            let effects = match (next, wake) {
                (Some(key), wake) if wake.is_none_or(|wake| key.0 <= wake) && key.0 <= until => {
                    self.now = self.now.max(key.0);
                    let input = self.queue.remove(&key);
                    self.engine.step(input, self.now)
                }
                (_, Some(wake)) if wake <= until => {
                    self.now = wake;
                    self.engine.step(None, wake)
                }
                _ => {
                    self.now = until;
                    return;
                }
            };
            (self.invariant)(&self.engine, self.now);
            for effect in effects {
                for (at, input) in world(effect, self.now) {
                    self.at(at, input);
                }
            }
        }
        panic!("the engine never comes to rest");
    }
}
