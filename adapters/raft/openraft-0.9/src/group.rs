//! One group of OpenRaft: its tasks are the library's, what is here hands things in and out.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use openraft::error::RaftError;
use openraft::{Raft, ServerState};
use raftmark_host::answer::{Consistency, Fetch, Proposal};
use raftmark_host::clients::{Clients, Ticket};
use raftmark_host::code::Code;
use raftmark_host::counters::Counters;
use raftmark_host::group::{BoxFuture, Event, Group, Parts, Role, Status};
use raftmark_host::inbox::Inbox;
use raftmark_host::store::{self, SharedStore};
use tokio::time::timeout;

use crate::log::Log;
use crate::machine::Machine;
use crate::network::Factory;
use crate::options;
use crate::peers::Peers;
use crate::types::{Batch, Types, Waiter};

/// A leader that has lost its quorum may never answer.
const READ_LIMIT: Duration = Duration::from_secs(5);
/// Entries of one answer to ReadBack.
const READ_BACK_BYTES: u64 = 1 << 20;

type Instance = Raft<Types>;

pub struct RaftGroup {
    raft: Instance,
    log: Log,
    peers: Arc<Peers>,
    clients: Arc<Clients>,
    status: Arc<Status>,
    counters: Arc<Counters>,
    proposals: Arc<Inbox<(Bytes, Ticket)>>,
    voters: BTreeSet<u64>,
}

impl RaftGroup {
    pub async fn start(mut parts: Parts) -> Result<Arc<Self>, String> {
        let config = options::read(&parts.config)?;
        let syncer = parts.syncer();
        let store = SharedStore::new(parts.store.take().ok_or("openraft needs a store")?);
        let status = Arc::new(Status::default());
        let clients = Clients::start(store.clone(), status.clone());
        let Parts { config: node, group, links, counters, .. } = parts;
        let log = Log { store, syncer, counters: counters.clone(), clients: clients.clone() };
        let peers = Peers::new(links, group);
        let factory = Factory { peers: peers.clone() };
        let machine = Machine { clients: clients.clone() };
        let raft = Raft::new(node.node.into(), Arc::new(config), factory, log.clone(), machine);
        let raft = raft.await.map_err(|error| error.to_string())?;
        let voters = node.voters().into_iter().map(u64::from).collect();
        let proposals = Arc::new(Inbox::default());
        tokio::spawn(propose(raft.clone(), proposals.clone(), clients.clone()));
        tokio::spawn(watch_standing(raft.clone(), clients.clone(), counters.clone()));
        Ok(Arc::new(RaftGroup { raft, log, peers, clients, status, counters, proposals, voters }))
    }

    fn admit(&self, proposal: Proposal) -> Option<(Bytes, Ticket)> {
        let Proposal { batch, deadline, answer } = proposal;
        let ticket = self.clients.admit(answer, deadline)?;
        self.counters.produced.add(1);
        Some((batch, ticket))
    }

    fn fetch(&self, fetches: Vec<Fetch>) {
        let is_local = |fetch: &mut Fetch| fetch.consistency == Consistency::Committed;
        let mut asked = fetches;
        let local: Vec<Fetch> = asked.extract_if(.., is_local).collect();
        self.clients.serve(local);
        if asked.is_empty() {
        } else if self.clients.leads() {
            tokio::spawn(read(self.raft.clone(), self.clients.clone(), asked));
        } else {
            self.clients.refuse(asked, Code::NotLeader);
        }
    }
}

impl Group for RaftGroup {
    fn take(&self, events: &mut Vec<Event>) {
        let mut proposals = Vec::new();
        let mut fetches = Vec::new();
        for event in events.drain(..) {
            match event {
                Event::Propose(proposal) => proposals.extend(self.admit(proposal)),
                Event::Fetch(fetch) => fetches.push(fetch),
                Event::Message { from, payload } => self.peers.receive(&self.raft, from, payload),
            }
        }
        if !proposals.is_empty() {
            self.proposals.push_all(proposals);
        }
        if !fetches.is_empty() {
            self.fetch(fetches);
        }
        self.clients.flush();
    }

    fn campaign(&self) {
        let (raft, voters) = (self.raft.clone(), self.voters.clone());
        tokio::spawn(async move {
            if let Err(error) = raft.initialize(voters).await {
                eprintln!("raftmark node: the cluster was not initialized: {error}");
            }
        });
    }

    fn status(&self) -> &Arc<Status> {
        &self.status
    }

    fn read_back(&self, start: u64) -> Option<BoxFuture<Result<Vec<store::Entry>, String>>> {
        let [_, applied, _] = self.status.reached();
        let read = match start <= applied {
            true => self.log.store.lock().entries(start, applied + 1, READ_BACK_BYTES),
            false => Ok(Vec::new()),
        };
        let read = read.map_err(|error| error.to_string());
        Some(Box::pin(async { read }))
    }

    fn close(&self) -> BoxFuture<Result<(), String>> {
        let (raft, log, clients) = (self.raft.clone(), self.log.clone(), self.clients.clone());
        Box::pin(async move {
            clients.end();
            let _ = raft.shutdown().await;
            if let Some(syncer) = &log.syncer {
                syncer.sync().await.map_err(|error| error.to_string())?;
            }
            let closed = log.store.lock().close();
            closed.map_err(|error| error.to_string())
        })
    }
}

/// Hands proposals to the library in the order in which they came.
async fn propose(raft: Instance, proposals: Arc<Inbox<(Bytes, Ticket)>>, clients: Arc<Clients>) {
    let mut taken = Vec::new();
    loop {
        proposals.take(&mut taken).await;
        for (bytes, ticket) in taken.drain(..) {
            let waiter = Some(Waiter { clients: clients.clone(), ticket });
            // When the library has stopped, it drops the waiter: the deadline answers.
            let _ = raft.client_write_ff(Batch { bytes, waiter }).await;
        }
    }
}

/// Linearizable, by the library's ReadIndex.
async fn read(raft: Instance, clients: Arc<Clients>, fetches: Vec<Fetch>) {
    match timeout(READ_LIMIT, raft.ensure_linearizable()).await {
        Ok(Ok(_)) => clients.serve(fetches),
        Ok(Err(RaftError::APIError(_))) => clients.refuse(fetches, Code::OffsetNotAvailable),
        Ok(Err(RaftError::Fatal(_))) | Err(_) => clients.refuse(fetches, Code::TimedOut),
    }
    clients.flush();
}

async fn watch_standing(raft: Instance, clients: Arc<Clients>, counters: Arc<Counters>) {
    let mut changes = raft.server_metrics();
    let mut last_term = None;
    loop {
        let (term, role, leader) = {
            let metrics = changes.borrow();
            let role = match metrics.state {
                ServerState::Leader => Role::Leader,
                ServerState::Candidate => Role::Candidate,
                ServerState::Learner | ServerState::Follower | ServerState::Shutdown => {
                    Role::Follower
                }
            };
            (metrics.vote.leader_id.term, role, metrics.current_leader.unwrap_or(0) as u32)
        };
        let is_own = matches!(role, Role::Candidate | Role::Leader);
        if last_term.replace(term).is_some_and(|last| last < term) && is_own {
            counters.campaigns.add(1);
        }
        clients.stand(term, role, leader);
        if changes.changed().await.is_err() {
            return;
        }
    }
}
