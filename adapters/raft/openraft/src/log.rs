//! A store of the host as OpenRaft's log.

use std::fmt::Debug;
use std::io;
use std::ops::{Bound, RangeBounds};
use std::sync::Arc;

use openraft::storage::{IOFlushed, LogState, RaftLogReader, RaftLogStorage};
use raftmark_host::clients::Clients;
use raftmark_host::counters::Counters;
use raftmark_host::store::{self, SharedStore, Synced, Syncer, Write};

use crate::types::{
    Entry, Place, Types, Vote, kept_vote, of_entry, to_entry, to_place, vote_to_keep,
};

/// Entries that one read gives for replication; the library asks again for the rest.
const READ_BYTES_MAX: u64 = 1 << 20;

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

    fn read(&self, start: u64, end: u64, bytes_max: u64) -> io::Result<Vec<Entry>> {
        let store = self.store.lock();
        let end = end.min(store.last_index());
        if start >= end {
            return Ok(Vec::new());
        }
        let entries = store.entries(start + 1, end + 1, bytes_max)?;
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
    ) -> io::Result<Vec<Entry>> {
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

    async fn limited_get_log_entries(&mut self, start: u64, end: u64) -> io::Result<Vec<Entry>> {
        self.read(start, end, READ_BYTES_MAX)
    }

    async fn read_vote(&mut self) -> io::Result<Option<Vote>> {
        Ok(kept_vote(self.store.lock().hard_state()))
    }
}

impl RaftLogStorage<Types> for Log {
    type LogReader = Log;

    async fn get_log_state(&mut self) -> io::Result<LogState<Types>> {
        let store = self.store.lock();
        let last = store.last_index();
        let term = store.term(last).expect("the last entry is held");
        let last_log_id = (last > 0).then(|| to_place((term, last - 1)));
        Ok(LogState { last_purged_log_id: None, last_log_id })
    }

    async fn get_log_reader(&mut self) -> Log {
        self.clone()
    }

    async fn save_vote(&mut self, vote: &Vote) -> io::Result<()> {
        let hard_state = Some(vote_to_keep(vote));
        self.write_and_sync(&Write { hard_state, ..Write::default() }).await
    }

    /// Can be read when it returns; the callback tells when it is durable.
    async fn append<I>(&mut self, entries: I, callback: IOFlushed<Types>) -> io::Result<()>
    where
        I: IntoIterator<Item = Entry> + Send,
        I::IntoIter: Send,
    {
        let entries: Vec<store::Entry> = entries.into_iter().map(of_entry).collect();
        self.write(&Write { entries, ..Write::default() })?;
        match &self.syncer {
            Some(syncer) => {
                let clients = self.clients.clone();
                syncer.request(move |synced| callback.io_completed(checked(&clients, synced)));
            }
            None => callback.io_completed(Ok(())),
        }
        Ok(())
    }

    async fn truncate_after(&mut self, last: Option<Place>) -> io::Result<()> {
        let truncate_from = Some(last.map_or(1, |last| last.index + 2));
        self.write_and_sync(&Write { truncate_from, ..Write::default() }).await
    }

    /// Nothing is ever purged: `SnapshotPolicy::Never`.
    async fn purge(&mut self, _: Place) -> io::Result<()> {
        Err(io::Error::other("nothing is purged here"))
    }
}
