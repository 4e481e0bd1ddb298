//! The loop around one RawNode, as the library's documentation shows it. One task per group: while
//! it waits for a sync it takes nothing in, and the rest of the process goes on.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use protobuf::{CodedOutputStream, Message as _};
use raft::eraftpb::{self, Message, MessageType};
use raft::{LightReady, RawNode, Ready, StateRole};
use raftmark_host::answer::{Consistency, Fetch, Produced, Proposal};
use raftmark_host::code::Code;
use raftmark_host::counters::Counters;
use raftmark_host::group::{BoxFuture, Event, Group, Parts, Role, Standing, Status};
use raftmark_host::inbox::Inbox;
use raftmark_host::links::{Lane, Links};
use raftmark_host::outbox::Burst;
use raftmark_host::pending::Pending;
use raftmark_host::served::Served;
use raftmark_host::store::{Entry, HardState, Synced, Syncer, Write};
use tokio::sync::oneshot;
use tokio::time::sleep_until;

use crate::Disk;
use crate::options::Options;
use crate::reads::Reads;
use crate::storage::{LogStorage, from_library};

/// Entries of one answer to ReadBack.
const READ_BACK_BYTES: u64 = 1 << 20;

enum Command {
    Event(Event),
    Campaign,
    /// The sync that covers the Ready of this number has ended.
    Persisted(u64, Synced),
    Transfer(u32, oneshot::Sender<Code>),
    ReadBack(u64, oneshot::Sender<Result<Vec<Entry>, String>>),
    Close(oneshot::Sender<Result<(), String>>),
}

pub struct RaftGroup {
    inbox: Arc<Inbox<Command>>,
    status: Arc<Status>,
}

impl RaftGroup {
    /// Called within the runtime.
    pub fn start(parts: Parts, disk: Disk) -> Result<Arc<Self>, String> {
        let inbox = Arc::new(Inbox::default());
        let status = Arc::new(Status::default());
        let driver = Driver::new(parts, disk, inbox.clone(), status.clone())?;
        tokio::spawn(driver.run());
        Ok(Arc::new(RaftGroup { inbox, status }))
    }

    fn ask<T: Send + 'static>(
        &self,
        command: impl FnOnce(oneshot::Sender<T>) -> Command,
        otherwise: T,
    ) -> BoxFuture<T> {
        let (sender, receiver) = oneshot::channel();
        self.inbox.push(command(sender));
        Box::pin(async move { receiver.await.unwrap_or(otherwise) })
    }
}

impl Group for RaftGroup {
    fn take(&self, events: &mut Vec<Event>) {
        self.inbox.push_all(events.drain(..).map(Command::Event));
    }

    fn campaign(&self) {
        self.inbox.push(Command::Campaign);
    }

    fn status(&self) -> &Arc<Status> {
        &self.status
    }

    fn transfer(&self, to: u32) -> Option<BoxFuture<Code>> {
        Some(self.ask(|reply| Command::Transfer(to, reply), Code::TimedOut))
    }

    fn read_back(&self, start: u64) -> Option<BoxFuture<Result<Vec<Entry>, String>>> {
        let ended = Err("the group ended".to_owned());
        Some(self.ask(|reply| Command::ReadBack(start, reply), ended))
    }

    fn close(&self) -> BoxFuture<Result<(), String>> {
        self.ask(Command::Close, Ok(()))
    }
}

/// A Ready that was handed to the disk, and what may be sent when it is durable.
struct Outstanding {
    number: u64,
    messages: Vec<Message>,
    /// `false`: it has nothing to sync, and only keeps its turn.
    is_synced: bool,
}

struct Driver {
    raw: RawNode<LogStorage>,
    disk: Disk,
    options: Options,
    group: u32,
    inbox: Arc<Inbox<Command>>,
    status: Arc<Status>,
    syncer: Option<Arc<Syncer>>,
    links: Arc<Links>,
    counters: Arc<Counters>,
    served: Served,
    pending: Pending,
    reads: Reads,
    burst: Burst,
    outstanding: VecDeque<Outstanding>,
    /// Peers to whom a message was lost; they are reported between two Readies.
    unreachable: Vec<u64>,
    transfer: Option<(u32, Instant, oneshot::Sender<Code>)>,
    closing: Option<oneshot::Sender<Result<(), String>>>,
    last_term: u64,
    role: Role,
    tick_at: Instant,
    /// Not after the first deadline of what waits.
    sweep_at: Option<Instant>,
    failure: Option<String>,
}

