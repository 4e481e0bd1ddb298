//! The library's settings: its own defaults, but for the words of a tuning (adapter.json) and the
//! times, which are the harness's.

use std::time::Duration;

use raft::Config as RaftConfig;
use raftmark_host::config::{Config, Tuning};

pub struct Options {
    pub raft: RaftConfig,
    pub tick: Duration,
    /// The timer starts anew with every message, so that under load it never runs out.
    pub is_tick_rearmed: bool,
}

impl Options {
    /// A tick is one heartbeat interval; the other times are rounded to ticks.
    pub fn read(config: &Config) -> Result<Options, String> {
        let mut words = Tuning::of(config);
        let defaults = RaftConfig::default();
        let timing = config.timing;
        let ticks = |ms: f64| (ms / timing.heartbeat_ms).round().max(2.0) as usize;
        let (election_min, election_max) =
            (ticks(timing.election_min_ms), ticks(timing.election_max_ms));
        let raft = RaftConfig {
            id: config.node.into(),
            heartbeat_tick: 1,
            election_tick: election_min,
            min_election_tick: election_min,
            // Exclusive.
            max_election_tick: election_max.max(election_min + 1),
            max_size_per_msg: words.number("maxSizePerMsg", defaults.max_size_per_msg)?,
            max_inflight_msgs: words.number("maxInflightMsgs", defaults.max_inflight_msgs as u64)?
                as usize,
            check_quorum: words.flag("checkQuorum", defaults.check_quorum)?,
            pre_vote: words.flag("preVote", defaults.pre_vote)?,
            batch_append: words.flag("batchAppend", defaults.batch_append)?,
            skip_bcast_commit: words.flag("skipBcastCommit", defaults.skip_bcast_commit)?,
            ..defaults
        };
        let is_tick_rearmed = words.flag("rearmTick", false)?;
        words.finish()?;
        raft.validate().map_err(|error| error.to_string())?;
        let tick = Duration::from_secs_f64(timing.heartbeat_ms / 1e3);
        Ok(Options { raft, tick, is_tick_rearmed })
    }
}
