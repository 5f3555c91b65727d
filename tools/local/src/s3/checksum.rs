//! The checksums that S3 keeps with an object, beside its ETag.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use crc_fast::{CrcAlgorithm, checksum_combine};
use s3s::crypto::{Checksum as _, Crc32, Crc32c, Crc64Nvme, Md5, Sha1, Sha256};
use serde::{Deserialize, Serialize};

use super::refusal::Refusal;

/// The algorithm of a checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Sha1,
    Sha256,
}

/// The bytes that a checksum is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Coverage {
    /// All bytes of the object.
    FullObject,
    /// The checksums of its parts.
    Composite,
}

/// A checksum with all that is said of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Checksum {
    pub(super) algorithm: Algorithm,
    /// Base64, with `-N` for a composite one.
    pub(super) value: String,
    pub(super) coverage: Coverage,
}

impl Algorithm {
    /// Every algorithm that S3 knows.
    pub(super) const ALL: [Self; 5] = [Self::Crc32, Self::Crc32c, Self::Crc64Nvme, Self::Sha1, Self::Sha256];

    /// The name in requests and answers.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    /// The header that carries a checksum of this algorithm.
    pub(super) fn header(self) -> &'static str {
        match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Crc64Nvme => "x-amz-checksum-crc64nvme",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
        }
    }

    /// The algorithm of a name such as `CRC32`, or the refusal of an unknown one.
    pub(super) fn named(name: &str) -> Result<Self, Refusal> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name).ok_or_else(|| {
            let message = "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]";
            Refusal::request(message)
        })
    }

    /// The length of the checksum, in bytes.
    pub(super) fn length(self) -> usize {
        match self {
            Self::Crc32 | Self::Crc32c => 4,
            Self::Crc64Nvme => 8,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    /// The coverage in a multipart upload that names this algorithm and no coverage.
    pub(super) fn usual_coverage(self) -> Coverage {
        if self == Self::Crc64Nvme { Coverage::FullObject } else { Coverage::Composite }
    }

    /// The checksum of these bytes, as base64.
    pub(super) fn of(self, bytes: &[u8]) -> String {
        match self {
            Self::Crc32 => STANDARD.encode(Crc32::checksum(bytes)),
            Self::Crc32c => STANDARD.encode(Crc32c::checksum(bytes)),
            Self::Crc64Nvme => STANDARD.encode(Crc64Nvme::checksum(bytes)),
            Self::Sha1 => STANDARD.encode(Sha1::checksum(bytes)),
            Self::Sha256 => STANDARD.encode(Sha256::checksum(bytes)),
        }
    }

    /// The checksum of what follows one another, from `(base64, length)` of each: CRCs only.
    pub(super) fn joined(self, parts: &[(String, u64)]) -> Option<String> {
        let crc = match self {
            Self::Crc32 => CrcAlgorithm::Crc32IsoHdlc,
            Self::Crc32c => CrcAlgorithm::Crc32Iscsi,
            Self::Crc64Nvme => CrcAlgorithm::Crc64Nvme,
            Self::Sha1 | Self::Sha256 => return None,
        };
        let mut all: Option<u64> = None;
        for (value, length) in parts {
            let bytes = STANDARD.decode(value).ok()?;
            let value = bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
            all = Some(all.map_or(value, |before| checksum_combine(crc, before, value, *length)));
        }
        let bytes = all?.to_be_bytes();
        Some(STANDARD.encode(&bytes[bytes.len() - self.length()..]))
    }

    /// The checksum of the parts' checksums.
    pub(super) fn composite(self, parts: &[(String, u64)]) -> Option<String> {
        let mut digests = Vec::new();
        for (value, _) in parts {
            digests.extend(STANDARD.decode(value).ok()?);
        }
        Some(format!("{}-{}", self.of(&digests), parts.len()))
    }
}

impl Coverage {
    /// The name in requests and answers.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::FullObject => "FULL_OBJECT",
            Self::Composite => "COMPOSITE",
        }
    }
}

