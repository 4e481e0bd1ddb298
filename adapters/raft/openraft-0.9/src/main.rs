//! OpenRaft 0.9 in the shared host.

mod group;
mod log;
mod machine;
mod network;
mod options;
mod peers;
mod types;

use std::sync::Arc;

use raftmark_host::config::Config;
use raftmark_host::group::{BoxFuture, Group, Library, Parts};

use group::RaftGroup;

fn main() {
    raftmark_host::run(OpenRaft);
}

struct OpenRaft;

impl Library for OpenRaft {
    fn check(&self, config: &Config) -> Result<(), String> {
        options::read(config).map(drop)
    }

    fn open(&self, parts: Parts) -> BoxFuture<Result<Arc<dyn Group>, String>> {
        Box::pin(async move { Ok(RaftGroup::start(parts).await? as Arc<dyn Group>) })
    }
}
