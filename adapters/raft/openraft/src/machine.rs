//! The partition as OpenRaft's state machine.

use std::io;
use std::sync::Arc;

use openraft::alias::{SnapshotMetaOf, SnapshotOf, StoredMembershipOf};
use openraft::storage::{EntryResponder, RaftSnapshotBuilder, RaftStateMachine};
use raftmark_host::clients::Clients;
use tokio_stream::{Stream, StreamExt};

use crate::types::{Place, Types, of_entry};

pub struct Machine {
    pub clients: Arc<Clients>,
}

/// Nothing is compacted, so nobody needs a snapshot.
pub struct NoSnapshots;

fn unsupported() -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, "there are no snapshots here")
}

impl RaftStateMachine<Types> for Machine {
    type SnapshotData = ();
    type SnapshotBuilder = NoSnapshots;

    /// The partition is built anew from the log by every process.
    async fn applied_state(&mut self) -> io::Result<(Option<Place>, StoredMembershipOf<Types>)> {
        Ok((None, StoredMembershipOf::<Types>::default()))
    }

    async fn apply<Strm>(&mut self, mut entries: Strm) -> io::Result<()>
    where
        Strm: Stream<Item = Result<EntryResponder<Types>, io::Error>> + Unpin + Send,
    {
        while let Some(next) = entries.next().await {
            let (entry, responder) = next?;
            let applied = self.clients.apply(&of_entry(entry));
            if let Some(responder) = responder {
                responder.send(applied);
            }
        }
        self.clients.applied();
        Ok(())
    }

    async fn try_create_snapshot_builder(&mut self, _: bool) -> Option<NoSnapshots> {
        None
    }

    async fn get_snapshot_builder(&mut self) -> NoSnapshots {
        NoSnapshots
    }

    async fn install_snapshot(&mut self, _: &SnapshotMetaOf<Types>, (): ()) -> io::Result<()> {
        Err(unsupported())
    }

    async fn get_current_snapshot(&mut self) -> io::Result<Option<SnapshotOf<Types, ()>>> {
        Ok(None)
    }
}

impl RaftSnapshotBuilder<Types> for NoSnapshots {
    type SnapshotData = ();

    async fn build_snapshot(&mut self) -> io::Result<SnapshotOf<Types, ()>> {
        Err(unsupported())
    }
}
