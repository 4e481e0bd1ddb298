//! OpenRaft's calls to a peer, over the host's links.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use openraft::alias::{SnapshotOf, VoteOf};
use openraft::base::{BoxFuture, BoxStream};
use openraft::error::{NetworkError, RPCError, ReplicationClosed, StreamingError, Unreachable};
use openraft::network::{
    Backoff, NetBackoff, NetSnapshot, NetStreamAppend, NetTransferLeader, NetVote, RPCOption,
    RaftNetworkFactory,
};
use openraft::raft::{
    AppendEntriesRequest, SnapshotResponse, StreamAppendError, StreamAppendResult,
    TransferLeaderError, TransferLeaderRequest, TransferLeaderResponse, VoteRequest, VoteResponse,
};
use raftmark_host::links::Lane;
use raftmark_host::outbox::Burst;
use raftmark_openraft_messages::{Message, Outcome};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, Sleep, sleep, timeout};
use tokio_stream::Stream;

use crate::peers::Peers;
use crate::types::{Types, of_entry, of_place, of_vote, to_place, to_vote};

type Failure = RPCError<Types>;

fn broken(what: &str) -> Failure {
    NetworkError::new(&io::Error::other(what.to_owned())).into()
}

/// So that the library waits before it tries again.
fn away() -> Failure {
    Unreachable::new(&io::Error::other("the peer is away")).into()
}

pub struct Factory {
    pub peers: Arc<Peers>,
}

impl RaftNetworkFactory<Types> for Factory {
    type Network = Client;

    async fn new_client(&mut self, target: u64, (): &()) -> Client {
        Client { peers: self.peers.clone(), target, lane: Lane::Append }
    }

    /// Heartbeats do not wait behind entries.
    async fn new_heartbeat_client(&mut self, target: u64, (): &()) -> Client {
        Client { peers: self.peers.clone(), target, lane: Lane::Control }
    }
}

/// One peer on one lane.
pub struct Client {
    peers: Arc<Peers>,
    target: u64,
    lane: Lane,
}

impl Client {
    async fn call(
        &self,
        option: &RPCOption,
        ask: impl FnOnce(u64) -> Message,
    ) -> Result<Message, Failure> {
        let (id, reply) = self.peers.expect_reply();
        let is_sent = self.peers.send_now(self.target, Lane::Control, &ask(id));
        let replied = match is_sent {
            true => timeout(option.hard_ttl(), reply).await,
            false => return Err(away()),
        };
        match replied {
            Ok(Ok(message)) => Ok(message),
            _ => Err(broken("no answer in time")),
        }
    }

    async fn ask_vote(
        &self,
        request: VoteRequest<Types>,
        option: &RPCOption,
        is_pre_vote: bool,
    ) -> Result<VoteResponse<Types>, Failure> {
        let (vote, last) = (of_vote(&request.vote), of_place(&request.last_log_id));
        let is_transfer = request.leadership_transfer;
        let ask = |id| Message::Ask { id, vote, last, is_pre_vote, is_transfer };
        match self.call(option, ask).await? {
            Message::Voted { vote, last, is_granted, .. } => {
                Ok(VoteResponse::new(to_vote(vote), last.map(to_place), is_granted))
            }
            _ => Err(broken("another answer than was asked for")),
        }
    }
}

impl NetVote<Types> for Client {
    async fn vote(
        &mut self,
        request: VoteRequest<Types>,
        option: RPCOption,
    ) -> Result<VoteResponse<Types>, Failure> {
        self.ask_vote(request, &option, false).await
    }

    async fn pre_vote(
        &mut self,
        request: VoteRequest<Types>,
        option: RPCOption,
    ) -> Result<VoteResponse<Types>, Failure> {
        self.ask_vote(request, &option, true).await
    }
}

impl NetTransferLeader<Types> for Client {
    async fn transfer_leader(
        &mut self,
        request: TransferLeaderRequest<Types>,
        option: RPCOption,
    ) -> Result<TransferLeaderResponse<Types>, Failure> {
        let vote = of_vote(request.from_leader());
        let last = of_place(&request.last_log_id().cloned());
        let to = *request.to_node_id();
        let reply = self.call(&option, |id| Message::Transfer { id, vote, to, last }).await?;
        let is_taken = matches!(reply, Message::Transferred { is_taken: true, .. });
        let (expected, actual) = (*request.from_leader(), *request.from_leader());
        Ok(if is_taken {
            Ok(())
        } else {
            Err(TransferLeaderError::VoteChanged { expected, actual })
        })
    }
}

impl NetBackoff<Types> for Client {
    fn backoff(&self) -> Option<Backoff> {
        None
    }
}

impl NetSnapshot<Types> for Client {
    type SnapshotData = ();