impl Driver {
    fn new(
        mut parts: Parts,
        disk: Disk,
        inbox: Arc<Inbox<Command>>,
        status: Arc<Status>,
    ) -> Result<Self, String> {
        let options = Options::read(&parts.config)?;
        let syncer = parts.syncer();
        let store = parts.store.take().ok_or("raft-rs needs a store")?;
        let storage = LogStorage { store, voters: parts.config.voters() };
        let logger = slog::Logger::root(slog::Discard, slog::o!());
        let raw =
            RawNode::new(&options.raft, storage, &logger).map_err(|error| error.to_string())?;
        let last_term = raw.raft.term;
        let tick_at = Instant::now() + options.tick;
        let Parts { group, links, counters, .. } = parts;
        let driver = Driver {
            raw,
            disk,
            options,
            group,
            inbox,
            status,
            syncer,
            links,
            counters,
            served: Served::default(),
            pending: Pending::default(),
            reads: Reads::default(),
            burst: Burst::default(),
            outstanding: VecDeque::new(),
            unreachable: Vec::new(),
            transfer: None,
            closing: None,
            last_term,
            role: Role::Follower,
            tick_at,
            sweep_at: None,
            failure: None,
        };
        driver.tell();
        Ok(driver)
    }

    async fn run(mut self) {
        let mut commands = Vec::new();
        let mut armed_for = self.wake_at();
        let mut timer = Box::pin(sleep_until(armed_for.into()));
        while self.closing.is_none() {
            if armed_for != self.wake_at() {
                armed_for = self.wake_at();
                timer.as_mut().reset(armed_for.into());
            }
            tokio::select! {
                biased;
                () = self.inbox.take(&mut commands) => (),
                () = &mut timer => (),
            }
            let now = Instant::now();
            for command in commands.drain(..) {
                self.handle(command, now);
            }
            self.pass_time(now);
            self.ask_reads(now);
            while self.failure.is_none() && self.raw.has_ready() {
                if let Err(error) = self.handle_ready().await {
                    self.fail(&error);
                }
            }
            self.end_turn(now);
        }
        self.close().await;
    }

    fn wake_at(&self) -> Instant {
        self.sweep_at.map_or(self.tick_at, |sweep_at| sweep_at.min(self.tick_at))
    }

    fn handle(&mut self, command: Command, now: Instant) {
        match command {
            Command::Event(Event::Propose(proposal)) => self.propose(proposal),
            Command::Event(Event::Fetch(fetch)) => self.fetch(fetch, now),
            Command::Event(Event::Message { payload, .. }) => self.step(&payload, now),
            Command::Campaign => drop(self.raw.campaign()),
            Command::Persisted(number, synced) => match synced {
                Ok(()) => self.persisted(number),
                Err(error) => self.fail(&*error),
            },
            Command::Transfer(to, reply) => self.begin_transfer(to, reply, now),
            Command::ReadBack(start, reply) => drop(reply.send(self.read_back(start))),
            Command::Close(reply) => self.closing = Some(reply),
        }
    }

    fn propose(&mut self, proposal: Proposal) {
        let Proposal { batch, deadline, answer } = proposal;
        let term = self.raw.raft.term;
        let refusal = if self.failure.is_some() {
            Some(Code::StorageFailed)
        } else if self.raw.raft.state != StateRole::Leader {
            Some(Code::NotLeader)
        } else {
            // Dropped while leadership is handed over, or too much is uncommitted.
            let proposed = self.raw.propose(Vec::new(), batch.to_vec());
            proposed.err().map(|_| Code::Overloaded)
        };
        if let Some(code) = refusal {
            let refused = Produced::refused(code, term, self.leader());
            return answer.produced(&mut self.burst, refused);
        }
        self.counters.produced.add(1);
        self.sweep_by(deadline);
        self.pending.add(self.raw.raft.raft_log.last_index(), term, deadline, answer);
    }

