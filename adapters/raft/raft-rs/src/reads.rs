//! Linearizable fetches on their way through the library's ReadIndex.

use std::time::{Duration, Instant};

use raftmark_host::answer::Fetch;

/// A leader that has lost its quorum answers no ReadIndex.
const LIMIT: Duration = Duration::from_secs(5);

struct Asked {
    context: u64,
    at: Instant,
    fetches: Vec<Fetch>,
}

#[derive(Default)]
pub struct Reads {
    last_context: u64,
    /// What one burst brought: they share a question.
    fresh: Vec<Fetch>,
    asked: Vec<Asked>,
    /// By the index that must be applied first.
    known: Vec<(u64, Vec<Fetch>)>,
}

impl Reads {
    pub fn add(&mut self, fetch: Fetch) {
        self.fresh.push(fetch);
    }

    pub fn has_fresh(&self) -> bool {
        !self.fresh.is_empty()
    }

    /// The context to ask with, for all that came since.
    pub fn ask(&mut self, now: Instant) -> Vec<u8> {
        self.last_context += 1;
        let fetches = std::mem::take(&mut self.fresh);
        self.asked.push(Asked { context: self.last_context, at: now, fetches });
        self.last_context.to_be_bytes().to_vec()
    }

    pub fn answered(&mut self, context: &[u8], index: u64) {
        let Ok(context) = context.try_into().map(u64::from_be_bytes) else {
            return;
        };
        if let Some(at) = self.asked.iter().position(|asked| asked.context == context) {
            self.known.push((index, self.asked.remove(at).fetches));
        }
    }

    /// Those that may be served once `applied` is applied.
    pub fn take_served(&mut self, applied: u64) -> Vec<Fetch> {
        if self.known.is_empty() {
            return Vec::new();
        }
        let may = self.known.extract_if(.., |(index, _)| *index <= applied);
        may.flat_map(|(_, fetches)| fetches).collect()
    }

    pub fn take_late(&mut self, now: Instant) -> Vec<Fetch> {
        let late = self.asked.extract_if(.., |asked| asked.at + LIMIT <= now);
        late.flat_map(|asked| asked.fetches).collect()
    }

    pub fn take_all(&mut self) -> Vec<Fetch> {
        let mut all = std::mem::take(&mut self.fresh);
        all.extend(self.asked.drain(..).flat_map(|asked| asked.fetches));
        all.extend(self.known.drain(..).flat_map(|(_, fetches)| fetches));
        all
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        self.asked.first().map(|asked| asked.at + LIMIT)
    }
}
