//! One group on one node, as the contract serves it: what a library's adapter implements.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::watch;

use crate::answer::{Fetch, Proposal};
use crate::code::Code;
use crate::config::{Config, Durability};
use crate::counters::Counters;
use crate::links::Links;
use crate::store::{Durable, Entry, NothingToSync, Store, Syncer};

pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What came for one group in one frame.
pub enum Event {
    Propose(Proposal),
    Fetch(Fetch),
    /// A message from a peer, in the library's own encoding.
    Message {
        from: u32,
        payload: Bytes,
    },
}

/// A library that runs in this host.
pub trait Library: Send + Sync + 'static {
    /// Whether its groups have stores.
    fn has_store(&self) -> bool {
        true
    }

    /// Refuses a configuration that it cannot do, in one line.
    fn check(&self, config: &Config) -> Result<(), String>;

    /// Starts the group. Called within the runtime.
    fn open(&self, parts: Parts) -> BoxFuture<Result<Arc<dyn Group>, String>>;
}

pub trait Group: Send + Sync {
    /// Takes what one frame brought.
    fn take(&self, events: &mut Vec<Event>);

    /// Starts an election now. Of a new cluster, on its first leader alone.
    fn campaign(&self);

    fn status(&self) -> &Arc<Status>;

    /// Hands leadership to another node; `None` when the library cannot.
    fn transfer(&self, _to: u32) -> Option<BoxFuture<Code>> {
        None
    }

    /// Committed entries from `start` on, a prefix of them; `None` when it is not offered.
    fn read_back(&self, _start: u64) -> Option<BoxFuture<Result<Vec<Entry>, String>>> {
        None
    }

    /// Answers what waits with an indefinite code, syncs and closes the store.
    fn close(&self) -> BoxFuture<Result<(), String>>;
}

/// What a group is made of.
pub struct Parts {
    pub config: Arc<Config>,
    pub group: u32,
    /// `None` when the library has no store.
    pub store: Option<Box<dyn Store>>,
    pub links: Arc<Links>,
    pub counters: Arc<Counters>,
}

impl Parts {
    /// `None` when the store promises nothing that must be waited for. A delay is kept over any
    /// store, also one without a sync.
    pub fn syncer(&self) -> Option<Arc<Syncer>> {
        let delay = Duration::from_secs_f64(self.config.sync_delay_ms / 1e3);
        let nothing = || (!delay.is_zero()).then(|| Arc::new(NothingToSync) as Arc<dyn Durable>);
        let durable = self.store.as_ref()?.durable().or_else(nothing)?;
        let is_shared = self.config.durability != Durability::D3;
        Some(Syncer::new(durable, delay, is_shared, self.counters.clone()))
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(u32)]
pub enum Role {
    #[default]
    Follower = 0,
    PreCandidate = 1,
    Candidate = 2,
    Leader = 3,
}

/// Watchers are told of each change.
#[derive(Clone, Default, PartialEq)]
pub struct Standing {
    pub term: u64,
    pub role: Role,
    /// 0 when unknown.
    pub leader: u32,
    /// Empty while the group serves; otherwise why it does not.
    pub failure: String,
}

/// What a group tells of itself.
#[derive(Default)]
pub struct Status {
    pub standing: watch::Sender<Standing>,
    commit_index: AtomicU64,
    applied_index: AtomicU64,
    high_watermark: AtomicU64,
}

impl Status {
    pub fn stand(&self, standing: Standing) {
        self.standing.send_if_modified(|last| {
            let is_new = *last != standing;
            *last = standing;
            is_new
        });
    }

    pub fn fail(&self, failure: String) {
        self.standing.send_modify(|last| last.failure = failure);
    }

    pub fn progress(&self, commit_index: u64, applied_index: u64, high_watermark: u64) {
        self.commit_index.store(commit_index, Relaxed);
        self.applied_index.store(applied_index, Relaxed);
        self.high_watermark.store(high_watermark, Relaxed);
    }

    /// Commit index, applied index, high watermark.
    pub fn reached(&self) -> [u64; 3] {
        [&self.commit_index, &self.applied_index, &self.high_watermark]
            .map(|each| each.load(Relaxed))
    }
}