    fn fetch(&mut self, fetch: Fetch, now: Instant) {
        self.sweep_by(fetch.deadline);
        if self.failure.is_some() {
            self.served.refuse(fetch, Code::StorageFailed, &mut self.burst);
        } else if fetch.consistency == Consistency::Committed {
            self.serve(fetch, now);
        } else if self.raw.raft.state != StateRole::Leader {
            self.served.refuse(fetch, Code::NotLeader, &mut self.burst);
        } else if !self.raw.raft.commit_to_current_term() {
            // The library would drop the question without a word.
            self.served.refuse(fetch, Code::OffsetNotAvailable, &mut self.burst);
        } else {
            self.reads.add(fetch);
        }
    }

    fn serve(&mut self, fetch: Fetch, now: Instant) {
        let store = &self.raw.store().store;
        let read = |start, end, bytes_max| store.entries(start, end, bytes_max);
        self.served.fetch(fetch, now, &read, &mut self.burst);
    }

    fn step(&mut self, payload: &Bytes, now: Instant) {
        if self.options.is_tick_rearmed {
            self.tick_at = now + self.options.tick;
        }
        if self.failure.is_some() {
            return;
        }
        let message = Message::parse_from_carllerche_bytes(payload);
        let message = message.expect("a peer of this run speaks raft-rs");
        // An error is a message of an earlier configuration or term: it has no consequence.
        let _ = self.raw.step(message);
    }

    fn pass_time(&mut self, now: Instant) {
        if now >= self.tick_at {
            self.tick_at = now + self.options.tick;
            if self.failure.is_none() {
                self.raw.tick();
            }
        }
        if self.sweep_at.is_some_and(|at| at <= now) {
            self.sweep(now);
        }
    }

    /// All linearizable fetches of one turn share one question.
    fn ask_reads(&mut self, now: Instant) {
        if self.reads.has_fresh() && self.failure.is_none() {
            let context = self.reads.ask(now);
            self.raw.read_index(context);
            let deadline = self.reads.next_deadline();
            deadline.map(|deadline| self.sweep_by(deadline));
        }
    }

    /// One turn of the loop in the library's documentation.
    async fn handle_ready(&mut self) -> io::Result<()> {
        let mut ready = self.raw.ready();
        self.counters.takes.add(1);
        // A leader's appends may go before they are durable here.
        self.send(ready.take_messages());
        for state in ready.take_read_states() {
            self.reads.answered(&state.request_ctx, state.index);
        }
        self.apply(ready.take_committed_entries());
        let must_sync = self.write(&mut ready)?;
        match self.disk {
            Disk::Lockstep => self.finish_in_lockstep(ready, must_sync).await,
            Disk::Overlap => {
                self.hand_over(ready, must_sync);
                Ok(())
            }
        }
    }

    async fn finish_in_lockstep(&mut self, mut ready: Ready, must_sync: bool) -> io::Result<()> {
        if let Some(syncer) = self.syncer.clone().filter(|_| must_sync) {
            self.burst.flush();
            syncer.sync().await.map_err(|error| io::Error::other(error.to_string()))?;
        }
        // A follower's answers and votes promise what is now durable.
        self.send(ready.take_persisted_messages());
        let light = self.raw.advance(ready);
        self.finish_light(light);
        self.raw.advance_apply();
        Ok(())
    }

    fn finish_light(&mut self, mut light: LightReady) {
        self.send(light.take_messages());
        self.apply(light.take_committed_entries());
    }

    fn hand_over(&mut self, mut ready: Ready, must_sync: bool) {
        let (number, messages) = (ready.number(), ready.take_persisted_messages());
        self.raw.advance_append_async(ready);
        self.raw.advance_apply_to(self.served.partition.applied_index());
        let syncer = self.syncer.clone().filter(|_| must_sync);
        let is_synced = syncer.is_some();
        self.outstanding.push_back(Outstanding { number, messages, is_synced });
        match syncer {
            Some(syncer) => {
                let inbox = self.inbox.clone();
                syncer.request(move |synced| inbox.push(Command::Persisted(number, synced)));
            }
            None => self.persisted(0),
        }
    }

