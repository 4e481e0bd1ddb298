//! The library's types, and what they are to the host and on the wire.

use std::collections::BTreeSet;
use std::fmt;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use openraft::impls::{InlineBatch, leader_id_std};
use openraft::raft::responder::Responder;
use openraft::{EntryPayload, LogId, Membership, OptionalSend, RaftTypeConfig};
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
    type Term = u64;
    /// At most one leader a term, as in all other rafts here: an entry's term says who wrote it.
    type LeaderId = leader_id_std::LeaderId<u64, u64>;
    type Vote = openraft::impls::Vote<Self::LeaderId>;
    type Entry = openraft::alias::DefaultEntryOf<Types>;
    type AsyncRuntime = openraft::impls::TokioRuntime;
    type Responder<T>
        = Callback<T>
    where
        T: OptionalSend + 'static;
    type Batch<T>
        = InlineBatch<T>
    where
        T: OptionalSend + 'static;
    type ErrorSource = openraft::impls::BoxedErrorSource;
}

pub type Vote = openraft::alias::VoteOf<Types>;
pub type Place = openraft::alias::LogIdOf<Types>;
pub type Entry = openraft::alias::EntryOf<Types>;

/// One record batch.
#[derive(Clone, Debug)]
pub struct Batch(pub Bytes);

impl fmt::Display for Batch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} bytes", self.0.len())
    }
}

/// Called when the library knows the outcome of a proposal.
pub struct Callback<T>(pub Box<dyn FnOnce(T) + Send>);

impl<T: OptionalSend + 'static> Responder<Types, T> for Callback<T> {
    fn on_complete(self, result: T) {
        (self.0)(result);
    }
}

pub fn to_place(place: (u64, u64)) -> Place {
    let (term, index) = place;
    LogId::new_term_index(term, index)
}

pub fn of_place(place: &Option<Place>) -> wire::Place {
    place.as_ref().map(|place| (place.leader_id.term, place.index))
}

pub fn to_vote(vote: wire::Vote) -> Vote {
    let leader_id = leader_id_std::LeaderId { term: vote.term, voted_for: vote.node };
    Vote { leader_id, committed: vote.is_committed }
}

pub fn of_vote(vote: &Vote) -> wire::Vote {
    let leader_id_std::LeaderId { term, voted_for } = vote.leader_id;
    wire::Vote { term, node: voted_for, is_committed: vote.committed }
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
        EntryPayload::Normal(batch) => (Kind::Records, batch.0),
        EntryPayload::Membership(membership) => (Kind::Library, of_membership(&membership)),
    };
    store::Entry { index, term, kind, payload }
}

pub fn to_entry(entry: store::Entry) -> Entry {
    let payload = match entry.kind {
        Kind::Noop => EntryPayload::Blank,
        Kind::Records => EntryPayload::Normal(Batch(entry.payload)),
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
    Membership::new_with_defaults(vec![voters], [])
}
