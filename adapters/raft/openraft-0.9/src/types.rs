//! The library's types, and what they are to the host and on the wire.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use openraft::raft::ClientWriteResult;
use openraft::raft::responder::Responder;
use openraft::{CommittedLeaderId, EntryPayload, LeaderId, LogId, Membership, RaftTypeConfig};
use raftmark_host::clients::{Clients, Ticket};
use raftmark_host::partition::Applied;
use raftmark_host::store::{self, HardState, Kind};
use raftmark_openraft_messages as wire;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Types;

impl RaftTypeConfig for Types {
    type D = Batch;
    type R = Applied;
    type NodeId = u64;
    type Node = ();
    type Entry = Entry;
    type SnapshotData = ();
    type AsyncRuntime = openraft::TokioRuntime;
    type Responder = Waiter;
}

pub type Vote = openraft::Vote<u64>;
pub type Place = LogId<u64>;
pub type Entry = openraft::Entry<Types>;

/// One record batch; on its way to the library also who waits for it.
pub struct Batch {
    pub bytes: Bytes,
    pub waiter: Option<Waiter>,
}

impl fmt::Debug for Batch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} bytes", self.bytes.len())
    }
}

/// Told when the library knows the outcome of a proposal.
pub struct Waiter {
    pub clients: Arc<Clients>,
    pub ticket: Ticket,
}

impl Responder<Types> for Waiter {
    type Receiver = ();

    fn from_app_data(mut batch: Batch) -> (Batch, Waiter, ()) {
        let waiter = batch.waiter.take().expect("a proposal has somebody who waits");
        (batch, waiter, ())
    }

    fn send(self, result: ClientWriteResult<Types>) {
        match result {
            Ok(written) => {
                let place = written.log_id;
                let (index, term) = (place.index + 1, place.leader_id.term);
                self.clients.settle(self.ticket, written.data, index, term);
                self.clients.flush();
            }
            // The library says ForwardToLeader both of what it never proposed, and of entries in
            // its log when it stops leading: those may yet be committed.
            Err(_) => self.clients.lose(self.ticket),
        }
    }
}

pub fn to_place(place: (u64, u64)) -> Place {
    let (term, index) = place;
    LogId::new(CommittedLeaderId::new(term, 0), index)
}

pub fn of_place(place: Option<Place>) -> wire::Place {
    place.map(|place| (place.leader_id.term, place.index))
}

pub fn to_vote(vote: wire::Vote) -> Vote {
    let leader_id = LeaderId { term: vote.term, voted_for: (vote.node > 0).then_some(vote.node) };
    Vote { leader_id, committed: vote.is_committed }
}

pub fn of_vote(vote: &Vote) -> wire::Vote {
    let LeaderId { term, voted_for } = vote.leader_id;
    wire::Vote { term, node: voted_for.unwrap_or(0), is_committed: vote.committed }
}

pub fn vote_to_keep(vote: &Vote) -> HardState {
    let wire::Vote { term, node, is_committed } = of_vote(vote);
    HardState { term, voted_for: node as u32, is_leader_known: is_committed }
}

/// `None` when nothing was kept yet.
pub fn kept_vote(kept: HardState) -> Option<Vote> {
    let HardState { term, voted_for, is_leader_known } = kept;
    let vote = wire::Vote { term, node: voted_for.into(), is_committed: is_leader_known };
    (kept != HardState::default()).then(|| to_vote(vote))
}

/// The store counts from 1, the library from 0. Payloads are shared, not copied.
pub fn of_entry(entry: Entry) -> store::Entry {
    let (index, term) = (entry.log_id.index + 1, entry.log_id.leader_id.term);
    let (kind, payload) = match entry.payload {
        EntryPayload::Blank => (Kind::Noop, Bytes::new()),
        EntryPayload::Normal(batch) => (Kind::Records, batch.bytes),
        EntryPayload::Membership(membership) => (Kind::Library, of_membership(&membership)),
    };
    store::Entry { index, term, kind, payload }
}

pub fn to_entry(entry: store::Entry) -> Entry {
    let payload = match entry.kind {
        Kind::Noop => EntryPayload::Blank,
        Kind::Records => EntryPayload::Normal(Batch { bytes: entry.payload, waiter: None }),
        Kind::Library => EntryPayload::Membership(to_membership(entry.payload)),
    };
    openraft::Entry { log_id: to_place((entry.term, entry.index - 1)), payload }
}

/// Voters alone: membership is fixed here.
fn of_membership(membership: &Membership<u64, ()>) -> Bytes {
    assert_eq!(membership.get_joint_config().len(), 1, "membership is not changed here");
    let mut bytes = BytesMut::new();
    membership.voter_ids().for_each(|voter| bytes.put_u64_le(voter));
    bytes.freeze()
}

fn to_membership(mut bytes: Bytes) -> Membership<u64, ()> {
    let mut voters = BTreeSet::new();
    while bytes.has_remaining() {
        voters.insert(bytes.get_u64_le());
    }
    Membership::new(vec![voters], ())
}
