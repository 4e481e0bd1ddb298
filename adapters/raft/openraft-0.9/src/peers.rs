//! Both directions of what nodes say to each other: answers find who waits for them, and requests
//! of a peer find the library.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use openraft::Raft;
use openraft::raft::{AppendEntriesRequest, AppendEntriesResponse, VoteRequest};
use raftmark_host::links::{Lane, Links};
use raftmark_host::outbox::Burst;
use raftmark_openraft_messages::{Message, Outcome};
use tokio::sync::oneshot;

use crate::types::{Types, of_place, of_vote, to_entry, to_place, to_vote};

pub struct Peers {
    links: Arc<Links>,
    group: u32,
    last_id: AtomicU64,
    waiting: Mutex<HashMap<u64, oneshot::Sender<Message>>>,
}

impl Peers {
    pub fn new(links: Arc<Links>, group: u32) -> Arc<Self> {
        Arc::new(Peers { links, group, last_id: AtomicU64::new(0), waiting: Mutex::default() })
    }

    /// `false` when it is lost, because the peer is away.
    pub fn send(&self, to: u64, lane: Lane, message: &Message) -> bool {
        let mut burst = Burst::default();
        let sent = self.links.send(&mut burst, to as u32, lane, self.group, &message.encode());
        burst.flush();
        sent
    }

    pub fn expect_reply(&self) -> (u64, oneshot::Receiver<Message>) {
        let (sender, receiver) = oneshot::channel();
        let id = self.last_id.fetch_add(1, Relaxed) + 1;
        let mut waiting = self.waiting.lock().expect("a panic ends the process");
        waiting.retain(|_, other| !other.is_closed());
        waiting.insert(id, sender);
        (id, receiver)
    }

    /// Takes a message of a peer.
    pub fn receive(self: &Arc<Self>, raft: &Raft<Types>, from: u32, payload: Bytes) {
        let from = u64::from(from);
        match Message::decode(payload) {
            Message::Append { number, vote, previous, commit, entries, .. } => {
                let request = AppendEntriesRequest {
                    vote: to_vote(vote),
                    prev_log_id: previous.map(to_place),
                    leader_commit: commit.map(to_place),
                    entries: entries.into_iter().map(to_entry).collect(),
                };
                // The library has one append to a follower under way: their order is kept.
                tokio::spawn(self.clone().append(raft.clone(), from, number, request));
            }
            Message::Ask { id, vote, last, .. } => {
                let request = VoteRequest::new(to_vote(vote), last.map(to_place));
                tokio::spawn(self.clone().vote(raft.clone(), from, id, request));
            }
            message @ (Message::Voted { id, .. } | Message::Appended { number: id, .. }) => {
                let waiter = self.waiting.lock().expect("a panic ends the process").remove(&id);
                waiter.map(|waiter| waiter.send(message));
            }
            Message::Transfer { .. } | Message::Transferred { .. } => {
                panic!("this line of OpenRaft hands no leadership over")
            }
        }
    }

    async fn append(
        self: Arc<Self>,
        raft: Raft<Types>,
        from: u64,
        number: u64,
        request: AppendEntriesRequest<Types>,
    ) {
        let last = request.entries.last().map(|last| last.log_id).or(request.prev_log_id);
        // A library that has stopped answers nothing: its peer's call runs into its limit.
        let Ok(response) = raft.append_entries(request).await else { return };
        let outcome = match response {
            AppendEntriesResponse::Success => Outcome::UpTo(of_place(last)),
            AppendEntriesResponse::PartialSuccess(place) => Outcome::UpTo(of_place(place)),
            AppendEntriesResponse::Conflict => Outcome::Conflict(None),
            AppendEntriesResponse::HigherVote(vote) => Outcome::HigherVote(of_vote(&vote)),
        };
        self.send(from, Lane::Append, &Message::Appended { session: 0, number, outcome });
    }

    async fn vote(
        self: Arc<Self>,
        raft: Raft<Types>,
        from: u64,
        id: u64,
        request: VoteRequest<u64>,
    ) {
        let Ok(response) = raft.vote(request).await else { return };
        let (vote, last) = (of_vote(&response.vote), of_place(response.last_log_id));
        let is_granted = response.vote_granted;
        self.send(from, Lane::Control, &Message::Voted { id, vote, last, is_granted });
    }
}
