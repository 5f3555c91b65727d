//! Identifiers from one seeded generator, so that a seeded plane or simulation repeats itself.

use std::sync::{Arc, Mutex, PoisonError};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// The purpose of a draw: each has a stream of its own, so that more of one thing does not change another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Purpose {
    /// Names, ids and tokens.
    Identifiers,
    /// Weighted choices: which version answers.
    Choices,
    /// The beginnings of series.
    Series,
}

/// Seeded sources of identifiers and of random choices, shared by all clones.
#[derive(Clone, Debug)]
pub struct Ids {
    identifiers: Arc<Mutex<StdRng>>,
    choices: Arc<Mutex<StdRng>>,
    series: Arc<Mutex<StdRng>>,
}

/// Identifiers by number, each of which is made when somebody looks: the same number always has the same one.
#[derive(Clone, Copy, Debug)]
pub struct Series(u64);

impl Series {
    /// A version 4 UUID.
    pub fn uuid(self, number: u64) -> String {
        uuid(&mut StdRng::seed_from_u64(apart(self.0, number)))
    }
}

/// SplitMix64's increment sets seeds apart (<https://prng.di.unimi.it/splitmix64.c>).
fn apart(seed: u64, number: u64) -> u64 {
    seed.wrapping_add(number.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

fn uuid(rng: &mut StdRng) -> String {
    uuid::Builder::from_random_bytes(rng.random()).into_uuid().to_string()
}

impl Ids {
    /// Sources that repeat for the same seed.
    pub fn seeded(seed: u64) -> Self {
        let stream = |number: u64| Arc::new(Mutex::new(StdRng::seed_from_u64(apart(seed, number))));
        Self { identifiers: stream(0), choices: stream(1), series: stream(2) }
    }

    /// Sources seeded by the operating system.
    pub fn random() -> Self {
        let stream = || Arc::new(Mutex::new(rand::make_rng::<StdRng>()));
        Self { identifiers: stream(), choices: stream(), series: stream() }
    }

    fn with<T>(&self, purpose: Purpose, draw: impl FnOnce(&mut StdRng) -> T) -> T {
        let stream = match purpose {
            Purpose::Identifiers => &self.identifiers,
            Purpose::Choices => &self.choices,
            Purpose::Series => &self.series,
        };
        draw(&mut stream.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A version 4 UUID.
    pub fn uuid(&self) -> String {
        self.with(Purpose::Identifiers, uuid)
    }

    /// A series of its own.
    pub fn series(&self) -> Series {
        Series(self.with(Purpose::Series, |rng| rng.random()))
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
    fn a_number_of_a_series_always_has_the_same_identifier() {
        let ids = Ids::seeded(7);
        let (one, other) = (ids.series(), ids.series());
        assert_eq!(one.uuid(3), one.uuid(3));
        assert_ne!(one.uuid(3), one.uuid(4));
        assert_ne!(one.uuid(3), other.uuid(3));
    }

    #[test]
    fn identifiers_do_not_change_choices() {
        let (a, b) = (Ids::seeded(7), Ids::seeded(7));
        a.hex(100);
        assert_eq!(a.fraction().to_bits(), b.fraction().to_bits());
    }
}
