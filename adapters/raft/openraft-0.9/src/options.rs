//! The library's settings: its own defaults, but for the words of a tuning (adapter.json) and the
//! times, which are the harness's.

use openraft::{Config as RaftConfig, SnapshotPolicy};
use raftmark_host::config::{Config, Tuning};

pub fn read(config: &Config) -> Result<RaftConfig, String> {
    let mut words = Tuning::of(config);
    let defaults = RaftConfig::default();
    let timing = config.timing;
    let options = RaftConfig {
        cluster_name: config.run_id.clone(),
        heartbeat_interval: timing.heartbeat_ms.round() as u64,
        election_timeout_min: timing.election_min_ms.round() as u64,
        // Exclusive.
        election_timeout_max: (timing.election_max_ms.round() as u64)
            .max(timing.election_min_ms.round() as u64 + 1),
        // Nothing is compacted, as with all rafts here.
        snapshot_policy: SnapshotPolicy::Never,
        max_payload_entries: words.number("maxPayloadEntries", defaults.max_payload_entries)?,
        ..defaults
    };
    words.finish()?;
    options.validate().map_err(|error| error.to_string())
}
