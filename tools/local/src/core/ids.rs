//! Identifiers from one seeded generator, so that a seeded plane or simulation repeats itself.

use std::sync::{Arc, Mutex, PoisonError};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// The purpose of a draw: each has a stream of its own, so that more of one thing does not change another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Purpose {
    /// Names, ids and tokens.
    Identifiers,
    /// Weighted choices: which version answers.
    Choices,
}

/// Seeded sources of identifiers and of random choices, shared by all clones.
#[derive(Clone, Debug)]
pub struct Ids {
    identifiers: Arc<Mutex<StdRng>>,
    choices: Arc<Mutex<StdRng>>,
}

impl Ids {
    /// Sources that repeat for the same seed.
    pub fn seeded(seed: u64) -> Self {
        let stream = |number: u64| {
            // SplitMix64's increment sets the streams apart (https://prng.di.unimi.it/splitmix64.c).
            let seed = seed.wrapping_add(number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
            Arc::new(Mutex::new(StdRng::seed_from_u64(seed)))
        };
        Self { identifiers: stream(0), choices: stream(1) }
    }

    /// Sources seeded by the operating system.
    pub fn random() -> Self {
        let stream = || Arc::new(Mutex::new(StdRng::from_os_rng()));
        Self { identifiers: stream(), choices: stream() }
    }

    fn with<T>(&self, purpose: Purpose, draw: impl FnOnce(&mut StdRng) -> T) -> T {
        let stream = match purpose {
            Purpose::Identifiers => &self.identifiers,
            Purpose::Choices => &self.choices,
        };
        draw(&mut stream.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A version 4 UUID.
    pub fn uuid(&self) -> String {
        uuid::Builder::from_random_bytes(self.with(Purpose::Identifiers, |rng| rng.random())).into_uuid().to_string()
    }

    /// `length` lower-case hexadecimal digits.
    pub fn hex(&self, length: usize) -> String {
        self.text(length, b"0123456789abcdef")
    }

    /// `length` capitals and digits, as in CodeDeploy's deployment ids (`d-` and nine of these).
    pub fn capitals(&self, length: usize) -> String {
        self.text(length, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    }

    /// `length` lower-case letters and digits, as in API Gateway's ids.
    pub fn lower(&self, length: usize) -> String {
        self.text(length, b"abcdefghijklmnopqrstuvwxyz0123456789")
    }

    /// A number in `[0, 1)`: a weighted choice draws one per invocation.
    pub fn fraction(&self) -> f64 {
        self.with(Purpose::Choices, |rng| rng.random::<f64>())
    }

    /// `length` letters of an alphabet of ASCII.
    pub fn text(&self, length: usize, alphabet: &[u8]) -> String {
        self.with(Purpose::Identifiers, |rng| {
            (0..length).map(|_| char::from(alphabet[rng.random_range(0..alphabet.len())])).collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_identifiers() {
        let (a, b) = (Ids::seeded(7), Ids::seeded(7));
        assert_eq!((a.uuid(), a.hex(8)), (b.uuid(), b.hex(8)));
        assert_ne!(a.uuid(), a.uuid());
    }

    #[test]
    fn identifiers_do_not_change_choices() {
        let (a, b) = (Ids::seeded(7), Ids::seeded(7));
        a.hex(100);
        assert_eq!(a.fraction().to_bits(), b.fraction().to_bits());
    }
}
