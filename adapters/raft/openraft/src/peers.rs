//! Both directions of what nodes say to each other: answers find who waits for them, and requests
//! of a peer find the library, appends in their order.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use openraft::Raft;
use openraft::raft::{AppendEntriesRequest, StreamAppendError, TransferLeaderRequest, VoteRequest};
use raftmark_host::links::{Lane, Links};
use raftmark_host::outbox::Burst;
use raftmark_openraft_messages::{Message, Outcome};
use tokio::sync::{mpsc, oneshot};
use tokio_stream::StreamExt;
use tokio_stream::wrappers::UnboundedReceiverStream;

use crate::machine::Machine;
use crate::types::{Types, of_place, of_vote, to_entry, to_place, to_vote};

pub struct Peers {
    links: Arc<Links>,
    group: u32,
    last_id: AtomicU64,
    waiting: Mutex<Waiting>,
    /// The session of each peer and lane that is served here.
    served: Mutex<HashMap<(u64, u64), Served>>,
}

#[derive(Default)]
struct Waiting {
    replies: HashMap<u64, oneshot::Sender<Message>>,
    sessions: HashMap<u64, mpsc::UnboundedSender<(u64, Outcome)>>,
}

type Numbered = (u64, AppendEntriesRequest<Types>);

struct Served {
    requests: mpsc::UnboundedSender<Numbered>,
}

impl Peers {
    pub fn new(links: Arc<Links>, group: u32) -> Arc<Self> {
        Arc::new(Peers {
            links,
            group,
            last_id: AtomicU64::new(0),
            waiting: Mutex::default(),
            served: Mutex::default(),
        })
    }

    /// `false` when it is lost, because the peer is away.
    pub fn send(&self, burst: &mut Burst, to: u64, lane: Lane, message: &Message) -> bool {
        self.links.send(burst, to as u32, lane, self.group, &message.encode())
    }

    pub fn send_now(&self, to: u64, lane: Lane, message: &Message) -> bool {
        let mut burst = Burst::default();
        let is_sent = self.send(&mut burst, to, lane, message);
        burst.flush();
        is_sent
    }

    pub fn expect_reply(&self) -> (u64, oneshot::Receiver<Message>) {
        let (sender, receiver) = oneshot::channel();
        let id = self.next_id();
        let mut waiting = self.lock();
        waiting.replies.retain(|_, other| !other.is_closed());
        waiting.replies.insert(id, sender);
        (id, receiver)
    }

    pub fn open_session(&self) -> (u64, mpsc::UnboundedReceiver<(u64, Outcome)>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let id = self.next_id();
        self.lock().sessions.insert(id, sender);
        (id, receiver)
    }

    pub fn close_session(&self, session: u64) {
        self.lock().sessions.remove(&session);
    }

    /// Takes a message of a peer.
    pub fn receive(self: &Arc<Self>, raft: &Raft<Types, Machine>, from: u32, payload: Bytes) {
        let from = u64::from(from);
        match Message::decode(payload) {
            Message::Appended { session, number, outcome } => {
                if let Some(waiter) = self.lock().sessions.get(&session) {
                    let _ = waiter.send((number, outcome));
                }
            }
            message @ (Message::Voted { id, .. } | Message::Transferred { id, .. }) => {
                if let Some(waiter) = self.lock().replies.remove(&id) {
                    let _ = waiter.send(message);
                }
            }
            Message::Append { session, number, vote, previous, commit, entries } => {
                let request = AppendEntriesRequest {
                    vote: to_vote(vote),
                    prev_log_id: previous.map(to_place),
                    leader_commit: commit.map(to_place),
                    entries: entries.into_iter().map(to_entry).collect(),
                };
                self.append(raft, (from, session), (number, request));
            }
            Message::Ask { id, vote, last, is_pre_vote, is_transfer } => {
                let mut request = VoteRequest::new(to_vote(vote), last.map(to_place));
                request.leadership_transfer = is_transfer;
                tokio::spawn(self.clone().vote(raft.clone(), from, id, request, is_pre_vote));
            }
            Message::Transfer { id, vote, to, last } => {
                let request = TransferLeaderRequest::new(to_vote(vote), to, last.map(to_place));
                tokio::spawn(self.clone().take_over(raft.clone(), from, id, request));
            }
        }
    }

    async fn vote(
        self: Arc<Self>,
        raft: Raft<Types, Machine>,
        from: u64,
        id: u64,
        request: VoteRequest<Types>,
        is_pre_vote: bool,
    ) {
        let voted =
            if is_pre_vote { raft.pre_vote(request).await } else { raft.vote(request).await };
        // A library that has stopped answers nothing: its peer's call runs into its limit.
        let Ok(response) = voted else { return };
        let (vote, last) = (of_vote(&response.vote), of_place(&response.last_log_id));
        let is_granted = response.vote_granted;
        self.send_now(from, Lane::Control, &Message::Voted { id, vote, last, is_granted });
    }

    async fn take_over(
        self: Arc<Self>,
        raft: Raft<Types, Machine>,
        from: u64,
        id: u64,
        request: TransferLeaderRequest<Types>,
    ) {
        let is_taken = matches!(raft.handle_transfer_leader(request).await, Ok(Ok(())));
        self.send_now(from, Lane::Control, &Message::Transferred { id, is_taken });
    }

    /// A new session of a peer has a stream of its own; one that ended takes no more.
    fn append(self: &Arc<Self>, raft: &Raft<Types, Machine>, key: (u64, u64), request: Numbered) {
        let mut served = self.served.lock().expect("a panic ends the process");
        let requests = &served.entry(key).or_insert_with(|| self.serve(raft, key)).requests;
        let _ = requests.send(request);
        let is_over = |other: &(u64, u64), one: &Served| *other != key && one.requests.is_closed();
        if served.len() > 16 {
            served.retain(|other, one| !is_over(other, one));
        }
    }

    fn serve(self: &Arc<Self>, raft: &Raft<Types, Machine>, (from, session): (u64, u64)) -> Served {
        let (requests, stream) = mpsc::unbounded_channel();
        let (numbers, mut numbered) = mpsc::unbounded_channel();
        let stream =
            UnboundedReceiverStream::new(stream).map(move |(number, request): Numbered| {
                let _ = numbers.send(number);
                request
            });
        let (peers, raft) = (self.clone(), raft.clone());
        tokio::spawn(async move {
            let mut results = Box::pin(raft.stream_append(stream));
            while let Some(Ok(result)) = results.next().await {
                let number = numbered.recv().await.expect("an answer follows its request");
                let outcome = match result {
                    Ok(place) => Outcome::UpTo(of_place(&place)),
                    Err(StreamAppendError::Conflict(place)) => {
                        Outcome::Conflict(of_place(&Some(place)))
                    }
                    Err(StreamAppendError::HigherVote(vote)) => Outcome::HigherVote(of_vote(&vote)),
                };
                let lane = Lane::Append;
                peers.send_now(from, lane, &Message::Appended { session, number, outcome });
            }
        });
        Served { requests }
    }

    fn next_id(&self) -> u64 {
        self.last_id.fetch_add(1, Relaxed) + 1
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().expect("a panic ends the process")
    }
}
