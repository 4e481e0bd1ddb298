//! A replica that replicates nothing: it gives each batch its offset, keeps the log in memory and
//! acknowledges at once. What it reaches is the ceiling of the host that all libraries in Rust
//! share.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;

use raftmark_host::answer::Produced;
use raftmark_host::code::Code;
use raftmark_host::config::{Config, Tuning};
use raftmark_host::group::{BoxFuture, Event, Group, Library, Parts, Role, Standing, Status};
use raftmark_host::outbox::Burst;
use raftmark_host::partition::Applied;
use raftmark_host::served::{Lead, Served};
use raftmark_host::store::{Entry, Kind, MemoryStore, Store, Write};

const TERM: u64 = 1;

fn main() {
    raftmark_host::run(Null);
}

struct Null;

impl Library for Null {
    fn has_store(&self) -> bool {
        false
    }

    fn check(&self, config: &Config) -> Result<(), String> {
        Tuning::of(config).finish()
    }

    fn open(&self, parts: Parts) -> BoxFuture<Result<Arc<dyn Group>, String>> {
        Box::pin(async move {
            let group = Arc::new(NullGroup::new(&parts));
            tokio::spawn(group.clone().answer_late_fetches());
            Ok(group as Arc<dyn Group>)
        })
    }
}

struct NullGroup {
    leads: bool,
    leader: u32,
    counters: Arc<raftmark_host::counters::Counters>,
    status: Arc<Status>,
    log: Mutex<Log>,
    parked: tokio::sync::Notify,
}

#[derive(Default)]
struct Log {
    served: Served,
    store: MemoryStore,
}

impl NullGroup {
    fn new(parts: &Parts) -> Self {
        let leader = parts.config.first_leader;
        let leads = parts.config.node == leader;
        let role = if leads { Role::Leader } else { Role::Follower };
        let status = Arc::new(Status::default());
        status.stand(Standing { term: TERM, role, leader, failure: String::new() });
        let mut log = Log::default();
        log.served.lead = Lead { leader, is_established: leads };
        let counters = parts.counters.clone();
        let (log, parked) = (Mutex::new(log), tokio::sync::Notify::new());
        NullGroup { leads, leader, counters, status, log, parked }
    }

    fn lock(&self) -> MutexGuard<'_, Log> {
        self.log.lock().expect("a panic ends the process")
    }

    fn handle(&self, log: &mut Log, event: Event, now: Instant, burst: &mut Burst) {
        match event {
            Event::Propose(proposal) if self.leads => {
                self.counters.produced.add(1);
                let index = log.store.last_index() + 1;
                let entry =
                    Entry { index, term: TERM, kind: Kind::Records, payload: proposal.batch };
                let applied = log.served.apply(&entry);
                let write = Write { entries: vec![entry], ..Write::default() };
                log.store.append(&write).expect("memory takes everything");
                let refused = Produced::refused(Code::TimedOut, TERM, self.leader);
                let produced = match applied {
                    Applied::Offset(base_offset) => {
                        Produced { code: Code::Ok, base_offset, index, ..refused }
                    }
                    Applied::Refused(code) => Produced { code, index, ..refused },
                    Applied::Nothing => refused,
                };
                proposal.answer.produced(burst, produced);
            }
            Event::Propose(proposal) => {
                let refused = Produced::refused(Code::NotLeader, TERM, self.leader);
                proposal.answer.produced(burst, refused);
            }
            Event::Fetch(fetch) if self.leads => {
                let Log { served, store } = log;
                let read = |start, end, bytes_max| store.entries(start, end, bytes_max);
                served.fetch(fetch, now, &read, burst);
            }
            Event::Fetch(fetch) => log.served.refuse(fetch, Code::NotLeader, burst),
            Event::Message { .. } => (),
        }
    }

    async fn answer_late_fetches(self: Arc<Self>) {
        loop {
            let next = self.lock().served.next_deadline();
            match next {
                None => self.parked.notified().await,
                Some(at) => tokio::select! {
                    () = tokio::time::sleep_until(at.into()) => self.wake(),
                    () = self.parked.notified() => (),
                },
            }
        }
    }

    fn wake(&self) {
        let mut burst = Burst::default();
        let Log { served, store } = &mut *self.lock();
        let read = |start, end, bytes_max| store.entries(start, end, bytes_max);
        served.wake(Instant::now(), &read, &mut burst);
        burst.flush();
    }
}

impl Group for NullGroup {
    fn take(&self, events: &mut Vec<Event>) {
        let now = Instant::now();
        let mut burst = Burst::default();
        let mut log = self.lock();
        for event in events.drain(..) {
            self.handle(&mut log, event, now, &mut burst);
        }
        let Log { served, store } = &mut *log;
        let read = |start, end, bytes_max| store.entries(start, end, bytes_max);
        served.wake_grown(now, &read, &mut burst);
        let index = store.last_index();
        self.status.progress(index, index, served.partition.high_watermark());
        let has_parked = served.next_deadline().is_some();
        drop(log);
        burst.flush();
        if has_parked {
            self.parked.notify_one();
        }
    }

    fn campaign(&self) {}

    fn status(&self) -> &Arc<Status> {
        &self.status
    }

    fn close(&self) -> BoxFuture<Result<(), String>> {
        Box::pin(async { Ok(()) })
    }
}
