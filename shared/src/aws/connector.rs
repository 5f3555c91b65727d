//! The way of every call: HTTP/1.1 over TLS by rustls on ring, or plain where an endpoint override or a public URL says so.
//!
//! The SDK's own connector also has HTTP/2 and proxies, which nothing here uses: an eighth of a function's code (docs/adr/0003).
//! This one does as much for retries: errors are of the kind that the SDK's classifiers look for, and a connection on
//! which a call failed is not used again.

use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::connection::{CaptureSmithyConnection, ConnectionMetadata};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::ErrorKind;
use http::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::{CaptureConnection, HttpConnector as Tcp, capture_connection};
use hyper_util::client::legacy::{self, Client};
use hyper_util::rt::TokioExecutor;
use rustls::{ClientConfig, RootCertStore};
use tokio::time::error::Elapsed;
use tower::Service;

/// For name, TCP and TLS together. Reading has no limit of its own: a call's timeouts cover it.
const CONNECT_LIMIT: Duration = Duration::from_secs(3);

/// Connections to any number of hosts; clones share them.
#[derive(Clone, Debug)]
pub(super) struct Connector(Client<Dial, SdkBody>);

impl Connector {
    /// Connections that trust `roots`.
    ///
    /// # Errors
    /// Fails if ring offers nothing that TLS could use: never, unless its build was cut down.
    pub(super) fn new(roots: RootCertStore) -> Result<Self, rustls::Error> {
        // Named, because rustls has a default only while one provider is built. Not aws-lc: it gathers CPU jitter for 30 ms.
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self::over(tls))
    }

    /// Connections that trust `roots` and meet further demands: certificates that are still good some days from now, or any certificate.
    ///
    /// # Errors
    /// As [`Self::new`].
    #[cfg(feature = "hook")]
    pub(super) fn demanding(roots: RootCertStore, tls: &crate::suite::Tls) -> Result<Self, rustls::Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let days = tls.minimum_days.map_or(0, u64::from);
        let ahead = Arc::new(demands::Ahead(Duration::from_secs(days * 86_400)));
        let builder = ClientConfig::builder_with_details(Arc::clone(&provider), ahead);
        let builder = builder.with_safe_default_protocol_versions()?;
        let config = if tls.verify {
            builder.with_root_certificates(roots).with_no_client_auth()
        } else {
            let any = Arc::new(demands::AnyCertificate(provider));
            builder.dangerous().with_custom_certificate_verifier(any).with_no_client_auth()
        };
        Ok(Self::over(config))
    }

    fn over(tls: ClientConfig) -> Self {
        let mut tcp = Tcp::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        let https =
            HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(tcp);
        Self(Client::builder(TokioExecutor::new()).build(Dial(https)))
    }
}

/// The demands that a check may make on a connection.
#[cfg(feature = "hook")]
mod demands {
    use std::sync::Arc;
    use std::time::{Duration, SystemTime};

    use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
    use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
    use rustls::time_provider::TimeProvider;
    use rustls::{DigitallySignedStruct, Error, SignatureScheme};
    use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

    /// A clock that runs ahead: what it finds good is good until then.
    #[derive(Debug)]
    pub(super) struct Ahead(pub(super) Duration);

    impl TimeProvider for Ahead {
        fn current_time(&self) -> Option<UnixTime> {
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok()?;
            Some(UnixTime::since_unix_epoch(now + self.0))
        }
    }

    /// Trusts any certificate, for a check that says so (`verify: false`); that the server has its key is checked all the same.
    #[derive(Debug)]
    pub(super) struct AnyCertificate(pub(super) Arc<CryptoProvider>);

    impl ServerCertVerifier for AnyCertificate {
        fn verify_server_cert(
            &self,
            _: &CertificateDer<'_>,
            _: &[CertificateDer<'_>],
            _: &ServerName<'_>,
            _: &[u8],
            _: UnixTime,
        ) -> Result<ServerCertVerified, Error> {
            Ok(ServerCertVerified::assertion())
        }

        fn verify_tls12_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signed: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
        }

