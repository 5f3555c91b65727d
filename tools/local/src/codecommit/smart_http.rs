//! Git's smart HTTP protocol: `git http-backend` behind a router, bodies streamed both ways.
//!
//! Nobody is asked for credentials: the plane listens on loopback only. A push's reference changes are published
//! before its answer ends, so that whoever pushed finds the events sent.

use std::io;
use std::process::Stdio;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::routing::{get, post};
use bytes::Bytes;
use futures::StreamExt;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{ChildStdin, ChildStdout, Command};
use tokio::sync::mpsc;

use crate::core::{Hub, ProcessGroup};

use super::git;

/// The git endpoint under `/v1/repos/<name>`, the path of CodeCommit's own clone URLs.
pub fn git_router(hub: &Arc<Hub>) -> Router {
    Router::new()
        .route("/v1/repos/{name}/info/refs", get(serve))
        .route("/v1/repos/{name}/git-upload-pack", post(serve))
        .route("/v1/repos/{name}/git-receive-pack", post(serve))
        .with_state(Arc::clone(hub))
}

async fn serve(State(hub): State<Arc<Hub>>, Path(name): Path<String>, request: Request) -> Response<Body> {
    let located = hub.call("codecommit", "LocateRepository", json!({ "repositoryName": name })).await;
    let directory = match &located {
        Ok(located) => located["directory"].as_str().unwrap_or_default(),
        Err(error) => return refusal(StatusCode::NOT_FOUND, &format!("no repository {name}: {}", error.message)),
    };
    match run_backend(hub, &name, directory, request).await {
        Ok(response) => response,
        Err(error) => refusal(StatusCode::INTERNAL_SERVER_ERROR, &format!("git http-backend failed: {error}")),
    }
}

async fn run_backend(hub: Arc<Hub>, name: &str, directory: &str, request: Request) -> io::Result<Response<Body>> {
    let pushes = request.uri().path().ends_with("/git-receive-pack");
    let mut process = hub.processes.spawn(&mut backend(&hub, name, directory, &request))?;
    if let Some(stdin) = process.child.stdin.take() {
        tokio::spawn(feed(stdin, request.into_body()));
    }
    let stdout = process.child.stdout.take().ok_or_else(|| io::Error::other("no output pipe"))?;
    let mut output = BufReader::new(stdout);
    let response = read_header(&mut output).await?;
    let (sender, receiver) = mpsc::channel(16);
    let name = name.to_owned();
    tokio::spawn(async move {
        drain(process, output, sender.clone(), pushes).await;
        if pushes
            && let Err(error) = hub.call("codecommit", "ObserveReferences", json!({ "repositoryName": name })).await
        {
            tracing::error!(%error, repository = name, "the references of a push were not read");
        }
        drop(sender);
    });
    let body = Body::from_stream(futures::stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|chunk| (Ok::<_, io::Error>(chunk), receiver))
    }));
    response.body(body).map_err(io::Error::other)
}

/// `git http-backend` with the request as CGI hands it over.
fn backend(hub: &Hub, name: &str, directory: &str, request: &Request) -> Command {
    let service = request.uri().path().strip_prefix(&format!("/v1/repos/{name}")).unwrap_or_default();
    let mut command = git::command(&git::root(hub));
    command
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", directory)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("PATH_INFO", service)
        .env("REQUEST_METHOD", request.method().as_str())
        .env("QUERY_STRING", request.uri().query().unwrap_or_default())
        .env("REMOTE_ADDR", "127.0.0.1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    // CONTENT_LENGTH stays out: the backend then reads to the end, which also fits a chunked request.
    let carried = [
        (header::CONTENT_TYPE, "CONTENT_TYPE"),
        (header::CONTENT_ENCODING, "HTTP_CONTENT_ENCODING"),
        (HeaderName::from_static("git-protocol"), "GIT_PROTOCOL"),
    ];
    for (from, to) in carried {
        if let Some(value) = request.headers().get(from).and_then(|value| value.to_str().ok()) {
            command.env(to, value);
        }
    }
    command
}

/// Hands the request's body to the backend and closes its input.
async fn feed(mut stdin: ChildStdin, body: Body) {
    let mut chunks = body.into_data_stream();
    while let Some(Ok(chunk)) = chunks.next().await {
        // A backend that has read enough closes its end.
        if stdin.write_all(&chunk).await.is_err() {
            return;
        }
    }
}

/// Reads a CGI header: `Status` sets the status, everything else is passed on.
async fn read_header(output: &mut BufReader<ChildStdout>) -> io::Result<http::response::Builder> {
    let mut response = Response::builder().status(StatusCode::OK);
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).await? == 0 {
            return Err(io::Error::other("it ended before it answered"));
        }
        let line = line.trim_end();
        let Some((name, value)) = line.split_once(':') else {
            if line.is_empty() {
                return Ok(response);
            }
            return Err(io::Error::other(format!("it answered {line:?}")));
        };
        let value = value.trim();
        if name.eq_ignore_ascii_case("status") {
            let code = value.split(' ').next().and_then(|code| code.parse::<u16>().ok()).unwrap_or(500);
            response = response.status(code);
        } else if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response = response.header(name, value);
        }
    }
}

/// Passes the backend's output on. When the client is gone a fetch is ended, but a push is let finish, so that its
/// references and its events agree.
async fn drain(
    mut process: ProcessGroup,
    mut output: BufReader<ChildStdout>,
    sender: mpsc::Sender<Bytes>,
    pushes: bool,
) {
    let mut stderr = process.child.stderr.take();
    let complaint = tokio::spawn(async move {
        let mut text = Vec::new();
        if let Some(pipe) = &mut stderr {
            // A pipe that breaks has said all it will.
            let _ = pipe.read_to_end(&mut text).await;
        }
        text
    });
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match output.read(&mut buffer).await {
            Ok(0) | Err(_) => break,
            Ok(count) => {
                let gone = sender.send(Bytes::copy_from_slice(&buffer[..count])).await.is_err();
                if gone && !pushes {
                    return;
                }
            }
        }
    }
    let failed = process.wait().await.map_or(true, |status| !status.success());
    if failed && let Ok(text) = complaint.await {
        tracing::warn!(said = %String::from_utf8_lossy(&text).trim(), "git http-backend failed");
    }
}

fn refusal(status: StatusCode, line: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(format!("{line}\n")));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

#[cfg(test)]
mod tests;
