//! One node's side of the contract, over gRPC.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use tokio::sync::watch;
use tonic::body::Body;
use tonic::server::{Grpc, NamedService, StreamingService};
use tonic::{Request, Response, Status as Refusal, Streaming};

use crate::answer::{Answer, ClientStream, Fetch, Fetched, Produced, Proposal};
use crate::batch::Header;
use crate::code::Code;
use crate::codec::{MESSAGE_BYTES_MAX, RawCodec};
use crate::config::{CONTRACT, Config};
use crate::counters::Counters;
use crate::frames::{
    FetchRequest, Hello, PeerHello, Produce, read_fetch, read_numbers, read_peer, read_produce,
};
use crate::group::{BoxFuture, Event, Group, Standing, Status};
use crate::outbox::{Burst, Frames, Outbox};
use crate::wire::{Fault, number_bytes, open_message, put_number, put_varint};

pub struct Node {
    pub config: Arc<Config>,
    pub groups: HashMap<u32, Arc<dyn Group>>,
    pub counters: Arc<Counters>,
}

type Ended = Result<(), Refusal>;

impl Node {
    async fn serve(self: Arc<Self>, method: &str, stream: Streaming<Bytes>, answers: Arc<Outbox>) {
        let ended = match method {
            "/raftmark.v1.Log/Produce" => self.produce(stream, &answers).await,
            "/raftmark.v1.Log/Fetch" => self.fetch(stream, &answers).await,
            "/raftmark.v1.Peer/Control" | "/raftmark.v1.Peer/Append" => {
                self.peer(stream, &answers).await
            }
            "/raftmark.v1.Node/Watch" => self.watch(&answers).await,
            "/raftmark.v1.Node/Counters" => {
                send(&answers, &self.counters.encode());
                Ok(())
            }
            "/raftmark.v1.Node/ReadBack" => self.read_back(stream, &answers).await,
            "/raftmark.v1.Node/Transfer" => self.transfer(stream, &answers).await,
            _ => Err(unsupported()),
        };
        answers.end(ended.err());
    }

    async fn produce(&self, mut stream: Streaming<Bytes>, answers: &Arc<Outbox>) -> Ended {
        let client = client_of(answers);
        let mut window = Window::default();
        let mut requests = Vec::new();
        let mut events = Events::default();
        let mut burst = Burst::default();
        while let Ok(Some(frame)) = stream.message().await {
            let hello = read_produce(&frame, &mut requests).map_err(malformed)?;
            window.greet(hello, &self.config)?;
            self.received(requests.len());
            let now = Instant::now();
            for request in requests.drain(..) {
                window.admit(&client, request.batch.len() as u64)?;
                let batch_bytes = request.batch.len() as u64;
                let answer = Answer::to_produce(&client, request.id, batch_bytes);
                match self.refusal_of(&request) {
                    Some(code) => answer.produced(&mut burst, Produced::refused(code, 0, 0)),
                    None => {
                        let deadline = now + Duration::from_millis(request.timeout_ms.into());
                        let proposal = Proposal { batch: request.batch, deadline, answer };
                        events.add(request.partition, Event::Propose(proposal));
                    }
                }
            }
            burst.flush();
            events.deliver(&self.groups);
        }
        Ok(())
    }

    /// Why a batch is refused before any group sees it.
    fn refusal_of(&self, request: &Produce) -> Option<Code> {
        if !self.groups.contains_key(&request.partition) {
            return Some(Code::UnknownPartition);
        }
        if request.batch.len() > self.config.batch_bytes_max {
            return Some(Code::BatchTooLarge);
        }
        if Header::of(&request.batch).is_none() {
            return Some(Code::CorruptBatch);
        }
        // What a leader alone has, no library tells.
        request.acks_leader.then_some(Code::Unsupported)
    }

    async fn fetch(&self, mut stream: Streaming<Bytes>, answers: &Arc<Outbox>) -> Ended {
        let client = client_of(answers);
        let mut window = Window::default();
        let mut requests = Vec::new();
        let mut events = Events::default();
        let mut burst = Burst::default();
        while let Ok(Some(frame)) = stream.message().await {
            let hello = read_fetch(&frame, &mut requests).map_err(malformed)?;
            window.greet(hello, &self.config)?;
            self.received(requests.len());
            let now = Instant::now();
            for request in requests.drain(..) {
                window.admit(&client, 0)?;
                let answer = Answer::to_fetch(&client, request.id);
                let FetchRequest { partition, offset, consistency, .. } = request;
                if self.groups.contains_key(&partition) {
                    let bytes_max = request.max_bytes as usize;
                    let deadline = now + Duration::from_millis(request.max_wait_ms.into());
                    let fetch = Fetch { offset, consistency, bytes_max, deadline, answer };
                    events.add(partition, Event::Fetch(fetch));
                } else {
                    let code = Code::UnknownPartition;
                    let batches = Vec::new();
                    let fetched = Fetched { code, high_watermark: 0, batches, leader: 0 };
                    answer.fetched(&mut burst, &fetched);
                }
            }
            burst.flush();
            events.deliver(&self.groups);
        }
        Ok(())
    }

