//! A server whose every answer takes 50 ms.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;
use axum::Router;
use axum::routing::get;
use tokio::net::TcpListener;

/// Serves until the process ends.
pub async fn serve() -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let answer = || async { tokio::time::sleep(Duration::from_millis(50)).await };
    tokio::spawn(axum::serve(listener, Router::new().route("/", get(answer))).into_future());
    Ok(address)
}
