//! What clients wait for, of a library that has a loop of its own: it applies entries on one of its
//! tasks, and tells by a callback what became of a proposal.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;

use tokio::sync::Notify;
use tokio::time::sleep_until;

use crate::answer::{Answer, Fetch, Produced};
use crate::code::Code;
use crate::group::{Role, Standing, Status};
use crate::outbox::Burst;
use crate::partition::Applied;
use crate::served::{Lead, Served};
use crate::store::{Entry, SharedStore};

pub struct Clients {
    store: SharedStore,
    status: Arc<Status>,
    state: Mutex<State>,
    deadline_added: Notify,
}

#[derive(Default)]
struct State {
    served: Served,
    waiting: Vec<Option<Waiting>>,
    free: Vec<usize>,
    term: u64,
    role: Role,
    burst: Burst,
    /// Not after the first deadline of what waits.
    sweep_at: Option<Instant>,
    has_failed: bool,
}

struct Waiting {
    deadline: Instant,
    /// `None` when it timed out; the ticket stays taken until its outcome is known.
    answer: Option<Answer>,
}

/// A proposal that the library was given.
pub struct Ticket(usize);

impl Clients {
    /// Called within the runtime.
    pub fn start(store: SharedStore, status: Arc<Status>) -> Arc<Self> {
        let (state, deadline_added) = (Mutex::default(), Notify::new());
        let clients = Arc::new(Clients { store, status, state, deadline_added });
        tokio::spawn(clients.clone().sweep_on_time());
        clients
    }

    /// `None`, and an answer, when this node does not lead or has failed.
    pub fn admit(&self, answer: Answer, deadline: Instant) -> Option<Ticket> {
        let mut state = self.lock();
        let refusal = match state.role {
            _ if state.has_failed => Some(Code::StorageFailed),
            Role::Leader => None,
            _ => Some(Code::NotLeader),
        };
        if let Some(code) = refusal {
            let refused = Produced::refused(code, state.term, state.served.lead.leader);
            answer.produced(&mut state.burst, refused);
            return None;
        }
        let waiting = Some(Waiting { deadline, answer: Some(answer) });
        let ticket = match state.free.pop() {
            Some(place) => {
                state.waiting[place] = waiting;
                place
            }
            None => {
                state.waiting.push(waiting);
                state.waiting.len() - 1
            }
        };
        self.sweep_by(&mut state, deadline);
        Some(Ticket(ticket))
    }

    /// The proposal became the entry at `index` of `term`, and was applied. Answers at `flush`.
    pub fn settle(&self, ticket: Ticket, applied: Applied, index: u64, term: u64) {
        let mut state = self.lock();
        let leader = state.served.lead.leader;
        let lost = Produced::refused(Code::LeadershipLost, term, leader);
        let produced = match applied {
            Applied::Offset(base_offset) => Produced { code: Code::Ok, base_offset, index, ..lost },
            Applied::Refused(code) => Produced { code, index, ..lost },
            Applied::Nothing => lost,
        };
        state.answer(ticket, produced);
    }

    /// Nobody knows what became of the proposal.
    pub fn lose(&self, ticket: Ticket) {
        let mut state = self.lock();
        let lost = Produced::refused(Code::LeadershipLost, state.term, state.served.lead.leader);
        state.answer(ticket, lost);
        state.burst.flush();
    }

    pub fn apply(&self, entry: &Entry) -> Applied {
        let mut state = self.lock();
        state.served.lead.is_established |= state.role == Role::Leader && entry.term == state.term;
        state.served.apply(entry)
    }

    /// What follows from the entries that were applied since the last call.
    pub fn applied(&self) {
        let state = &mut *self.lock();
        let State { served, burst, .. } = state;
        served.wake_grown(Instant::now(), &self.reader(), burst);
        let index = served.partition.applied_index();
        // A library that applies what is committed tells of a commit by applying it.
        self.status.progress(index, index, served.partition.high_watermark());
        burst.flush();
    }

