//! Where one group of one node keeps what must survive a crash. Every index range is half-open.
//!
//! 1. A write is one thing: after a crash all of it is there, or none.
//! 2. What was appended can be read at once; it is durable when a sync that began later has ended.
//! 3. An error is final: after a failed sync nobody knows what the disk holds (Rebello et al.,
//!    ATC'20), after a short write nothing may follow it.

mod memory;
mod recent;
mod syncer;
mod wal;

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;

pub use memory::MemoryStore;
pub use syncer::{Durable, NothingToSync, Synced, Syncer};
pub use wal::WalStore;

use crate::config::{Config, Durability};
use crate::counters::Counters;

#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(u32)]
pub enum Kind {
    /// Of a new leader.
    Noop = 0,
    /// One record batch.
    Records = 1,
    /// The library's own, in its own encoding: a change of membership.
    Library = 2,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub index: u64,
    pub term: u64,
    pub kind: Kind,
    pub payload: Bytes,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct HardState {
    pub term: u64,
    /// 0: nobody.
    pub voted_for: u32,
    /// A quorum is known to have given the same vote. Of libraries that keep this with the vote.
    pub is_leader_known: bool,
}

/// In the order in which it takes effect.
#[derive(Debug, Default)]
pub struct Write {
    pub hard_state: Option<HardState>,
    pub truncate_from: Option<u64>,
    pub entries: Vec<Entry>,
}

pub trait Store: Send {
    /// The last one written.
    fn hard_state(&self) -> HardState;

    /// 0 when the log is empty.
    fn last_index(&self) -> u64;

    /// 0 for index 0; `None` for an entry that is not held.
    fn term(&self, index: u64) -> Option<u64>;

    fn append(&mut self, write: &Write) -> io::Result<()>;

    /// Entries in the range, all of them held, cut after `bytes_max` payload bytes but never empty.
    fn entries(&self, start: u64, end: u64, bytes_max: u64) -> io::Result<Vec<Entry>>;

    /// What makes appended writes durable; `None` when the store does not promise it.
    fn durable(&self) -> Option<Arc<dyn Durable>>;

    /// To be called when everything is synced: says in the files that they ended in good order.
    fn close(&mut self) -> io::Result<()>;
}

/// A store that several tasks of a library use.
#[derive(Clone)]
pub struct SharedStore(Arc<Mutex<Box<dyn Store>>>);

impl SharedStore {
    pub fn new(store: Box<dyn Store>) -> Self {
        SharedStore(Arc::new(Mutex::new(store)))
    }

    pub fn lock(&self) -> MutexGuard<'_, Box<dyn Store>> {
        self.0.lock().expect("a panic ends the process")
    }
}

/// Stores that `open` knows.
pub fn open(
    config: &Config,
    group: u32,
    counters: &Arc<Counters>,
) -> Result<Box<dyn Store>, String> {
    let Config { store, durability, .. } = config;
    match (store.as_str(), durability) {
        ("memory", Durability::D0) => Ok(Box::new(MemoryStore::default())),
        ("wal", Durability::D1 | Durability::D2 | Durability::D3) => {
            let directory: PathBuf = config.directory.join("groups").join(group.to_string());
            let is_synced = *durability != Durability::D1;
            let store = WalStore::open(&directory, config.node, group, is_synced, counters.clone())
                .map_err(|error| format!("{}: {error}", directory.display()))?;
            Ok(Box::new(store))
        }
        ("memory" | "wal", _) => Err(format!("the store {store} does not keep {durability:?}")),
        _ => Err(format!("store \"{store}\" is not one of memory, wal")),
    }
}

/// Which term each part of a log has: few runs, however long it is.
#[derive(Default)]
pub struct Terms {
    /// First index and term of each run.
    runs: Vec<(u64, u64)>,
    last_index: u64,
}

impl Terms {
    pub fn last_index(&self) -> u64 {
        self.last_index
    }

    pub fn push(&mut self, index: u64, term: u64) {
        assert_eq!(index, self.last_index + 1, "an entry is passed over");
        if self.runs.last().is_none_or(|(_, last)| *last != term) {
            self.runs.push((index, term));
        }
        self.last_index = index;
    }

    pub fn truncate(&mut self, from: u64) {
        self.last_index = self.last_index.min(from - 1);
        while self.runs.last().is_some_and(|(first, _)| *first >= from) {
            self.runs.pop();
        }
    }

    pub fn of(&self, index: u64) -> Option<u64> {
        if index == 0 {
            return Some(0);
        }
        let after = self.runs.partition_point(|(first, _)| *first <= index);
        (index <= self.last_index).then(|| self.runs[after - 1].1)
    }
}

/// A prefix of `entries` of at most so many payload bytes, but at least one entry.
fn bounded<'a>(entries: impl Iterator<Item = &'a Entry>, bytes_max: u64) -> Vec<Entry> {
    let mut bytes = 0;
    let mut found = Vec::new();
    for entry in entries {
        bytes += entry.payload.len() as u64;
        if !found.is_empty() && bytes > bytes_max {
            break;
        }
        found.push(entry.clone());
    }
    found
}
