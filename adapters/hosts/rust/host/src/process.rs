//! How a node's process starts, serves and ends; see handshake.md.

use std::io::ErrorKind;
use std::process::exit;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::timeout;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::Server;

use crate::codec::WINDOW_BYTES;
use crate::config::{CONTRACT, Config};
use crate::counters::Counters;
use crate::group::{Library, Parts};
use crate::links::Links;
use crate::server::{LOG, NODE, Node, PEER, Service};
use crate::store;

/// From the order to end until the process is gone, whatever its stores do.
const CLOSE_LIMIT: Duration = Duration::from_secs(3);
const EXIT_MISTAKE: i32 = 2;
const EXIT_BUG: i32 = 70;
const EXIT_PORT_TAKEN: i32 = 98;

/// Runs one node of `library`, with the configuration that the last argument names, until it is
/// told to end.
pub fn run(library: impl Library) -> ! {
    std::panic::set_hook(Box::new(|panic| fail(EXIT_BUG, &panic.to_string())));
    die_with_parent();
    let config = read_config(&library).unwrap_or_else(|reason| fail(EXIT_MISTAKE, &reason));
    let mut builder = match config.threads {
        1 => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    };
    let runtime = builder.worker_threads(config.threads).enable_all().build();
    let runtime = runtime.unwrap_or_else(|error| fail(EXIT_MISTAKE, &error.to_string()));
    runtime.block_on(serve(&library, Arc::new(config)))
}

async fn serve(library: &impl Library, config: Arc<Config>) -> ! {
    let listener = TcpListener::bind(&config.listen).await.unwrap_or_else(|error| {
        let is_taken = error.kind() == ErrorKind::AddrInUse;
        let reason = format!("{}: {error}", config.listen);
        fail(if is_taken { EXIT_PORT_TAKEN } else { EXIT_MISTAKE }, &reason)
    });
    let mut terminated = signal(SignalKind::terminate()).expect("the runtime has signals");
    let mut interrupted = signal(SignalKind::interrupt()).expect("the runtime has signals");
    let address = listener.local_addr().expect("a listener has an address");
    let (node, is_new) =
        open_node(library, &config).await.unwrap_or_else(|reason| fail(EXIT_MISTAKE, &reason));
    let serving = Server::builder()
        .initial_stream_window_size(WINDOW_BYTES)
        .initial_connection_window_size(WINDOW_BYTES)
        .tcp_nodelay(true)
        .add_service(Service::<LOG>(node.clone()))
        .add_service(Service::<NODE>(node.clone()))
        .add_service(Service::<PEER>(node.clone()))
        .serve_with_incoming(TcpListenerStream::new(listener));
    if is_new && config.node == config.first_leader {
        node.groups.values().for_each(|group| group.campaign());
    }
    println!("{{\"raftmark\":{CONTRACT},\"address\":\"{address}\"}}");
    tokio::select! {
        served = serving => fail(EXIT_BUG, &format!("the server ended: {served:?}")),
        () = input_ends() => (),
        _ = terminated.recv() => (),
        _ = interrupted.recv() => (),
    }
    close(&node).await
}

async fn open_node(
    library: &impl Library,
    config: &Arc<Config>,
) -> Result<(Arc<Node>, bool), String> {
    let counters = Arc::new(Counters::default());
    let mut stores = Vec::new();
    for group in &config.groups {
        let store = match library.has_store() {
            true => Some(store::open(config, *group, &counters)?),
            false => None,
        };
        stores.push((*group, store));
    }
    let is_empty =
        |store: &dyn store::Store| store.last_index() == 0 && store.hard_state().term == 0;
    let is_new = stores.iter().all(|(_, store)| store.as_deref().is_none_or(is_empty));
    let links = Links::open(config, &counters);
    let mut groups = std::collections::HashMap::new();
    for (group, store) in stores {
        let (config, links, counters) = (config.clone(), links.clone(), counters.clone());
        let parts = Parts { config, group, store, links, counters };
        groups.insert(group, library.open(parts).await?);
    }
    Ok((Arc::new(Node { config: config.clone(), groups, counters }), is_new))
}

async fn close(node: &Node) -> ! {
    let closing = async {
        for group in node.groups.values() {
            group.close().await?;
        }
        Ok::<(), String>(())
    };
    match timeout(CLOSE_LIMIT, closing).await {
        Ok(Ok(())) => exit(0),
        Ok(Err(reason)) => fail(EXIT_BUG, &format!("a store did not close: {reason}")),
        Err(_) => fail(EXIT_BUG, "a store did not close within 3 s"),
    }
}

fn read_config(library: &impl Library) -> Result<Config, String> {
    let path = std::env::args().nth(1).ok_or("usage: node CONFIG.json")?;
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    let config = Config::read(&text).map_err(|fault| format!("{path}: {fault}"))?;
    library.check(&config).map_err(|fault| format!("{path}: {fault}"))?;
    Ok(config)
}

async fn input_ends() {
    let mut rest = Vec::new();
    let _ = tokio::io::stdin().read_to_end(&mut rest).await;
}

/// A parent that is killed closes our input as well, but somebody else may hold its other end.
#[cfg(target_os = "linux")]
fn die_with_parent() {
    // SAFETY: prctl with PR_SET_PDEATHSIG takes a signal number and touches no memory.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
}

#[cfg(not(target_os = "linux"))]
fn die_with_parent() {}

fn fail(code: i32, reason: &str) -> ! {
    eprintln!("raftmark node: {reason}");
    exit(code)
}
