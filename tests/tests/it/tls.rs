//! What a check of kind `http` demands of a certificate, against a server that has one.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Result, bail};
use jiff::civil::Date;
use jiff::{Span, Zoned};
use rcgen::{CertificateParams, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use slipway_shared::aws::{AwsSettings, HttpPublicUrl};
use slipway_shared::call::CallError;
use slipway_shared::hook::{CallPublicUrl as _, PublicAnswer, PublicRequest};
use slipway_shared::suite::{Method, Tls};
use slipway_shared::telemetry::Chain;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// A server of `localhost` with a certificate of an authority of its own.
struct Server {
    address: SocketAddr,
    /// The authority's certificate, as `SLIPWAY_CA_BUNDLE` names it.
    authority: PathBuf,
    _directory: TempDir,
    serving: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Server {
    /// Its certificate is good from `from` until `to`, in days from now.
    async fn start(name: &str, from: i64, to: i64) -> Result<Self> {
        let mut root = CertificateParams::default();
        root.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let root_key = KeyPair::generate()?;
        let authority = root.self_signed(&root_key)?;
        let mut leaf = CertificateParams::new(vec![name.to_owned()])?;
        let today = Zoned::now().date();
        let [begin, end] = [from, to].map(|days| today.saturating_add(Span::new().days(days)));
        let moment =
            |day: Date| rcgen::date_time_ymd(day.year().into(), day.month().unsigned_abs(), day.day().unsigned_abs());
        (leaf.not_before, leaf.not_after) = (moment(begin), moment(end));
        let leaf_key = KeyPair::generate()?;
        let chain = vec![leaf.signed_by(&leaf_key, &Issuer::new(root, root_key))?.der().clone()];
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(leaf_key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        let directory = tempfile::tempdir()?;
        let bundle = directory.path().join("authority.pem");
        std::fs::write(&bundle, authority.pem())?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let serving = tokio::spawn(serve(listener, TlsAcceptor::from(Arc::new(config))));
        Ok(Self { address, authority: bundle, _directory: directory, serving })
    }

    /// Asks with these demands, trusting its authority or Amazon's alone.
    async fn ask(&self, tls: Tls, is_trusted: bool) -> Result<PublicAnswer, CallError> {
        let bundle = self.authority.display().to_string();
        let mut environment = BTreeMap::from([
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
        ]);
        if is_trusted {
            environment.insert("SLIPWAY_CA_BUNDLE", &bundle);
        }
        let settings = AwsSettings::from_env(&environment)
            .map_err(|error| CallError::Unexpected { operation: "settings", source: error.into() })?;
        let request = PublicRequest {
            method: Method::Get,
            url: format!("https://localhost:{}/", self.address.port()),
            headers: Vec::new(),
            body: None,
            tls,
            reads_body: true,
        };
        HttpPublicUrl::new(&settings).call_public_url(&request).await
    }
}

/// Answers one request of each connection; a client that breaks off is none.
async fn serve(listener: TcpListener, acceptor: TlsAcceptor) {
    while let Ok((connection, _)) = listener.accept().await {
        let Ok(mut connection) = acceptor.accept(connection).await else { continue };
        let _ = connection.read(&mut [0; 1024]).await;
        let _ = connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok").await;
        let _ = connection.shutdown().await;
    }
}

fn good_for(days: u16) -> Tls {
    Tls { minimum_days: Some(days), ..Tls::default() }
}

/// The reason of a connection that failed.
fn refused(outcome: Result<PublicAnswer, CallError>) -> Result<String> {
    match outcome {
        Err(error @ CallError::Unavailable { .. }) => Ok(Chain(&error).to_string()),
        other => bail!("not a connection that fails: {other:?}"),
    }
}

#[tokio::test]
async fn a_certificate_must_be_of_a_known_authority_and_of_the_host() -> Result<()> {
    let server = Server::start("localhost", -1, 90).await?;
    assert_eq!(server.ask(Tls::default(), true).await?.text(), Ok("ok"));
    let unknown = refused(server.ask(Tls::default(), false).await)?;
    assert!(unknown.contains("UnknownIssuer"), "{unknown}");
    let other = Server::start("shop.example", -1, 90).await?;
    let unlike = refused(other.ask(Tls::default(), true).await)?;
    assert!(unlike.contains("shop.example"), "{unlike}");
    Ok(())
}

#[tokio::test]
async fn a_certificate_must_still_be_good_for_the_days_that_are_demanded() -> Result<()> {
    let server = Server::start("localhost", -1, 20).await?;
    assert_eq!(server.ask(good_for(14), true).await?.status, 200);
    let soon = refused(server.ask(good_for(30), true).await)?;
    assert!(soon.contains("expired"), "{soon}");
    let unknown = refused(server.ask(good_for(14), false).await)?;
    assert!(unknown.contains("UnknownIssuer"), "{unknown}");
    Ok(())
}

#[tokio::test]
async fn any_certificate_is_taken_by_a_check_that_says_so() -> Result<()> {
    let expired = Server::start("shop.example", -20, -10).await?;
    refused(expired.ask(Tls::default(), true).await)?;
    assert_eq!(expired.ask(Tls { verify: false, minimum_days: None }, false).await?.status, 200);
    Ok(())
}