    /// All Readies up to this number are durable, and those after it that have nothing to sync.
    fn persisted(&mut self, number: u64) {
        let is_due = |first: &mut Outstanding| first.number <= number || !first.is_synced;
        while let Some(done) = self.outstanding.pop_front_if(is_due) {
            self.send(done.messages);
            self.raw.on_persist_ready(done.number);
        }
    }

    /// Writes what the Ready wants kept; whether that must be synced. The commit index is not kept:
    /// it is learnt again from the leader.
    fn write(&mut self, ready: &mut Ready) -> io::Result<bool> {
        let store = &mut self.raw.mut_store().store;
        let kept = store.hard_state();
        let is_leader_known = false;
        let wanted = ready.hs().map(|state| HardState {
            term: state.term,
            voted_for: state.vote as u32,
            is_leader_known,
        });
        let hard_state = wanted.filter(|wanted| *wanted != kept);
        let entries: Vec<Entry> = ready.take_entries().into_iter().map(from_library).collect();
        if hard_state.is_none() && entries.is_empty() {
            return Ok(false);
        }
        self.counters.entries_persisted.add(entries.len() as u64);
        let first = entries.first().map(|entry| entry.index);
        let truncate_from = first.filter(|first| *first <= store.last_index());
        store.append(&Write { hard_state, truncate_from, entries })?;
        Ok(true)
    }

    fn apply(&mut self, entries: Vec<eraftpb::Entry>) {
        let leader = self.leader();
        for entry in entries {
            let entry = from_library(entry);
            let applied = self.served.apply(&entry);
            self.pending.applied(entry.index, entry.term, applied, leader, &mut self.burst);
        }
    }

    fn send(&mut self, messages: Vec<Message>) {
        for message in messages {
            let is_append = matches!(
                message.get_msg_type(),
                MessageType::MsgAppend | MessageType::MsgAppendResponse | MessageType::MsgSnapshot
            );
            let lane = if is_append { Lane::Append } else { Lane::Control };
            let length = message.compute_size() as usize;
            let to = message.to as u32;
            let burst = &mut self.burst;
            let is_sent = self.links.send_with(burst, to, lane, self.group, length, |frame| {
                let start = frame.len();
                frame.resize(start + length, 0);
                let mut stream = CodedOutputStream::bytes(&mut frame[start..]);
                message.write_to_with_cached_sizes(&mut stream).expect("its size was computed");
            });
            if !is_sent && !self.unreachable.contains(&message.to) {
                self.unreachable.push(message.to);
            }
        }
    }

    /// What follows from all that the turn brought about.
    fn end_turn(&mut self, now: Instant) {
        for peer in std::mem::take(&mut self.unreachable) {
            self.raw.report_unreachable(peer);
        }
        self.note_standing();
        for fetch in self.reads.take_served(self.served.partition.applied_index()) {
            self.sweep_by(fetch.deadline);
            self.serve(fetch, now);
        }
        let store = &self.raw.store().store;
        let read = |start, end, bytes_max| store.entries(start, end, bytes_max);
        self.served.wake_grown(now, &read, &mut self.burst);
        self.burst.flush();
    }

    fn note_standing(&mut self) {
        let raft = &self.raw.raft;
        let role = match raft.state {
            StateRole::Follower => Role::Follower,
            StateRole::PreCandidate => Role::PreCandidate,
            StateRole::Candidate => Role::Candidate,
            StateRole::Leader => Role::Leader,
        };
        let has_campaigned = matches!(role, Role::Candidate | Role::Leader);
        if raft.term > self.last_term && has_campaigned {
            self.counters.campaigns.add(1);
        }
        let was_leader =
            self.role == Role::Leader && (role != Role::Leader || raft.term > self.last_term);
        (self.last_term, self.role) = (raft.term, role);
        let (leader, applied) = (self.leader(), self.served.partition.applied_index());
        let is_established = role == Role::Leader
            && (self.served.lead.is_established && !was_leader
                || self.raw.store().store.term(applied) == Some(self.last_term));
        self.served.lead = raftmark_host::served::Lead { leader, is_established };
        if was_leader {
            let (term, burst) = (self.last_term, &mut self.burst);
            self.pending.fail_all(Code::LeadershipLost, term, leader, burst);
            for fetch in self.reads.take_all() {
                self.served.refuse(fetch, Code::NotLeader, burst);
            }
        }
        self.end_transfer(leader);
        self.tell();
    }

