use std::collections::HashMap;
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf, BufMut, Bytes};
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::body::Body;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::server::{Grpc, NamedService, StreamingService};
use tonic::{Request, Response, Status, Streaming};

use crate::log::{code, Log, Outcome};
use crate::wire::{put_bytes, put_number, put_varint, read_fields, read_message, Message, Value};

pub const CONTRACT: u64 = 1;
const MESSAGE_BYTES_MAX: usize = 64 << 20;

/// What the harness tells a node; see handshake.md for the keys that are not used yet.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Config {
    pub contract: u64,
    pub run_id: String,
    pub node: u64,
    pub listen: String,
    pub nodes: Vec<Member>,
    pub groups: Vec<u64>,
    pub first_leader: u64,
    pub batch_bytes_max: usize,
}

#[derive(Deserialize)]
pub struct Member {
    pub node: u64,
}

pub struct Node {
    config: Config,
    logs: HashMap<u64, Log>,
    frames: AtomicU64,
    requests: AtomicU64,
    produced: AtomicU64,
}

type Answers = mpsc::Sender<Result<Bytes, Status>>;

impl Node {
    pub fn new(config: Config) -> Self {
        let logs = config.groups.iter().map(|group| (*group, Log::new())).collect();
        let (frames, requests, produced) = Default::default();
        Node { config, logs, frames, requests, produced }
    }

    fn leads(&self) -> bool {
        self.config.node == self.config.first_leader
    }

    async fn serve(self: Arc<Self>, method: &str, stream: Streaming<Bytes>, answers: Answers) {
        let ended = match method {
            "Produce" => self.produce(stream, &answers).await,
            "Fetch" => self.fetch(stream, &answers).await,
            "Watch" => self.watch(&answers).await,
            "Counters" => self.counters(&answers).await,
            _ => Err(Status::unimplemented("UNSUPPORTED: not offered by this node")),
        };
        if let Err(status) = ended {
            let _ = answers.send(Err(status)).await;
        }
    }

    /// Reads a frame, with the checks that every stream needs; `None` when there are no more.
    async fn next(
        &self,
        stream: &mut Streaming<Bytes>,
        allowed: &mut Option<Message>,
        unanswered: u64,
    ) -> Result<Option<Vec<Message>>, Status> {
        let Ok(Some(frame)) = stream.message().await else {
            return Ok(None);
        };
        let mut hello = None;
        let mut requests = Vec::new();
        let read = read_fields(&frame, |field, value| {
            match value {
                Value::Bytes(bytes) if field == 1 => hello = Some(read_message(&bytes)?),
                Value::Bytes(bytes) if field == 2 => requests.push(read_message(&bytes)?),
                _ => (),
            }
            Some(())
        });
        read.ok_or_else(|| Status::invalid_argument("no frame of the contract"))?;
        if allowed.is_none() {
            let is_ours = |hello: &Message| {
                hello.numbers[1] == CONTRACT && hello.bytes[2] == self.config.run_id.as_bytes()
            };
            *allowed = hello.filter(is_ours);
        }
        let Some(hello) = allowed else {
            let run = &self.config.run_id;
            let reason = format!("this node serves contract {CONTRACT} in run {run}");
            return Err(Status::failed_precondition(reason));
        };
        let bytes: u64 = requests.iter().map(|request| request.bytes[5].len() as u64).sum();
        if unanswered + requests.len() as u64 > hello.numbers[3] || bytes > hello.numbers[4] {
            return Err(Status::resource_exhausted("window overrun"));
        }
        self.frames.fetch_add(1, Relaxed);
        self.requests.fetch_add(requests.len() as u64, Relaxed);
        Ok(Some(requests))
    }

    async fn produce(&self, mut stream: Streaming<Bytes>, answers: &Answers) -> Result<(), Status> {
        let mut allowed = None;
        while let Some(requests) = self.next(&mut stream, &mut allowed, 0).await? {
            let mut frame = Vec::new();
            for request in &requests {
                put_bytes(&mut frame, 1, &self.produce_one(request).await);
            }
            if !frame.is_empty() && answers.send(Ok(frame.into())).await.is_err() {
                break;
            }
        }
        Ok(())
    }

    async fn produce_one(&self, request: &Message) -> Vec<u8> {
        let batch = &request.bytes[5];
        let refused = |code| Outcome { code, ..Outcome::default() };
        let outcome = match self.logs.get(&request.numbers[2]) {
            None => refused(code::UNKNOWN_PARTITION),
            Some(_) if batch.len() > self.config.batch_bytes_max => refused(code::BATCH_TOO_LARGE),
            Some(_) if !self.leads() => refused(code::NOT_LEADER),
            Some(log) => {
                self.produced.fetch_add(1, Relaxed);
                log.propose(batch).await
            }
        };
        let mut answer = Vec::new();
        put_number(&mut answer, 1, request.numbers[1]);
        put_number(&mut answer, 2, outcome.code);
        put_number(&mut answer, 3, outcome.base_offset);
        put_number(&mut answer, 4, outcome.term);
        put_number(&mut answer, 5, outcome.index);
        put_number(&mut answer, 6, self.config.first_leader);
        answer
    }

