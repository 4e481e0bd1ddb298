//! A store of the host as raft-rs wants to read it.

use raft::eraftpb::{ConfState, Entry, EntryType, HardState, Snapshot};
use raft::util::limit_size;
use raft::{Error, GetEntriesContext, RaftState, Result, Storage, StorageError};
use raftmark_host::store::{self, Kind, Store};

pub struct LogStorage {
    pub store: Box<dyn Store>,
    pub voters: Vec<u32>,
}

impl Storage for LogStorage {
    fn initial_state(&self) -> Result<RaftState> {
        let kept = self.store.hard_state();
        let mut hard_state = HardState::default();
        hard_state.term = kept.term;
        hard_state.vote = kept.voted_for.into();
        let voters: Vec<u64> = self.voters.iter().map(|voter| (*voter).into()).collect();
        Ok(RaftState { hard_state, conf_state: ConfState::from((voters, vec![])) })
    }

    fn entries(
        &self,
        low: u64,
        high: u64,
        max_size: impl Into<Option<u64>>,
        _: GetEntriesContext,
    ) -> Result<Vec<Entry>> {
        let max_size = max_size.into();
        let kept = self.store.entries(low, high, max_size.unwrap_or(u64::MAX));
        let kept = kept.map_err(|error| Error::Store(StorageError::Other(error.into())))?;
        let mut entries: Vec<Entry> = kept.into_iter().map(to_library).collect();
        limit_size(&mut entries, max_size);
        Ok(entries)
    }

    fn term(&self, index: u64) -> Result<u64> {
        self.store.term(index).ok_or(Error::Store(StorageError::Unavailable))
    }

    fn first_index(&self) -> Result<u64> {
        Ok(1)
    }

    fn last_index(&self) -> Result<u64> {
        Ok(self.store.last_index())
    }

    /// Nothing is ever compacted, so nobody needs one.
    fn snapshot(&self, _: u64, _: u64) -> Result<Snapshot> {
        Err(Error::Store(StorageError::SnapshotTemporarilyUnavailable))
    }
}

fn to_library(kept: store::Entry) -> Entry {
    let mut entry = Entry::default();
    entry.index = kept.index;
    entry.term = kept.term;
    entry.data = kept.payload;
    entry
}

/// Payloads are shared, not copied.
pub fn from_library(entry: Entry) -> store::Entry {
    assert_eq!(entry.get_entry_type(), EntryType::EntryNormal, "membership is not changed here");
    let kind = if entry.data.is_empty() { Kind::Noop } else { Kind::Records };
    store::Entry { index: entry.index, term: entry.term, kind, payload: entry.data }
}
