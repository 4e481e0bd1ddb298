//! The configuration of one node, as the handshake defines it.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;

pub const CONTRACT: u32 = 1;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Config {
    pub contract: u32,
    pub run_id: String,
    pub node: u32,
    pub raft: String,
    pub listen: String,
    pub nodes: Vec<Member>,
    pub groups: Vec<u32>,
    pub first_leader: u32,
    pub directory: PathBuf,
    pub store: String,
    pub durability: Durability,
    pub sync_delay_ms: f64,
    pub link_delay_ms: f64,
    /// Only checks ask for it, and no store here has one.
    #[serde(default)]
    pub volatile_tail: bool,
    pub timing: Timing,
    pub tuning: HashMap<String, Value>,
    pub batch_bytes_max: usize,
    pub threads: usize,
    pub seed: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    pub node: u32,
    pub address: String,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Timing {
    pub heartbeat_ms: f64,
    pub election_min_ms: f64,
    pub election_max_ms: f64,
}

/// What an acknowledgement promises: memory, page cache, one sync for a group, one for each.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
pub enum Durability {
    D0,
    D1,
    D2,
    D3,
}

impl Config {
    /// Why it is refused is said in one line.
    pub fn read(json: &str) -> Result<Config, String> {
        let config: Config = serde_json::from_str(json).map_err(|error| error.to_string())?;
        config.contradiction().map_or(Ok(config), Err)
    }

    pub fn voters(&self) -> Vec<u32> {
        let mut voters: Vec<u32> = self.nodes.iter().map(|member| member.node).collect();
        voters.sort_unstable();
        voters
    }

    fn contradiction(&self) -> Option<String> {
        let nodes: HashSet<u32> = self.voters().into_iter().collect();
        let groups: HashSet<u32> = self.groups.iter().copied().collect();
        let Timing { heartbeat_ms, election_min_ms, election_max_ms } = self.timing;
        let wrong = [
            (self.contract != CONTRACT, "contract is not the one spoken here, 1"),
            (self.run_id.is_empty(), "runId is empty"),
            (nodes.len() != self.nodes.len(), "nodes names a node twice"),
            (nodes.contains(&0), "nodes has a node 0"),
            (!nodes.contains(&self.node), "node is not in nodes"),
            (!nodes.contains(&self.first_leader), "firstLeader is not in nodes"),
            (self.groups.is_empty(), "groups is empty"),
            (groups.len() != self.groups.len(), "groups names a group twice"),
            (!(0.0..=86_400_000.0).contains(&self.sync_delay_ms), "syncDelayMs is out of range"),
            (!(0.0..=86_400_000.0).contains(&self.link_delay_ms), "linkDelayMs is out of range"),
            (self.volatile_tail, "volatileTail is not kept by the stores of this host"),
            (heartbeat_ms < 1.0, "timing.heartbeatMs is below 1"),
            (election_min_ms <= heartbeat_ms, "timing.electionMinMs must be above heartbeatMs"),
            (
                election_max_ms < election_min_ms,
                "timing.electionMaxMs must not be below its minimum",
            ),
            (!(1..=1024).contains(&self.threads), "threads is out of range"),
            (self.batch_bytes_max == 0, "batchBytesMax is 0"),
        ];
        wrong.into_iter().find(|(is_wrong, _)| *is_wrong).map(|(_, text)| text.to_owned())
    }
}

/// The words of a tuning, taken one by one: what is left over was not understood.
pub struct Tuning(HashMap<String, Value>);

impl Tuning {
    pub fn of(config: &Config) -> Self {
        Tuning(config.tuning.clone())
    }

    pub fn number(&mut self, word: &str, otherwise: u64) -> Result<u64, String> {
        self.take(word, otherwise, Value::as_u64, "a whole number")
    }

    pub fn flag(&mut self, word: &str, otherwise: bool) -> Result<bool, String> {
        self.take(word, otherwise, Value::as_bool, "true or false")
    }

    /// Refuses a word that nobody took.
    pub fn finish(self) -> Result<(), String> {
        match self.0.into_keys().next() {
            Some(word) => Err(format!("tuning.{word} is no word of this raft")),
            None => Ok(()),
        }
    }

    fn take<T>(
        &mut self,
        word: &str,
        otherwise: T,
        read: impl Fn(&Value) -> Option<T>,
        kind: &str,
    ) -> Result<T, String> {
        match self.0.remove(word) {
            None => Ok(otherwise),
            Some(value) => {
                read(&value).ok_or_else(|| format!("tuning.{word} must be {kind}, is {value}"))
            }
        }
    }
}