    async fn peer(&self, mut stream: Streaming<Bytes>, answers: &Arc<Outbox>) -> Ended {
        let mut peer = 0;
        let mut messages = Vec::new();
        let mut events = Events::default();
        while let Ok(Some(frame)) = stream.message().await {
            let hello = read_peer(&frame, &mut messages).map_err(malformed)?;
            if peer == 0 {
                peer = self.greet_peer(hello)?;
                send(answers, &Bytes::new());
            }
            for message in messages.drain(..) {
                if self.groups.contains_key(&message.group) {
                    let event = Event::Message { from: peer, payload: message.payload };
                    events.add(message.group, event);
                }
            }
            events.deliver(&self.groups);
        }
        Ok(())
    }

    fn greet_peer(&self, hello: Option<PeerHello>) -> Result<u32, Refusal> {
        let refused = |why: String| Err(Refusal::failed_precondition(why));
        let Some(hello) = hello else {
            return refused("the first frame has no hello".to_owned());
        };
        check_hello(hello.contract, &hello.run_id, &self.config)?;
        if hello.to == self.config.node {
            Ok(hello.from)
        } else {
            refused(format!("this is node {}, not {}", self.config.node, hello.to))
        }
    }

    /// The state of every group now, then each change.
    async fn watch(self: &Arc<Self>, answers: &Arc<Outbox>) -> Ended {
        let watches: Vec<_> = self
            .groups
            .iter()
            .map(|(group, handle)| {
                let mut standing = handle.status().standing.subscribe();
                standing.mark_changed();
                tokio::spawn(self.clone().tell(
                    *group,
                    handle.status().clone(),
                    standing,
                    answers.clone(),
                ))
            })
            .collect();
        for watch in watches {
            let _ = watch.await;
        }
        Ok(())
    }

    async fn tell(
        self: Arc<Self>,
        group: u32,
        status: Arc<Status>,
        mut changes: watch::Receiver<Standing>,
        answers: Arc<Outbox>,
    ) {
        while changes.changed().await.is_ok() && !answers.is_gone() {
            let standing = changes.borrow_and_update().clone();
            send(&answers, &self.encode_state(group, &standing, &status));
        }
    }

    fn encode_state(&self, group: u32, standing: &Standing, status: &Status) -> Bytes {
        let mut state = BytesMut::new();
        put_number(&mut state, 1, group.into());
        put_number(&mut state, 2, standing.term);
        put_number(&mut state, 3, standing.role as u64);
        put_number(&mut state, 4, standing.leader.into());
        let mut members = BytesMut::new();
        for member in self.config.voters() {
            put_varint(&mut members, member.into());
        }
        open_message(&mut state, 5, members.len());
        state.extend_from_slice(&members);
        for (field, value) in (6..).zip(status.reached()) {
            put_number(&mut state, field, value);
        }
        if !standing.failure.is_empty() {
            open_message(&mut state, 9, standing.failure.len());
            state.extend_from_slice(standing.failure.as_bytes());
        }
        state.freeze()
    }

    async fn read_back(&self, mut stream: Streaming<Bytes>, answers: &Arc<Outbox>) -> Ended {
        let [group, _] = first_numbers(&mut stream).await?;
        let mut start = 1;
        loop {
            let read = self.groups.get(&group).and_then(|handle| handle.read_back(start));
            let entries = read.ok_or_else(unsupported)?.await.map_err(Refusal::internal)?;
            let Some(last) = entries.last() else { return Ok(()) };
            start = last.index + 1;
            for entry in entries {
                let crc = crc32c::crc32c(&entry.payload);
                let mut message = BytesMut::with_capacity(number_bytes(entry.index) + 16);
                put_number(&mut message, 1, entry.index);
                put_number(&mut message, 2, entry.term);
                put_number(&mut message, 3, crc.into());
                send(answers, &message.freeze());
            }
        }
    }

    async fn transfer(&self, mut stream: Streaming<Bytes>, answers: &Arc<Outbox>) -> Ended {
        let [group, to] = first_numbers(&mut stream).await?;
        let transfer = self.groups.get(&group).and_then(|handle| handle.transfer(to));
        let code = transfer.ok_or_else(unsupported)?.await;
        let mut reply = BytesMut::new();
        put_number(&mut reply, 1, code as u64);
        send(answers, &reply.freeze());
        Ok(())
    }

    fn received(&self, requests: usize) {
        self.counters.frames_received.add(1);
        self.counters.requests_received.add(requests as u64);
    }
}

/// What a frame brought, by group, so that each group learns of it at once.
#[derive(Default)]
struct Events(Vec<(u32, Vec<Event>)>);

