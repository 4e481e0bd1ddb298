//! A node of raftmark in Rust. What a node must do stands in handshake.md, and
//! `raftmark adapter check DIR` holds it to that.

mod contract;
mod log;
mod wire;

use std::io::ErrorKind;
use std::process::exit;
use std::sync::Arc;

use contract::{Config, Node, Service, CONTRACT};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::signal::unix::{signal, SignalKind};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::Server;

#[tokio::main]
async fn main() {
    let config = read_config().unwrap_or_else(|reason| fail(2, &reason));
    let listen = config.listen.clone();
    let listener = TcpListener::bind(&listen).await.unwrap_or_else(|error| {
        fail(if error.kind() == ErrorKind::AddrInUse { 98 } else { 2 }, &error.to_string())
    });
    let mut terminated = signal(SignalKind::terminate()).expect("signals are there");
    let node = Arc::new(Node::new(config));
    let serving = Server::builder()
        .initial_stream_window_size(4 << 20)
        .initial_connection_window_size(4 << 20)
        .tcp_nodelay(true)
        .add_service(Service::<true>(node.clone()))
        .add_service(Service::<false>(node))
        .serve_with_incoming(TcpListenerStream::new(listener));
    println!("{{\"raftmark\":{CONTRACT},\"address\":\"{listen}\"}}");
    tokio::select! {
        served = serving => fail(70, &format!("the server ended: {served:?}")),
        () = input_ends() => exit(0),
        _ = terminated.recv() => exit(0),
    }
}

fn read_config() -> Result<Config, String> {
    let path = std::env::args().nth(1).ok_or("usage: node CONFIG.json")?;
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let config: Config = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    if config.contract != CONTRACT {
        return Err(format!("contract {} is not spoken here, but {CONTRACT}", config.contract));
    }
    Ok(config)
}

async fn input_ends() {
    let mut rest = Vec::new();
    let _ = tokio::io::stdin().read_to_end(&mut rest).await;
}

fn fail(code: i32, reason: &str) -> ! {
    eprintln!("{reason}");
    exit(code)
}