    async fn fetch(
        self: &Arc<Self>,
        mut stream: Streaming<Bytes>,
        answers: &Answers,
    ) -> Result<(), Status> {
        let mut allowed = None;
        let unanswered = Arc::new(AtomicU64::new(0));
        while let Some(requests) =
            self.next(&mut stream, &mut allowed, unanswered.load(Relaxed)).await?
        {
            for request in requests {
                // A fetch may wait for records: the others go on meanwhile.
                let (node, answers, unanswered) =
                    (self.clone(), answers.clone(), unanswered.clone());
                unanswered.fetch_add(1, Relaxed);
                tokio::spawn(async move {
                    let answer = node.fetch_one(&request).await;
                    let mut frame = Vec::with_capacity(answer.len() + 8);
                    put_bytes(&mut frame, 1, &answer);
                    unanswered.fetch_sub(1, Relaxed);
                    let _ = answers.send(Ok(frame.into())).await;
                });
            }
        }
        Ok(())
    }

    async fn fetch_one(&self, request: &Message) -> Vec<u8> {
        let [_, id, partition, offset, _, bytes_max, wait_ms, ..] = request.numbers;
        let mut answer = Vec::new();
        put_number(&mut answer, 1, id);
        let Some(log) = self.logs.get(&partition) else {
            put_number(&mut answer, 2, code::UNKNOWN_PARTITION);
            return answer;
        };
        if offset == log.end() && wait_ms > 0 {
            let mut follow = log.follow();
            let grown = follow.wait_for(|end| *end > offset);
            let _ = tokio::time::timeout(Duration::from_millis(wait_ms), grown).await;
        }
        let end = log.end();
        put_number(&mut answer, 2, if offset > end { code::OFFSET_OUT_OF_RANGE } else { code::OK });
        put_number(&mut answer, 4, end);
        for batch in log.read(offset, bytes_max) {
            put_bytes(&mut answer, 5, &batch);
        }
        put_number(&mut answer, 6, self.config.first_leader);
        answer
    }

    /// Tells the state of every group; without a Raft nothing ever changes.
    async fn watch(&self, answers: &Answers) -> Result<(), Status> {
        let mut members = Vec::new();
        for member in &self.config.nodes {
            put_varint(&mut members, member.node);
        }
        for (group, log) in &self.logs {
            let index = log.last_index() + 1;
            let mut state = Vec::new();
            put_number(&mut state, 1, *group);
            put_number(&mut state, 2, 1);
            put_number(&mut state, 3, if self.leads() { 3 } else { 0 });
            put_number(&mut state, 4, self.config.first_leader);
            put_bytes(&mut state, 5, &members);
            put_number(&mut state, 6, index);
            put_number(&mut state, 7, index);
            put_number(&mut state, 8, log.end());
            let _ = answers.send(Ok(state.into())).await;
        }
        answers.closed().await;
        Ok(())
    }

    async fn counters(&self, answers: &Answers) -> Result<(), Status> {
        let mut reply = Vec::new();
        put_number(&mut reply, 4, self.produced.load(Relaxed));
        put_number(&mut reply, 9, self.frames.load(Relaxed));
        put_number(&mut reply, 10, self.requests.load(Relaxed));
        let _ = answers.send(Ok(reply.into())).await;
        Ok(())
    }
}

/// A service of the contract: `Log` when `IS_LOG`, else `Node`. Every call is served as a stream of
/// raw messages, which a unary call is a case of.
#[derive(Clone)]
pub struct Service<const IS_LOG: bool>(pub Arc<Node>);

impl NamedService for Service<true> {
    const NAME: &'static str = "raftmark.v1.Log";
}

impl NamedService for Service<false> {
    const NAME: &'static str = "raftmark.v1.Node";
}

type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

impl<const IS_LOG: bool> tower_service::Service<http::Request<Body>> for Service<IS_LOG> {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let method = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
        let call = Call { node: self.0.clone(), method };
        Box::pin(async move {
            let limits = (Some(MESSAGE_BYTES_MAX), Some(MESSAGE_BYTES_MAX));
            let mut grpc = Grpc::new(RawCodec).apply_max_message_size_config(limits.0, limits.1);
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
    type ResponseStream = ReceiverStream<Result<Bytes, Status>>;
    type Future = BoxFuture<Result<Response<Self::ResponseStream>, Status>>;

    fn call(&mut self, request: Request<Streaming<Bytes>>) -> Self::Future {
        let (node, method) = (self.node.clone(), self.method.clone());
        Box::pin(async move {
            let (answers, frames) = mpsc::channel(256);
            let stream = request.into_inner();
            tokio::spawn(async move { node.serve(&method, stream, answers).await });
            Ok(Response::new(ReceiverStream::new(frames)))
        })
    }
}

/// Hands frames on as bytes: `wire` reads and writes them.
#[derive(Clone, Copy, Default)]
struct RawCodec;

impl Codec for RawCodec {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = RawCodec;
    type Decoder = RawCodec;

    fn encoder(&mut self) -> RawCodec {
        RawCodec
    }

    fn decoder(&mut self) -> RawCodec {
        RawCodec
    }
}

impl Encoder for RawCodec {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, to: &mut EncodeBuf<'_>) -> Result<(), Status> {
        to.put(item);
        Ok(())
    }
}

impl Decoder for RawCodec {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(from.copy_to_bytes(from.remaining())))
    }
}