impl Events {
    fn add(&mut self, group: u32, event: Event) {
        match self.0.iter_mut().find(|(other, _)| *other == group) {
            Some((_, events)) => events.push(event),
            None => self.0.push((group, vec![event])),
        }
    }

    fn deliver(&mut self, groups: &HashMap<u32, Arc<dyn Group>>) {
        for (group, mut events) in self.0.drain(..) {
            groups[&group].take(&mut events);
        }
    }
}

/// What a client said of itself on one stream.
#[derive(Default)]
struct Window {
    hello: Option<Hello>,
}

impl Window {
    fn greet(&mut self, hello: Option<Hello>, config: &Config) -> Result<(), Refusal> {
        match (&self.hello, hello) {
            (Some(_), None) => Ok(()),
            (Some(_), Some(_)) => Err(Refusal::failed_precondition("a second hello")),
            (None, None) => Err(Refusal::failed_precondition("the first frame has no hello")),
            (None, Some(hello)) => {
                check_hello(hello.contract, &hello.run_id, config)?;
                self.hello = Some(hello);
                Ok(())
            }
        }
    }

    /// Counts a request against what the client said it would have unanswered.
    fn admit(&self, client: &ClientStream, bytes: u64) -> Result<(), Refusal> {
        let hello = self.hello.as_ref().expect("a stream is greeted first");
        let requests = client.requests.fetch_add(1, Relaxed) + 1;
        let bytes = client.bytes.fetch_add(bytes, Relaxed) + bytes;
        let overrun = |what: String| Err(Refusal::resource_exhausted(what));
        if requests > hello.window_requests.into() {
            let allowed = hello.window_requests;
            return overrun(format!("window overrun: more than {allowed} requests unanswered"));
        }
        if bytes > hello.window_bytes.into() {
            let allowed = hello.window_bytes;
            return overrun(format!("window overrun: more than {allowed} bytes unanswered"));
        }
        Ok(())
    }
}

fn client_of(answers: &Arc<Outbox>) -> Arc<ClientStream> {
    Arc::new(ClientStream { outbox: answers.clone(), ..ClientStream::default() })
}

fn check_hello(contract: u32, run_id: &[u8], config: &Config) -> Result<(), Refusal> {
    if contract != CONTRACT {
        let why = format!("contract {contract} is not spoken here, but {CONTRACT}");
        return Err(Refusal::failed_precondition(why));
    }
    if run_id != config.run_id.as_bytes() {
        let given = String::from_utf8_lossy(run_id);
        let why = format!("this node belongs to run {}, not {given}", config.run_id);
        return Err(Refusal::failed_precondition(why));
    }
    Ok(())
}

async fn first_numbers(stream: &mut Streaming<Bytes>) -> Result<[u32; 2], Refusal> {
    let message = stream.message().await?.unwrap_or_default();
    read_numbers(&message).map_err(malformed)
}

/// A message of its own: it must not share a frame.
fn send(answers: &Arc<Outbox>, message: &Bytes) {
    answers.put_frame(message.clone());
}

fn malformed(fault: Fault) -> Refusal {
    Refusal::invalid_argument(format!("{} at byte {}", fault.fault, fault.byte))
}

fn unsupported() -> Refusal {
    Refusal::unimplemented("UNSUPPORTED: not offered by this node")
}

/// One of the contract's services. Every call is served as a stream of raw messages, which a unary
/// call is a case of.
#[derive(Clone)]
pub struct Service<const NAME: usize>(pub Arc<Node>);

pub const LOG: usize = 0;
pub const NODE: usize = 1;
pub const PEER: usize = 2;

impl NamedService for Service<LOG> {
    const NAME: &'static str = "raftmark.v1.Log";
}

impl NamedService for Service<NODE> {
    const NAME: &'static str = "raftmark.v1.Node";
}

impl NamedService for Service<PEER> {
    const NAME: &'static str = "raftmark.v1.Peer";
}

impl<const NAME: usize> tower_service::Service<http::Request<Body>> for Service<NAME> {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let method = request.uri().path().to_owned();
        let call = Call { node: self.0.clone(), method };
        Box::pin(async move {
            let limit = Some(MESSAGE_BYTES_MAX);
            let mut grpc = Grpc::new(RawCodec).apply_max_message_size_config(limit, limit);
            Ok(grpc.streaming(call, request).await)
        })
    }
}

struct Call {
    node: Arc<Node>,
    method: String,
}

impl StreamingService<Bytes> for Call {
    type Response = Bytes;
    type ResponseStream = Frames;
    type Future = BoxFuture<Result<Response<Frames>, Refusal>>;

    fn call(&mut self, request: Request<Streaming<Bytes>>) -> Self::Future {
        let (node, method) = (self.node.clone(), self.method.clone());
        Box::pin(async move {
            let answers = Arc::new(Outbox::default());
            let frames = Frames(answers.clone());
            let stream = request.into_inner();
            tokio::spawn(async move { node.serve(&method, stream, answers).await });
            Ok(Response::new(frames))
        })
    }
}