impl Checksum {
    /// The checksum of a whole body. S3 takes CRC-64/NVME when the client names none.
    pub(super) fn of(algorithm: Option<Algorithm>, body: &[u8]) -> Self {
        let algorithm = algorithm.unwrap_or(Algorithm::Crc64Nvme);
        Self { algorithm, value: algorithm.of(body), coverage: Coverage::FullObject }
    }

    /// The value, when it is of this algorithm: it fills one of the five members of an answer.
    pub(super) fn value_of(&self, algorithm: Algorithm) -> Option<String> {
        (self.algorithm == algorithm).then(|| self.value.clone())
    }
}

/// Fills the checksum members of an answer from an `Option<&Checksum>`; with `typed` also what it covers.
macro_rules! fill_checksum {
    ($output:expr, $checksum:expr) => {
        if let Some(checksum) = $checksum {
            $output.checksum_crc32 = checksum.value_of($crate::s3::checksum::Algorithm::Crc32);
            $output.checksum_crc32c = checksum.value_of($crate::s3::checksum::Algorithm::Crc32c);
            $output.checksum_crc64nvme = checksum.value_of($crate::s3::checksum::Algorithm::Crc64Nvme);
            $output.checksum_sha1 = checksum.value_of($crate::s3::checksum::Algorithm::Sha1);
            $output.checksum_sha256 = checksum.value_of($crate::s3::checksum::Algorithm::Sha256);
        }
    };
    ($output:expr, $checksum:expr, typed) => {
        $crate::s3::checksum::fill_checksum!($output, $checksum);
        if let Some(checksum) = $checksum {
            $output.checksum_type = Some(s3s::dto::ChecksumType::from_static(checksum.coverage.name()));
        }
    };
}

/// The checksum that a request gives, as `(algorithm, value)`: at most one of the five members.
macro_rules! given_checksum {
    ($input:expr) => {{
        use $crate::s3::checksum::Algorithm;
        [
            (Algorithm::Crc32, $input.checksum_crc32.clone()),
            (Algorithm::Crc32c, $input.checksum_crc32c.clone()),
            (Algorithm::Crc64Nvme, $input.checksum_crc64nvme.clone()),
            (Algorithm::Sha1, $input.checksum_sha1.clone()),
            (Algorithm::Sha256, $input.checksum_sha256.clone()),
        ]
        .into_iter()
        .find_map(|(algorithm, value)| Some((algorithm, value?)))
    }};
}

pub(super) use {fill_checksum, given_checksum};

/// The MD5 of these bytes: ETags and `Content-MD5` are made of it.
pub(super) fn md5(bytes: &[u8]) -> [u8; 16] {
    Md5::checksum(bytes)
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case(Algorithm::Crc32, "y/Q5Jg==")]
    #[test_case(Algorithm::Crc32c, "4waSgw==")]
    #[test_case(Algorithm::Crc64Nvme, "rosUhgp5mIg=")]
    #[test_case(Algorithm::Sha256, "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=")]
    fn checksums_are_the_known_ones(algorithm: Algorithm, expected: &str) {
        assert_eq!(algorithm.of(b"123456789"), expected);
    }

    #[test]
    fn the_crc_of_joined_parts_is_that_of_the_whole() {
        for algorithm in [Algorithm::Crc32, Algorithm::Crc32c, Algorithm::Crc64Nvme] {
            let parts: Vec<(String, u64)> = ["1234", "", "56789"]
                .into_iter()
                .map(|part| (algorithm.of(part.as_bytes()), part.len() as u64))
                .collect();
            assert_eq!(algorithm.joined(&parts), Some(algorithm.of(b"123456789")), "{algorithm:?}");
        }
        assert_eq!(Algorithm::Sha1.joined(&[]), None);
    }
}
