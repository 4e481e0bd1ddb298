//! What every Raft library in Rust needs around it to be measured by raftmark: the contract's
//! server, frames with windows, the partition with offsets at apply, stores, links between peers,
//! counters, and how a process starts and ends. Nothing here knows any library.

pub mod answer;
pub mod batch;
pub mod clients;
pub mod code;
mod codec;
pub mod config;
pub mod counters;
mod frames;
pub mod group;
pub mod inbox;
pub mod links;
pub mod outbox;
pub mod partition;
pub mod pending;
mod process;
pub mod served;
mod server;
pub mod store;
mod wire;

pub use process::run;
