//! TiKV's raft-rs in the shared host, both ways that its documentation shows: one Ready after the
//! other (`raft-rs`), and several whose writes are outstanding (`raft-rs-async`).

mod driver;
mod options;
mod reads;
mod storage;

use std::sync::Arc;

use raftmark_host::config::Config;
use raftmark_host::group::{BoxFuture, Group, Library, Parts};

use driver::RaftGroup;
use options::Options;

/// What happens between taking a Ready and its being durable.
#[derive(Clone, Copy, PartialEq)]
pub enum Disk {
    /// Nothing: `advance` follows the sync.
    Lockstep,
    /// The node goes on: `advance_append_async`, and `on_persist_ready` when the sync has ended.
    Overlap,
}

/// Runs one node; see handshake.md.
pub fn run(disk: Disk) -> ! {
    raftmark_host::run(RaftRs { disk })
}

struct RaftRs {
    disk: Disk,
}

impl Library for RaftRs {
    fn check(&self, config: &Config) -> Result<(), String> {
        Options::read(config).map(drop)
    }

    fn open(&self, parts: Parts) -> BoxFuture<Result<Arc<dyn Group>, String>> {
        let disk = self.disk;
        Box::pin(async move { Ok(RaftGroup::start(parts, disk)? as Arc<dyn Group>) })
    }
}
