//! Certificates for the stub, made anew at each start, in the shape of AWS's own: an RSA-2048 leaf, an intermediate, a root.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rsa::RsaPrivateKey;
use rsa::pkcs8::EncodePrivateKey as _;
use rsa::rand_core::OsRng;
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// The file of the functions' own roots, of which one gives way to the stub's.
const PINNED_ROOTS: &str = "shared/src/aws/amazon-roots.pem";
const END_OF_CERTIFICATE: &str = "-----END CERTIFICATE-----\n";

/// A chain for the stub, and the bundles that lead to it.
#[derive(Debug)]
pub struct Authority {
    /// The stub's side of TLS 1.3.
    pub server: Arc<ServerConfig>,
    /// As many roots as the functions pin, the stub's among them.
    pub few_roots: PathBuf,
    /// As many roots as an operating system has (Mozilla's), and the stub's.
    pub all_roots: PathBuf,
}

impl Authority {
    /// Makes keys and certificates for `names`; writes the bundles to `directory`.
    ///
    /// # Errors
    /// Fails if a certificate cannot be made or a file cannot be read or written.
    pub fn new(project: &Path, directory: &Path, names: &[&str]) -> anyhow::Result<Self> {
        let (root_key, intermediate_key, leaf_key) = (key()?, key()?, key()?);
        let root_params = signing("Benchmark Root");
        let root = root_params.self_signed(&root_key)?;
        let root_issuer = Issuer::new(root_params, root_key);
        let intermediate_params = signing("Benchmark Intermediate");
        let intermediate = intermediate_params.signed_by(&intermediate_key, &root_issuer)?;
        let intermediate_issuer = Issuer::new(intermediate_params, intermediate_key);
        let leaf_params = CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())?;
        let leaf = leaf_params.signed_by(&leaf_key, &intermediate_issuer)?;

        let chain = vec![leaf.der().clone(), intermediate.der().clone()];
        let few_roots = directory.join("few-roots.pem");
        std::fs::write(&few_roots, few(&project.join(PINNED_ROOTS), &root.pem())?)?;
        let all_roots = directory.join("all-roots.pem");
        std::fs::write(&all_roots, all(&root.pem())?)?;
        Ok(Self { server: server(chain, &leaf_key)?, few_roots, all_roots })
    }
}

fn key() -> anyhow::Result<KeyPair> {
    let key = RsaPrivateKey::new(&mut OsRng, 2048).context("an RSA key")?;
    let der = PrivatePkcs8KeyDer::from(key.to_pkcs8_der()?.as_bytes().to_vec());
    Ok(KeyPair::from_pkcs8_der_and_sign_algo(&der, &rcgen::PKCS_RSA_SHA256)?)
}

fn signing(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
}

fn server(chain: Vec<CertificateDer<'static>>, key: &KeyPair) -> anyhow::Result<Arc<ServerConfig>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// The pinned roots, the last of them replaced: the count is what reading them costs.
fn few(pinned: &Path, root: &str) -> anyhow::Result<String> {
    let pinned = std::fs::read_to_string(pinned).with_context(|| format!("{}", pinned.display()))?;
    let mut roots: Vec<&str> = pinned.split_inclusive(END_OF_CERTIFICATE).collect();
    roots.pop();
    Ok(roots.concat() + root)
}

fn all(root: &str) -> anyhow::Result<String> {
    let mut bundle = String::new();
    for certificate in webpki_root_certs::TLS_SERVER_ROOT_CERTS {
        bundle += &pem::encode(&pem::Pem::new("CERTIFICATE", certificate.as_ref()));
    }
    Ok(bundle + root)
}
