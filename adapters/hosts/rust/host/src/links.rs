//! Streams of messages between node processes: one per directed pair of nodes and lane, each on a
//! connection of its own, since on a shared one a heartbeat would wait behind an append.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::BytesMut;
use http::uri::PathAndQuery;
use tokio::sync::mpsc;
use tokio::time::{sleep, sleep_until};
use tonic::transport::Endpoint;
use tonic::{Request, Streaming};

use crate::codec::{MESSAGE_BYTES_MAX, RawCodec, WINDOW_BYTES};
use crate::config::{CONTRACT, Config};
use crate::counters::Counters;
use crate::outbox::{Burst, Frames, Outbox, RequestFrames};
use crate::wire::{bytes_bytes, number_bytes, open_message, put_bytes, put_number};

/// What may wait for a slow or absent peer; beyond it new messages are lost, and Raft repeats.
const UNSENT_BYTES_MAX: usize = 8 << 20;
const REOPEN_BACKOFF: Duration = Duration::from_millis(20);
const REOPEN_BACKOFF_MAX: Duration = Duration::from_millis(500);
const CONNECT_LIMIT: Duration = Duration::from_secs(2);

/// Votes and heartbeats do not wait behind entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lane {
    Control,
    Append,
}

pub struct Links {
    lanes: HashMap<(u32, Lane), Arc<OpenLane>>,
    counters: Arc<Counters>,
}

/// One lane to one peer.
struct OpenLane {
    /// Of the stream that is open, if one is.
    outbox: Mutex<Option<Arc<Outbox>>>,
    /// Where messages wait for as long as they are delayed; `None` when they are not.
    held: Option<mpsc::UnboundedSender<Held>>,
}

/// A message with the time at which it came, and the stream for which it was meant.
struct Held {
    since: Instant,
    outbox: Arc<Outbox>,
    message: BytesMut,
}

impl Links {
    /// Connects to all other nodes, and again whenever a stream ends.
    pub fn open(config: &Arc<Config>, counters: &Arc<Counters>) -> Arc<Self> {
        let others = config.nodes.iter().filter(|member| member.node != config.node);
        let delay = Duration::from_secs_f64(config.link_delay_ms / 1e3);
        let mut lanes = HashMap::new();
        for member in others {
            for lane in [Lane::Control, Lane::Append] {
                let held = (!delay.is_zero()).then(|| {
                    let (sender, held) = mpsc::unbounded_channel();
                    tokio::spawn(let_go(held, delay, counters.clone()));
                    sender
                });
                let open = Arc::new(OpenLane { outbox: Mutex::default(), held });
                lanes.insert((member.node, lane), open.clone());
                let (address, to) = (member.address.clone(), member.node);
                tokio::spawn(keep_open(open, lane, address, to, config.clone()));
            }
        }
        Arc::new(Links { lanes, counters: counters.clone() })
    }

    /// Queues a message; it goes with the burst. `false` when it is lost, because the peer is away
    /// or slow.
    pub fn send(&self, burst: &mut Burst, to: u32, lane: Lane, group: u32, payload: &[u8]) -> bool {
        self.send_with(burst, to, lane, group, payload.len(), |frame| {
            frame.extend_from_slice(payload);
        })
    }

    /// The same for a payload of `length` bytes that is written in place.
    pub fn send_with(
        &self,
        burst: &mut Burst,
        to: u32,
        lane: Lane,
        group: u32,
        length: usize,
        write: impl FnOnce(&mut BytesMut),
    ) -> bool {
        let Some(open) = self.lanes.get(&(to, lane)) else { return false };
        let Some(outbox) = open.outbox() else { return false };
        if outbox.is_gone() || outbox.queued_bytes() + length > UNSENT_BYTES_MAX {
            return false;
        }
        let bytes = number_bytes(group.into()) + bytes_bytes(length);
        let write_message = |to: &mut BytesMut| {
            to.reserve(bytes_bytes(bytes));
            open_message(to, 2, bytes);
            put_number(to, 1, group.into());
            open_message(to, 2, length);
            write(to);
        };
        self.counters.messages_sent.add(1);
        match &open.held {
            None => outbox.put(burst, bytes_bytes(bytes), write_message),
            Some(held) => {
                let mut message = BytesMut::new();
                write_message(&mut message);
                let _ = held.send(Held { since: Instant::now(), outbox, message });
            }
        }
        true
    }
}

impl OpenLane {
    fn outbox(&self) -> Option<Arc<Outbox>> {
        self.outbox.lock().expect("a panic ends the process").clone()
    }

    fn set(&self, outbox: Option<Arc<Outbox>>) {
        *self.outbox.lock().expect("a panic ends the process") = outbox;
    }
}

/// Hands messages on when they were held for long enough, in their order.
async fn let_go(mut held: mpsc::UnboundedReceiver<Held>, delay: Duration, counters: Arc<Counters>) {
    let mut burst = Burst::default();
    while let Some(Held { since, outbox, message }) = held.recv().await {
        if since.elapsed() < delay {
            burst.flush();
            sleep_until((since + delay).into()).await;
        }
        counters.link_delays.add(since.elapsed());
        outbox.put(&mut burst, message.len(), |frame| frame.extend_from_slice(&message));
        if held.is_empty() {
            burst.flush();
        }
    }
}

async fn keep_open(open: Arc<OpenLane>, lane: Lane, address: String, to: u32, config: Arc<Config>) {
    let mut backoff = REOPEN_BACKOFF;
    loop {
        if let Ok(mut answers) = open_stream(&open, lane, &address, to, &config).await {
            // One empty frame comes after our hello: the peer heard us, the next break is a new one.
            while let Ok(Some(_)) = answers.message().await {
                backoff = REOPEN_BACKOFF;
            }
        }
        open.set(None);
        sleep(backoff).await;
        backoff = (2 * backoff).min(REOPEN_BACKOFF_MAX);
    }
}

async fn open_stream(
    open: &OpenLane,
    lane: Lane,
    address: &str,
    to: u32,
    config: &Config,
) -> Result<Streaming<bytes::Bytes>, Box<dyn std::error::Error + Send + Sync>> {
    let channel = Endpoint::from_shared(format!("http://{address}"))?
        .connect_timeout(CONNECT_LIMIT)
        .tcp_nodelay(true)
        .initial_stream_window_size(WINDOW_BYTES)
        .initial_connection_window_size(WINDOW_BYTES)
        .connect()
        .await?;
    let outbox = Arc::new(Outbox::default());
    let mut burst = Burst::default();
    let mut hello = BytesMut::new();
    put_number(&mut hello, 1, CONTRACT.into());
    put_bytes(&mut hello, 2, config.run_id.as_bytes());
    put_number(&mut hello, 3, config.node.into());
    put_number(&mut hello, 4, to.into());
    outbox.put(&mut burst, hello.len(), |frame| put_bytes(frame, 1, &hello));
    burst.flush();
    let mut client = tonic::client::Grpc::new(channel)
        .max_decoding_message_size(MESSAGE_BYTES_MAX)
        .max_encoding_message_size(MESSAGE_BYTES_MAX);
    client.ready().await?;
    let path = match lane {
        Lane::Control => "/raftmark.v1.Peer/Control",
        Lane::Append => "/raftmark.v1.Peer/Append",
    };
    let frames = RequestFrames(Frames(outbox.clone()));
    open.set(Some(outbox));
    let path = PathAndQuery::from_static(path);
    Ok(client.streaming(Request::new(frames), path, RawCodec).await?.into_inner())
}
