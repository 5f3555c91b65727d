//! A function to deploy: a `bootstrap` in Python that speaks the Runtime API with the standard library alone.

use std::io::{Cursor, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Answers `{"version": AWS_LAMBDA_FUNCTION_VERSION, "label": LABEL, "event": …}`; an event with `"fail"` is an error.
pub const ECHO: &str = r#"#!/usr/bin/env python3
import json, os, urllib.request
base = "http://%s/2018-06-01/runtime/invocation" % os.environ["AWS_LAMBDA_RUNTIME_API"]
while True:
    with urllib.request.urlopen(base + "/next") as answer:
        request_id = answer.headers["Lambda-Runtime-Aws-Request-Id"]
        event = json.load(answer)
    if isinstance(event, dict) and event.get("fail"):
        path, body = "error", {"errorMessage": "asked to fail", "errorType": "Asked"}
    else:
        path, body = "response", {
            "version": os.environ["AWS_LAMBDA_FUNCTION_VERSION"], "label": os.environ.get("LABEL"), "event": event,
        }
    urllib.request.urlopen(urllib.request.Request("%s/%s/%s" % (base, request_id, path), json.dumps(body).encode(), method="POST"))
"#;

/// A deployment package with one executable `bootstrap`.
///
/// # Panics
/// Never: the archive is in memory.
pub fn zip_of(bootstrap: &str) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let written = archive
        .start_file("bootstrap", SimpleFileOptions::default().unix_permissions(0o755))
        .and_then(|()| archive.write_all(bootstrap.as_bytes()).map_err(Into::into))
        .and_then(|()| archive.finish());
    match written {
        Ok(bytes) => bytes.into_inner(),
        Err(error) => panic!("an archive in memory cannot be written: {error}"),
    }
}
