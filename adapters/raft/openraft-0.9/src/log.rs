//! A store of the host as OpenRaft's log.

use std::fmt::Debug;
use std::io;
use std::ops::{Bound, RangeBounds};
use std::sync::Arc;

use openraft::storage::{LogFlushed, LogState, RaftLogReader, RaftLogStorage};
use openraft::{StorageError, StorageIOError};
use raftmark_host::clients::Clients;
use raftmark_host::counters::Counters;
use raftmark_host::store::{self, SharedStore, Synced, Syncer, Write};

use crate::types::{
    Entry, Place, Types, Vote, kept_vote, of_entry, to_entry, to_place, vote_to_keep,
};

/// Entries that one read gives for replication; the library asks again for the rest.
const READ_BYTES_MAX: u64 = 1 << 20;

type Failure = StorageError<u64>;

#[derive(Clone)]
pub struct Log {
    pub store: SharedStore,
    /// `None` when the store promises nothing that must be waited for.
    pub syncer: Option<Arc<Syncer>>,
    pub counters: Arc<Counters>,
    /// Told when the store fails.
    pub clients: Arc<Clients>,
}

impl Log {
    fn write(&self, write: &Write) -> io::Result<()> {
        self.counters.takes.add(1);
        self.counters.entries_persisted.add(write.entries.len() as u64);
        let written = self.store.lock().append(write);
        written.inspect_err(|error| self.clients.fail(&error.to_string()))
    }

    async fn write_and_sync(&self, write: &Write) -> io::Result<()> {
        self.write(write)?;
        match &self.syncer {
            Some(syncer) => checked(&self.clients, syncer.sync().await),
            None => Ok(()),
        }
    }

    fn read(&self, start: u64, end: u64, bytes_max: u64) -> Result<Vec<Entry>, Failure> {
        let store = self.store.lock();
        let end = end.min(store.last_index());
        if start >= end {
            return Ok(Vec::new());
        }
        let entries = store.entries(start + 1, end + 1, bytes_max);
        let entries = entries.map_err(|error| StorageIOError::read_logs(&error))?;
        Ok(entries.into_iter().map(to_entry).collect())
    }
}

fn checked(clients: &Clients, synced: Synced) -> io::Result<()> {
    synced.map_err(|error| {
        clients.fail(&error.to_string());
        io::Error::other(error.to_string())
    })
}

impl RaftLogReader<Types> for Log {
    async fn try_get_log_entries<RB: RangeBounds<u64> + Clone + Debug + Send>(
        &mut self,
        range: RB,
    ) -> Result<Vec<Entry>, Failure> {
        let start = match range.start_bound() {
            Bound::Included(start) => *start,
            Bound::Excluded(before) => before + 1,
            Bound::Unbounded => 0,
        };
        let end = match range.end_bound() {
            Bound::Included(last) => last + 1,
            Bound::Excluded(end) => *end,
            Bound::Unbounded => u64::MAX,
        };
        self.read(start, end, u64::MAX)
    }

    async fn limited_get_log_entries(
        &mut self,
        start: u64,
        end: u64,
    ) -> Result<Vec<Entry>, Failure> {
        self.read(start, end, READ_BYTES_MAX)
    }
}

impl RaftLogStorage<Types> for Log {
    type LogReader = Log;

    async fn get_log_state(&mut self) -> Result<LogState<Types>, Failure> {
        let store = self.store.lock();
        let last = store.last_index();
        let term = store.term(last).expect("the last entry is held");
        let last_log_id = (last > 0).then(|| to_place((term, last - 1)));
        Ok(LogState { last_purged_log_id: None, last_log_id })
    }

    async fn get_log_reader(&mut self) -> Log {
        self.clone()
    }

    async fn save_vote(&mut self, vote: &Vote) -> Result<(), Failure> {
        let hard_state = Some(vote_to_keep(vote));
        let written = self.write_and_sync(&Write { hard_state, ..Write::default() }).await;
        written.map_err(|error| StorageIOError::write_vote(&error).into())
    }

    async fn read_vote(&mut self) -> Result<Option<Vote>, Failure> {
        Ok(kept_vote(self.store.lock().hard_state()))
    }

    /// Can be read when it returns; the callback tells when it is durable. The library waits for it.
    async fn append<I>(&mut self, entries: I, callback: LogFlushed<Types>) -> Result<(), Failure>
    where
        I: IntoIterator<Item = Entry> + Send,
        I::IntoIter: Send,
    {
        let entries: Vec<store::Entry> = entries.into_iter().map(of_entry).collect();
        let written = self.write(&Write { entries, ..Write::default() });
        written.map_err(|error| StorageIOError::write_logs(&error))?;
        match &self.syncer {
            Some(syncer) => {
                let clients = self.clients.clone();
                syncer.request(move |synced| callback.log_io_completed(checked(&clients, synced)));
            }
            None => callback.log_io_completed(Ok(())),
        }
        Ok(())
    }

    async fn truncate(&mut self, first: Place) -> Result<(), Failure> {
        let truncate_from = Some(first.index + 1);
        let written = self.write_and_sync(&Write { truncate_from, ..Write::default() }).await;
        written.map_err(|error| StorageIOError::write_logs(&error).into())
    }

    /// Nothing is ever purged: `SnapshotPolicy::Never`.
    async fn purge(&mut self, _: Place) -> Result<(), Failure> {
        Err(StorageIOError::write_logs(&io::Error::other("nothing is purged here")).into())
    }
}