        fn verify_tls13_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signed: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            self.0.signature_verification_algorithms.supported_schemes()
        }
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let mut request = match request.try_into_http1x() {
            Ok(request) => request,
            Err(error) => return HttpConnectorFuture::ready(Err(ConnectorError::user(error.into()))),
        };
        let captured = capture_connection(&mut request);
        if let Some(wanted) = request.extensions().get::<CaptureSmithyConnection>() {
            wanted.set_connection_retriever(move || connection(&captured));
        }
        let answer = self.0.request(request);
        HttpConnectorFuture::new(async move {
            let response = answer.await.map_err(classify)?.map(SdkBody::from_body_1_x);
            HttpResponse::try_from(response).map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

/// The SDK's hold on a connection: the way to give it up.
fn connection(captured: &CaptureConnection) -> Option<ConnectionMetadata> {
    let is_proxied = captured.connection_metadata().as_ref()?.is_proxied();
    let captured = captured.clone();
    let poison = move || {
        if let Some(connected) = captured.connection_metadata().as_ref() {
            connected.poison();
        }
    };
    Some(ConnectionMetadata::builder().proxied(is_proxied).poison_fn(poison).build())
}

/// The kind of a failure, by which the SDK decides whether the call is tried again.
fn classify(error: legacy::Error) -> ConnectorError {
    if find::<Elapsed>(&error).is_some() {
        return ConnectorError::timeout(error.into());
    }
    let is_io = error.is_connect() || find::<std::io::Error>(&error).is_some();
    let Some(cause) = find::<hyper::Error>(&error) else {
        return if is_io { ConnectorError::io(error.into()) } else { ConnectorError::other(error.into(), None) };
    };
    if cause.is_timeout() {
        ConnectorError::timeout(error.into())
    } else if cause.is_user() {
        ConnectorError::user(error.into())
    } else if is_io || cause.is_closed() || cause.is_canceled() {
        ConnectorError::io(error.into())
    } else {
        // The server went away in the middle of its answer.
        let transient = cause.is_incomplete_message().then_some(ErrorKind::TransientError);
        ConnectorError::other(error.into(), transient)
    }
}

fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// Opens connections, each within [`CONNECT_LIMIT`].
#[derive(Clone, Debug)]
struct Dial(HttpsConnector<Tcp>);

impl Service<Uri> for Dial {
    type Response = <HttpsConnector<Tcp> as Service<Uri>>::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let dialled = self.0.call(uri);
        Box::pin(async move { tokio::time::timeout(CONNECT_LIMIT, dialled).await? })
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use super::super::roots;
    use super::*;

    fn connector() -> Connector {
        Connector::new(roots::trust_store(None).unwrap()).unwrap()
    }

    fn request(uri: &str) -> HttpRequest {
        let mut request = HttpRequest::new(SdkBody::empty());
        request.set_uri(uri).unwrap();
        request
    }

    /// Answers the first request of each connection with `answer`, and closes none before its end.
    fn serve(answer: &'static str, connections: usize) -> (String, std::thread::JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let server = std::thread::spawn(move || {
            for _ in 0..connections {
                let (mut stream, _) = listener.accept().unwrap();
                assert!(stream.read(&mut [0; 1024]).unwrap() > 0);
                stream.write_all(answer.as_bytes()).unwrap();
            }
        });
        (url, server)
    }

    #[tokio::test]
    async fn an_answer_that_breaks_off_may_be_tried_again() {
        let (url, server) = serve("", 1);
        let error = connector().call(request(&url)).await.unwrap_err();
        assert!(error.is_io() || error.as_other() == Some(ErrorKind::TransientError), "{error:?}");
        server.join().unwrap();
    }

    #[tokio::test]
    async fn a_refused_connection_may_be_tried_again() {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", free.local_addr().unwrap());
        drop(free);
        assert!(connector().call(request(&url)).await.unwrap_err().is_io());
    }

    #[tokio::test]
    async fn a_server_that_speaks_no_tls_is_an_error_of_the_connection() {
        let (url, server) = serve("HTTP/1.1 200 OK\r\n\r\n", 1);
        let error = connector().call(request(&url.replace("http:", "https:"))).await.unwrap_err();
        assert!(error.is_io(), "{error:?}");
        server.join().unwrap();
    }

    /// It takes the connection and says nothing; the clock is the test's.
    #[tokio::test(start_paused = true)]
    async fn a_connection_that_does_not_open_is_a_timeout() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("https://{}/", listener.local_addr().unwrap());
        let error = connector().call(request(&url)).await.unwrap_err();
        assert!(error.is_timeout(), "{error:?}");
    }

    #[tokio::test]
    async fn a_poisoned_connection_is_not_used_again() {
        let (url, server) = serve("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", 2);
        let connector = connector();
        let captured = CaptureSmithyConnection::new();
        let mut first = request(&url);
        first.add_extension(captured.clone());
        connector.call(first).await.unwrap();
        captured.get().unwrap().poison();
        let second = connector.call(request(&url)).await.unwrap();
        assert_eq!(second.status().as_u16(), 200);
        server.join().unwrap();
    }
}
