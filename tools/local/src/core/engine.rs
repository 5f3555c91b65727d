//! Pure engines and what drives them.
//!
//! An [`Engine`] decides; it never waits, calls or reads a clock. A [`Driver`] runs one in plane time: it carries
//! out effects and hands their results back as inputs. The tests' `Simulation` runs the same engine deterministically, hours
//! of plane time in milliseconds.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use tokio::sync::Notify;

use super::{Clock, Timestamp};

/// A state machine over inputs and time.
pub trait Engine: Send + 'static {
    /// The events that reach it: requests, results of effects.
    type Input: Send + 'static;
    /// The work that it wants done.
    type Effect: Send + 'static;

    /// Takes one input, or none when the time [`Engine::wake_at`] named has come, and says what is to be done.
    /// Waking early or twice must be harmless.
    fn step(&mut self, input: Option<Self::Input>, now: Timestamp) -> Vec<Self::Effect>;

    /// The time at which it next wants to be woken without input.
    fn wake_at(&self) -> Option<Timestamp>;
}

/// Carries out an effect; what it answers is fed back, in order.
type Act<E> = dyn Fn(<E as Engine>::Effect) -> BoxFuture<'static, Vec<<E as Engine>::Input>> + Send + Sync;

/// Runs an engine in plane time. Cloning shares the engine.
pub struct Driver<E: Engine>(Arc<Inner<E>>);

struct Inner<E: Engine> {
    engine: Mutex<E>,
    clock: Clock,
    changed: Notify,
    act: Box<Act<E>>,
}

impl<E: Engine> Clone for Driver<E> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<E: Engine> fmt::Debug for Driver<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver").finish_non_exhaustive()
    }
}

impl<E: Engine> Driver<E> {
    /// Starts driving `engine`. `act` carries out one effect; effects run side by side, so an engine that needs an
    /// order waits for the first one's input before it asks for the second. Stops when the last clone is gone.
    pub fn start(
        engine: E,
        clock: Clock,
        act: impl Fn(E::Effect) -> BoxFuture<'static, Vec<E::Input>> + Send + Sync + 'static,
    ) -> Self {
        let inner = Arc::new(Inner { engine: Mutex::new(engine), clock, changed: Notify::new(), act: Box::new(act) });
        let weak = Arc::downgrade(&inner);
        tokio::spawn(async move {
            while let Some(inner) = weak.upgrade() {
                let (wake_at, now) = (inner.read(Engine::wake_at), inner.clock.now());
                match wake_at {
                    Some(at) if at <= now => inner.step(None),
                    _ => {
                        let clock = inner.clock.clone();
                        // Never hold the engine alive for longer than a second of idleness.
                        let limit = tokio::time::sleep(std::time::Duration::from_secs(1));
                        let due = async {
                            match wake_at {
                                Some(at) => clock.sleep_until(at).await,
                                None => std::future::pending().await,
                            }
                        };
                        tokio::select! {
                            () = due => {}
                            () = inner.changed.notified() => {}
                            () = limit => {}
                        }
                    }
                }
            }
        });
        Self(inner)
    }

    /// Hands the engine an input. The step is taken before this returns; its effects run after.
    pub fn send(&self, input: E::Input) {
        self.0.step(Some(input));
    }

    /// Steps the engine through `change`, which may read and answer from it: for requests that need an answer.
    pub fn apply<T>(&self, change: impl FnOnce(&mut E, Timestamp) -> (T, Vec<E::Effect>)) -> T {
        let (answer, effects) = {
            let mut engine = self.0.engine.lock().unwrap_or_else(PoisonError::into_inner);
            change(&mut engine, self.0.clock.now())
        };
        self.0.run(effects);
        self.0.changed.notify_one();
        answer
    }

    /// Reads from the engine.
    pub fn read<T>(&self, look: impl FnOnce(&E) -> T) -> T {
        self.0.read(look)
    }
}

impl<E: Engine> Inner<E> {
    fn read<T>(&self, look: impl FnOnce(&E) -> T) -> T {
        look(&self.engine.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn step(self: &Arc<Self>, input: Option<E::Input>) {
        let effects = self.engine.lock().unwrap_or_else(PoisonError::into_inner).step(input, self.clock.now());
        self.run(effects);
        self.changed.notify_one();
    }

    fn run(self: &Arc<Self>, effects: Vec<E::Effect>) {
        for effect in effects {
            let inner = Arc::clone(self);
            let done = (self.act)(effect);
            tokio::spawn(async move {
                for input in done.await {
                    inner.step(Some(input));
                }
            });
        }
    }
}
