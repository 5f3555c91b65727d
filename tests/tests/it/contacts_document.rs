//! The API does what its document says: Schemathesis makes requests from the document, good and bad ones, and judges the answers.

use std::process::Stdio;

use axum::Router;
use axum::extract::Request;
use axum::http::header::AUTHORIZATION;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use contacts_api::domain::Owner;
use contacts_api::http::{Caller, app};
use contacts_api::settings::About;
use contacts_api::store::Memory;
use slipway_tests::{program, project_dir};
use tokio::net::TcpListener;
use tokio::process::Command;

const TOKEN: &str = "Bearer schemathesis";

/// What an authorizer in front of the API does: it knows one token.
async fn authorize(mut request: Request, next: Next) -> Response {
    if request.headers().get(AUTHORIZATION).is_some_and(|value| value == TOKEN) {
        request.extensions_mut().insert(Caller::Known(Owner::subject("schemathesis")));
    }
    next.run(request).await
}

fn api() -> Router {
    let about = About { commit: "c".to_owned(), release: "r".to_owned(), function_version: "1".to_owned() };
    app(Memory::default(), about).layer(from_fn(authorize))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_api_answers_as_its_document_says() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move { axum::serve(listener, api()).await });
    let place = tempfile::tempdir().unwrap();
    let output = Command::new(program("schemathesis"))
        .arg("--config-file")
        .arg(project_dir().join("tests/schemathesis.toml"))
        .args(["--no-color", "run", &format!("{url}/openapi.json"), "--header", &format!("Authorization: {TOKEN}")])
        .env("SCHEMATHESIS_HOOKS", project_dir().join("tests/schemathesis_texts.py"))
        .current_dir(place.path())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .unwrap();
    server.abort();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("generated"), "Schemathesis sent nothing:\n{said}");
}
