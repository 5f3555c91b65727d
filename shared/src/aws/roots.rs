//! The certificates that the connector trusts.

use std::path::Path;

use rustls::RootCertStore;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

/// Reading 145 roots of a system bundle costs more than the rest of a cold start; AWS needs these five.
const AMAZON_ROOTS: &[u8] = include_bytes!("amazon-roots.pem");

/// A bundle that cannot be trusted.
#[derive(Debug, thiserror::Error)]
pub(super) enum BundleError {
    #[error("the file cannot be read ({0})")]
    Read(std::io::ErrorKind),
    #[error("the file holds no certificate")]
    Empty,
    #[error("certificate {position} of the file is not valid PEM")]
    Pem { position: usize },
    #[error("certificate {position} of the file cannot be a trust anchor")]
    Anchor { position: usize },
}

/// The pinned roots, or those of `bundle` instead.
pub(super) fn trust_store(bundle: Option<&Path>) -> Result<RootCertStore, BundleError> {
    match bundle {
        None => read(AMAZON_ROOTS),
        Some(path) => read(&std::fs::read(path).map_err(|error| BundleError::Read(error.kind()))?),
    }
}

fn read(pem: &[u8]) -> Result<RootCertStore, BundleError> {
    let mut roots = RootCertStore::empty();
    for (index, certificate) in CertificateDer::pem_slice_iter(pem).enumerate() {
        let position = index + 1;
        let certificate = certificate.map_err(|_| BundleError::Pem { position })?;
        roots.add(certificate).map_err(|_| BundleError::Anchor { position })?;
    }
    if roots.is_empty() { Err(BundleError::Empty) } else { Ok(roots) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The SHA-256 fingerprints that Amazon Trust Services publishes (https://www.amazontrust.com/repository/).
    const FINGERPRINTS: [&str; 5] = [
        "8ecde6884f3d87b1125ba31ac3fcb13d7016de7f57cc904fe1cb97c6ae98196e",
        "1ba5b2aa8c65401a82960118f80bec4f62304d83cec4713a19c39c011ea46db4",
        "18ce6cfe7bf14e60b2e347b8dfe868cb31d02ebb3ada271569f50343b46db3a4",
        "e35d28419ed02025cfa69038cd623962458da5c695fbdea3c22b0bfb25897092",
        "568d6905a2c88708a4b3025190edcfedb1974a606a13c6e5290fcb2ae63edab5",
    ];

    #[test]
    fn pins_exactly_the_amazon_roots() {
        use sha2::Digest;
        assert_eq!(read(AMAZON_ROOTS).unwrap().len(), 5);
        let found: Vec<String> = CertificateDer::pem_slice_iter(AMAZON_ROOTS)
            .map(|certificate| hex::encode(sha2::Sha256::digest(certificate.unwrap())))
            .collect();
        assert_eq!(found, FINGERPRINTS);
    }

    #[test]
    fn refuses_a_bundle_without_a_certificate() {
        assert!(matches!(read(b"hello"), Err(BundleError::Empty)));
    }

    #[test]
    fn names_the_certificate_that_is_not_one() {
        let pem = [AMAZON_ROOTS, b"-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n"].concat();
        assert!(matches!(read(&pem), Err(BundleError::Anchor { position: 6 })));
    }

    #[test]
    fn refuses_a_file_that_is_not_there() {
        assert!(matches!(trust_store(Some(Path::new("/nowhere/bundle.pem"))), Err(BundleError::Read(_))));
    }
}