    /// Serves fetches whose consistency is made sure.
    pub fn serve(&self, fetches: impl IntoIterator<Item = Fetch>) {
        let state = &mut *self.lock();
        let now = Instant::now();
        for fetch in fetches {
            self.sweep_by(state, fetch.deadline);
            state.served.fetch(fetch, now, &self.reader(), &mut state.burst);
        }
    }

    pub fn refuse(&self, fetches: impl IntoIterator<Item = Fetch>, code: Code) {
        let state = &mut *self.lock();
        for fetch in fetches {
            state.served.refuse(fetch, code, &mut state.burst);
        }
    }

    pub fn flush(&self) {
        self.lock().burst.flush();
    }

    pub fn leads(&self) -> bool {
        self.lock().role == Role::Leader
    }

    /// Takes note of who leads, and tells the watchers.
    pub fn stand(&self, term: u64, role: Role, leader: u32) {
        let mut state = self.lock();
        let is_new = state.term != term || state.role != role;
        (state.term, state.role) = (term, role);
        let applied = state.served.partition.applied_index();
        let has_applied_own = self.store.lock().term(applied) == Some(term) && applied > 0;
        let was_established = state.served.lead.is_established && !is_new;
        let is_established = role == Role::Leader && (was_established || has_applied_own);
        state.served.lead = Lead { leader, is_established };
        if !state.has_failed {
            self.status.stand(Standing { term, role, leader, failure: String::new() });
        }
    }

    /// Answers all that waits, and refuses all that comes.
    pub fn fail(&self, failure: &str) {
        let state = &mut *self.lock();
        if std::mem::replace(&mut state.has_failed, true) {
            return;
        }
        self.status.fail(failure.to_owned());
        state.answer_all(Code::StorageFailed);
    }

    /// Answers all that waits, because this node ends.
    pub fn end(&self) {
        self.lock().answer_all(Code::TimedOut);
    }

    fn reader(&self) -> impl Fn(u64, u64, u64) -> std::io::Result<Vec<Entry>> + '_ {
        |start, end, bytes_max| self.store.lock().entries(start, end, bytes_max)
    }

    fn sweep_by(&self, state: &mut State, deadline: Instant) {
        if state.sweep_at.is_none_or(|at| deadline < at) {
            state.sweep_at = Some(deadline);
            self.deadline_added.notify_one();
        }
    }

    async fn sweep_on_time(self: Arc<Self>) {
        loop {
            let sweep_at = self.lock().sweep_at;
            match sweep_at {
                None => self.deadline_added.notified().await,
                Some(at) => tokio::select! {
                    () = sleep_until(at.into()) => self.sweep(),
                    () = self.deadline_added.notified() => (),
                },
            }
        }
    }

    fn sweep(&self) {
        let state = &mut *self.lock();
        let now = Instant::now();
        let timed_out = Produced::refused(Code::TimedOut, state.term, state.served.lead.leader);
        let mut next = None;
        for waiting in state.waiting.iter_mut().flatten() {
            if waiting.answer.is_none() {
                continue;
            }
            if waiting.deadline > now {
                next = Some(next.map_or(waiting.deadline, |at: Instant| at.min(waiting.deadline)));
            } else if let Some(answer) = waiting.answer.take() {
                answer.produced(&mut state.burst, timed_out);
            }
        }
        state.served.wake(now, &self.reader(), &mut state.burst);
        state.burst.flush();
        state.sweep_at = [next, state.served.next_deadline()].into_iter().flatten().min();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("a panic ends the process")
    }
}

impl State {
    fn answer(&mut self, ticket: Ticket, produced: Produced) {
        let waiting = self.waiting[ticket.0].take();
        self.free.push(ticket.0);
        if let Some(answer) = waiting.and_then(|waiting| waiting.answer) {
            answer.produced(&mut self.burst, produced);
        }
    }

    fn answer_all(&mut self, code: Code) {
        let refused = Produced::refused(code, self.term, self.served.lead.leader);
        for answer in self.waiting.iter_mut().flatten().filter_map(|waiting| waiting.answer.take())
        {
            answer.produced(&mut self.burst, refused);
        }
        self.served.refuse_all(code, &mut self.burst);
        self.burst.flush();
    }
}
