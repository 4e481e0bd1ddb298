//! What waits for one group's task. A frame's requests arrive at once, so that they share one step.

use std::future::poll_fn;
use std::sync::{Mutex, MutexGuard};
use std::task::{Poll, Waker};

pub struct Inbox<E> {
    state: Mutex<State<E>>,
}

struct State<E> {
    events: Vec<E>,
    waker: Option<Waker>,
}

impl<E> Default for Inbox<E> {
    fn default() -> Self {
        Inbox { state: Mutex::new(State { events: Vec::new(), waker: None }) }
    }
}

impl<E> Inbox<E> {
    pub fn push(&self, event: E) {
        self.push_all(std::iter::once(event));
    }

    pub fn push_all(&self, events: impl IntoIterator<Item = E>) {
        let waker = {
            let mut state = self.lock();
            state.events.extend(events);
            state.waker.take()
        };
        waker.map(Waker::wake);
    }

    /// Waits until there is something, and takes it all into `events`, which is empty.
    pub async fn take(&self, events: &mut Vec<E>) {
        poll_fn(|context| {
            let mut state = self.lock();
            if state.events.is_empty() {
                state.waker = Some(context.waker().clone());
                return Poll::Pending;
            }
            std::mem::swap(&mut state.events, events);
            Poll::Ready(())
        })
        .await
    }

    fn lock(&self) -> MutexGuard<'_, State<E>> {
        self.state.lock().expect("a panic ends the process")
    }
}
