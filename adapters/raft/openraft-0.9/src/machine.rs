//! The partition as OpenRaft's state machine.

use std::io;
use std::sync::Arc;

use openraft::storage::{RaftStateMachine, Snapshot};
use openraft::{RaftSnapshotBuilder, SnapshotMeta, StorageError, StorageIOError, StoredMembership};
use raftmark_host::clients::Clients;
use raftmark_host::partition::Applied;

use crate::types::{Entry, Place, Types, of_entry};

type Failure = StorageError<u64>;

pub struct Machine {
    pub clients: Arc<Clients>,
}

/// Nothing is compacted, so nobody needs a snapshot.
pub struct NoSnapshots;

fn unsupported() -> Failure {
    let error = io::Error::new(io::ErrorKind::Unsupported, "there are no snapshots here");
    StorageIOError::read_state_machine(&error).into()
}

impl RaftStateMachine<Types> for Machine {
    type SnapshotBuilder = NoSnapshots;

    /// The partition is built anew from the log by every process.
    async fn applied_state(
        &mut self,
    ) -> Result<(Option<Place>, StoredMembership<u64, ()>), Failure> {
        Ok((None, StoredMembership::default()))
    }

    async fn apply<I>(&mut self, entries: I) -> Result<Vec<Applied>, Failure>
    where
        I: IntoIterator<Item = Entry> + Send,
        I::IntoIter: Send,
    {
        let applied = entries.into_iter().map(|entry| self.clients.apply(&of_entry(entry)));
        let applied = applied.collect();
        self.clients.applied();
        Ok(applied)
    }

    async fn get_snapshot_builder(&mut self) -> NoSnapshots {
        NoSnapshots
    }

    async fn begin_receiving_snapshot(&mut self) -> Result<Box<()>, Failure> {
        Err(unsupported())
    }

    async fn install_snapshot(
        &mut self,
        _: &SnapshotMeta<u64, ()>,
        _: Box<()>,
    ) -> Result<(), Failure> {
        Err(unsupported())
    }

    async fn get_current_snapshot(&mut self) -> Result<Option<Snapshot<Types>>, Failure> {
        Ok(None)
    }
}

impl RaftSnapshotBuilder<Types> for NoSnapshots {
    async fn build_snapshot(&mut self) -> Result<Snapshot<Types>, Failure> {
        Err(unsupported())
    }
}
