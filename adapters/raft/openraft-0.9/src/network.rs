//! OpenRaft's calls to a peer, over the host's links.

use std::io;
use std::sync::Arc;

use openraft::error::{
    NetworkError, RPCError, RaftError, ReplicationClosed, StreamingError, Unreachable,
};
use openraft::network::{RPCOption, RaftNetwork, RaftNetworkFactory};
use openraft::raft::{
    AppendEntriesRequest, AppendEntriesResponse, SnapshotResponse, VoteRequest, VoteResponse,
};
use openraft::storage::Snapshot;
use raftmark_host::links::Lane;
use raftmark_openraft_messages::{Message, Outcome};
use tokio::time::timeout;

use crate::peers::Peers;
use crate::types::{Types, Vote, of_entry, of_place, of_vote, to_place, to_vote};

type Failure = RPCError<u64, (), RaftError<u64>>;

fn broken(what: &str) -> Failure {
    RPCError::Network(NetworkError::new(&io::Error::other(what.to_owned())))
}

/// So that the library waits before it tries again.
fn away() -> Failure {
    RPCError::Unreachable(Unreachable::new(&io::Error::other("the peer is away")))
}

pub struct Factory {
    pub peers: Arc<Peers>,
}

impl RaftNetworkFactory<Types> for Factory {
    type Network = Client;

    async fn new_client(&mut self, target: u64, (): &()) -> Client {
        Client { peers: self.peers.clone(), target }
    }
}

pub struct Client {
    peers: Arc<Peers>,
    target: u64,
}

impl Client {
    async fn call(
        &self,
        lane: Lane,
        option: &RPCOption,
        ask: impl FnOnce(u64) -> Message,
    ) -> Result<Message, Failure> {
        let (id, reply) = self.peers.expect_reply();
        if !self.peers.send(self.target, lane, &ask(id)) {
            return Err(away());
        }
        match timeout(option.hard_ttl(), reply).await {
            Ok(Ok(message)) => Ok(message),
            _ => Err(broken("no answer in time")),
        }
    }
}

impl RaftNetwork<Types> for Client {
    async fn append_entries(
        &mut self,
        request: AppendEntriesRequest<Types>,
        option: RPCOption,
    ) -> Result<AppendEntriesResponse<u64>, Failure> {
        let previous = of_place(request.prev_log_id);
        let last = request.entries.last().map_or(previous, |last| of_place(Some(last.log_id)));
        let (vote, commit) = (of_vote(&request.vote), of_place(request.leader_commit));
        let entries = request.entries.into_iter().map(of_entry).collect();
        let session = 0;
        let ask = |number| Message::Append { session, number, vote, previous, commit, entries };
        match self.call(Lane::Append, &option, ask).await? {
            Message::Appended { outcome: Outcome::UpTo(place), .. } if place == last => {
                Ok(AppendEntriesResponse::Success)
            }
            Message::Appended { outcome: Outcome::UpTo(place), .. } => {
                Ok(AppendEntriesResponse::PartialSuccess(place.map(to_place)))
            }
            Message::Appended { outcome: Outcome::Conflict(_), .. } => {
                Ok(AppendEntriesResponse::Conflict)
            }
            Message::Appended { outcome: Outcome::HigherVote(vote), .. } => {
                Ok(AppendEntriesResponse::HigherVote(to_vote(vote)))
            }
            _ => Err(broken("another answer than was asked for")),
        }
    }

    async fn vote(
        &mut self,
        request: VoteRequest<u64>,
        option: RPCOption,
    ) -> Result<VoteResponse<u64>, Failure> {
        let (vote, last) = (of_vote(&request.vote), of_place(request.last_log_id));
        let (is_pre_vote, is_transfer) = (false, false);
        let ask = |id| Message::Ask { id, vote, last, is_pre_vote, is_transfer };
        match self.call(Lane::Control, &option, ask).await? {
            Message::Voted { vote, last, is_granted, .. } => Ok(VoteResponse {
                vote: to_vote(vote),
                vote_granted: is_granted,
                last_log_id: last.map(to_place),
            }),
            _ => Err(broken("another answer than was asked for")),
        }
    }

    async fn full_snapshot(
        &mut self,
        _: Vote,
        _: Snapshot<Types>,
        _: impl Future<Output = ReplicationClosed> + Send + 'static,
        _: RPCOption,
    ) -> Result<SnapshotResponse<u64>, StreamingError<Types, openraft::error::Fatal<u64>>> {
        let error = io::Error::other("there are no snapshots here");
        Err(StreamingError::Unreachable(Unreachable::new(&error)))
    }
}