    async fn full_snapshot(
        &mut self,
        _: VoteOf<Types>,
        _: SnapshotOf<Types, ()>,
        _: impl Future<Output = ReplicationClosed> + Send + 'static,
        _: RPCOption,
    ) -> Result<SnapshotResponse<Types>, StreamingError<Types>> {
        let error = io::Error::other("there are no snapshots here");
        Err(StreamingError::Unreachable(Unreachable::new(&error)))
    }
}

impl NetStreamAppend<Types> for Client {
    /// Requests go out as soon as the library has them, whatever is unanswered.
    fn stream_append<'s, S>(
        &'s mut self,
        input: S,
        option: RPCOption,
    ) -> BoxFuture<'s, Result<BoxStream<'s, Result<StreamAppendResult<Types>, Failure>>, Failure>>
    where
        S: Stream<Item = AppendEntriesRequest<Types>> + Send + Unpin + 'static,
    {
        Box::pin(async move {
            let (session, answers) = self.peers.open_session();
            let limit = option.hard_ttl();
            let stream: BoxStream<'s, _> = Box::pin(Session {
                client: self,
                input: Some(input),
                session,
                number: 0,
                unanswered: VecDeque::new(),
                answers,
                limit,
                late: Box::pin(sleep(limit)),
                has_ended: false,
            });
            Ok(stream)
        })
    }
}

/// One stream of appends to one peer: answers come in the order of the requests.
struct Session<'s, S> {
    client: &'s Client,
    input: Option<S>,
    session: u64,
    /// Of the last request.
    number: u64,
    unanswered: VecDeque<u64>,
    answers: UnboundedReceiver<(u64, Outcome)>,
    limit: Duration,
    late: Pin<Box<Sleep>>,
    has_ended: bool,
}

impl<S> Session<'_, S>
where
    S: Stream<Item = AppendEntriesRequest<Types>> + Unpin,
{
    /// Sends all that the library has now. `false` when the peer is away.
    fn send_ready(&mut self, context: &mut Context<'_>) -> bool {
        let mut burst = Burst::default();
        let mut is_there = true;
        while let Some(input) = self.input.as_mut().filter(|_| is_there) {
            match Pin::new(input).poll_next(context) {
                Poll::Ready(Some(request)) => is_there = self.send(request, &mut burst),
                Poll::Ready(None) => self.input = None,
                Poll::Pending => break,
            }
        }
        burst.flush();
        is_there
    }

    fn send(&mut self, request: AppendEntriesRequest<Types>, burst: &mut Burst) -> bool {
        self.number += 1;
        if self.unanswered.is_empty() {
            self.late.as_mut().reset(Instant::now() + self.limit);
        }
        self.unanswered.push_back(self.number);
        let message = Message::Append {
            session: self.session,
            number: self.number,
            vote: of_vote(&request.vote),
            previous: of_place(&request.prev_log_id),
            commit: of_place(&request.leader_commit),
            entries: request.entries.into_iter().map(of_entry).collect(),
        };
        self.client.peers.send(burst, self.client.target, self.client.lane, &message)
    }

    fn answered(
        &mut self,
        number: u64,
        outcome: Outcome,
    ) -> Result<StreamAppendResult<Types>, Failure> {
        if self.unanswered.pop_front() != Some(number) {
            return Err(broken("a message of the session was lost"));
        }
        self.late.as_mut().reset(Instant::now() + self.limit);
        Ok(match outcome {
            Outcome::UpTo(place) => Ok(place.map(to_place)),
            Outcome::Conflict(place) => {
                let place = place.ok_or_else(|| broken("a conflict nowhere"))?;
                Err(StreamAppendError::Conflict(to_place(place)))
            }
            Outcome::HigherVote(vote) => Err(StreamAppendError::HigherVote(to_vote(vote))),
        })
    }
}

impl<S> Stream for Session<'_, S>
where
    S: Stream<Item = AppendEntriesRequest<Types>> + Unpin,
{
    type Item = Result<StreamAppendResult<Types>, Failure>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.has_ended {
            return Poll::Ready(None);
        }
        let next = if !self.send_ready(context) {
            Some(Err(away()))
        } else if let Poll::Ready(Some((number, outcome))) = self.answers.poll_recv(context) {
            Some(self.answered(number, outcome))
        } else if self.unanswered.is_empty() && self.input.is_none() {
            None
        } else if !self.unanswered.is_empty() && self.late.as_mut().poll(context).is_ready() {
            Some(Err(broken("no answer in time")))
        } else {
            return Poll::Pending;
        };
        self.has_ended = !matches!(next, Some(Ok(Ok(_))));
        Poll::Ready(next)
    }
}

impl<S> Drop for Session<'_, S> {
    fn drop(&mut self) {
        self.client.peers.close_session(self.session);
    }
}