    fn tell(&self) {
        let raft = &self.raw.raft;
        let partition = &self.served.partition;
        let applied = partition.applied_index();
        self.status.progress(raft.raft_log.committed, applied, partition.high_watermark());
        let failure = self.failure.clone().unwrap_or_default();
        let (term, role, leader) = (raft.term, self.role, self.leader());
        self.status.stand(Standing { term, role, leader, failure });
    }

    fn leader(&self) -> u32 {
        self.raw.raft.leader_id as u32
    }

    fn sweep_by(&mut self, deadline: Instant) {
        self.sweep_at = Some(self.sweep_at.map_or(deadline, |at| at.min(deadline)));
    }

    fn sweep(&mut self, now: Instant) {
        let (term, leader) = (self.raw.raft.term, self.leader());
        self.pending.time_out(now, term, leader, &mut self.burst);
        for fetch in self.reads.take_late(now) {
            self.served.refuse(fetch, Code::TimedOut, &mut self.burst);
        }
        let store = &self.raw.store().store;
        let read = |start, end, bytes_max| store.entries(start, end, bytes_max);
        self.served.wake(now, &read, &mut self.burst);
        if let Some((_, _, reply)) = self.transfer.take_if(|(_, limit, _)| *limit <= now) {
            let _ = reply.send(Code::TimedOut);
        }
        let limits = [
            self.pending.next_deadline(),
            self.served.next_deadline(),
            self.reads.next_deadline(),
            self.transfer.as_ref().map(|(_, limit, _)| *limit),
        ];
        self.sweep_at = limits.into_iter().flatten().min();
    }

    fn begin_transfer(&mut self, to: u32, reply: oneshot::Sender<Code>, now: Instant) {
        let is_voter = self.raw.store().voters.contains(&to);
        if self.raw.raft.state != StateRole::Leader || !is_voter {
            let code = if is_voter { Code::NotLeader } else { Code::Unsupported };
            let _ = reply.send(code);
            return;
        }
        // The library gives up a transfer after an election timeout.
        let limit = now + self.options.tick * self.options.raft.max_election_tick as u32;
        self.raw.transfer_leader(to.into());
        self.sweep_by(limit);
        self.transfer = Some((to, limit, reply));
    }

    fn end_transfer(&mut self, leader: u32) {
        if let Some((_, _, reply)) = self.transfer.take_if(|(to, _, _)| *to == leader) {
            let _ = reply.send(Code::Ok);
        }
    }

    fn read_back(&self, start: u64) -> Result<Vec<Entry>, String> {
        let end = self.raw.raft.raft_log.committed.min(self.raw.store().store.last_index()) + 1;
        if start >= end {
            return Ok(Vec::new());
        }
        let read = self.raw.store().store.entries(start, end, READ_BACK_BYTES);
        read.map_err(|error| error.to_string())
    }

    /// The store is broken, and so is this replica: nothing may follow.
    fn fail(&mut self, error: &io::Error) {
        let failure = error.to_string();
        let (term, leader) = (self.raw.raft.term, self.leader());
        let code = Code::StorageFailed;
        self.pending.fail_all(code, term, leader, &mut self.burst);
        self.served.refuse_all(code, &mut self.burst);
        for fetch in self.reads.take_all() {
            self.served.refuse(fetch, code, &mut self.burst);
        }
        self.failure.get_or_insert(failure);
        self.outstanding.clear();
    }

    async fn close(mut self) {
        let (term, leader) = (self.raw.raft.term, self.leader());
        self.pending.fail_all(Code::TimedOut, term, leader, &mut self.burst);
        self.burst.flush();
        let Some(reply) = self.closing.take() else {
            return;
        };
        let closed = self.close_store().await;
        let _ = reply.send(closed.map_err(|error| error.to_string()));
    }

    async fn close_store(&mut self) -> io::Result<()> {
        if self.failure.is_some() {
            return Ok(());
        }
        if let Some(syncer) = &self.syncer {
            syncer.sync().await.map_err(|error| io::Error::other(error.to_string()))?;
        }
        self.raw.mut_store().store.close()
    }
}
