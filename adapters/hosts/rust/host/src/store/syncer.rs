use std::io;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::counters::Counters;

/// Something with writes that are not durable yet.
pub trait Durable: Send + Sync {
    /// Makes all durable that was appended before the call. Blocks. An error is final.
    fn sync(&self) -> io::Result<()>;
}

/// A store without a sync, whose delay is all there is to wait for.
pub struct NothingToSync;

impl Durable for NothingToSync {
    fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}

/// How a sync ended; shared by all who waited for it.
pub type Synced = Result<(), Arc<io::Error>>;

type Done = Box<dyn FnOnce(Synced) + Send>;

/// One sync at a time, on a thread beside the runtime's, and each covers all that was asked before
/// it began: what group commit is. Requests end in the order in which they were made.
pub struct Syncer {
    durable: Arc<dyn Durable>,
    /// Added to every sync.
    delay: Duration,
    /// `false`: one sync for each request.
    is_shared: bool,
    counters: Arc<Counters>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    waiting: Vec<Done>,
    is_running: bool,
    failure: Option<Arc<io::Error>>,
}

impl Syncer {
    pub fn new(
        durable: Arc<dyn Durable>,
        delay: Duration,
        is_shared: bool,
        counters: Arc<Counters>,
    ) -> Arc<Self> {
        Arc::new(Syncer { durable, delay, is_shared, counters, state: Mutex::default() })
    }

    /// Calls `done` when all is durable that was appended before, on a thread of the syncer's.
    pub fn request(self: &Arc<Self>, done: impl FnOnce(Synced) + Send + 'static) {
        let must_start = {
            let mut state = self.lock();
            state.waiting.push(Box::new(done));
            !std::mem::replace(&mut state.is_running, true)
        };
        if must_start {
            let syncer = self.clone();
            tokio::task::spawn_blocking(move || syncer.run());
        }
    }

    pub async fn sync(self: &Arc<Self>) -> Synced {
        let (done, ended) = oneshot::channel();
        self.request(move |synced| drop(done.send(synced)));
        ended.await.expect("a request is answered, or the process ends")
    }

    fn run(&self) {
        while let Some(batch) = self.next_batch() {
            let failure = self.lock().failure.clone();
            let synced = failure.map_or_else(|| self.sync_now(), Err);
            if let Err(error) = &synced {
                self.lock().failure = Some(error.clone());
            }
            for done in batch {
                done(synced.clone());
            }
        }
    }

    fn next_batch(&self) -> Option<Vec<Done>> {
        let mut state = self.lock();
        if state.waiting.is_empty() {
            state.is_running = false;
            return None;
        }
        let count = if self.is_shared { state.waiting.len() } else { 1 };
        Some(state.waiting.drain(..count).collect())
    }

    fn sync_now(&self) -> Synced {
        self.durable.sync().map_err(Arc::new)?;
        if !self.delay.is_zero() {
            let began = Instant::now();
            std::thread::sleep(self.delay);
            self.counters.sync_delays.add(began.elapsed());
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("a panic ends the process")
    }
}
