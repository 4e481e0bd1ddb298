//! What waits to be sent on one stream. All that one burst brings goes into one frame, as soon as
//! the stream can take it: never on a timer.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

use bytes::{Bytes, BytesMut};
use tokio_stream::Stream;
use tonic::Status;

/// No frame grows beyond this, but one that holds a single larger message.
const FRAME_BYTES_MAX: usize = 256 * 1024;

#[derive(Default)]
pub struct Outbox {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    full: VecDeque<Bytes>,
    current: BytesMut,
    queued_bytes: usize,
    waker: Option<Waker>,
    end: Option<Option<Status>>,
    /// Nobody reads any more: what is put goes nowhere.
    is_gone: bool,
}

impl Outbox {
    /// Appends a message of about `bytes` bytes. The stream learns of it at `Burst::flush`.
    pub fn put(
        self: &Arc<Self>,
        burst: &mut Burst,
        bytes: usize,
        write: impl FnOnce(&mut BytesMut),
    ) {
        let mut state = self.lock();
        if state.is_gone {
            return;
        }
        if !state.current.is_empty() && state.current.len() + bytes > FRAME_BYTES_MAX {
            let frame = state.current.split().freeze();
            state.full.push_back(frame);
        }
        let was_empty = state.current.is_empty();
        let before = state.current.len();
        write(&mut state.current);
        state.queued_bytes += state.current.len() - before;
        if was_empty {
            burst.dirty.push(self.clone());
        }
    }

    /// Queues a message that must not share a frame, and tells the stream.
    pub fn put_frame(&self, frame: Bytes) {
        {
            let mut state = self.lock();
            if state.is_gone {
                return;
            }
            if !state.current.is_empty() {
                let current = state.current.split().freeze();
                state.full.push_back(current);
            }
            state.queued_bytes += frame.len();
            state.full.push_back(frame);
        }
        self.wake();
    }

    pub fn queued_bytes(&self) -> usize {
        self.lock().queued_bytes
    }

    pub fn is_gone(&self) -> bool {
        self.lock().is_gone
    }

    /// Ends the stream after what is queued, with a status if it is given.
    pub fn end(&self, status: Option<Status>) {
        let waker = {
            let mut state = self.lock();
            state.end.get_or_insert(status);
            state.waker.take()
        };
        waker.map(Waker::wake);
    }

    fn wake(&self) {
        let waker = self.lock().waker.take();
        waker.map(Waker::wake);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("a panic ends the process")
    }
}

/// Outboxes that one burst of work has put something into. Why not wake at the first message: the
/// stream would run at once on another thread, and take a frame of one message.
#[derive(Default)]
pub struct Burst {
    dirty: Vec<Arc<Outbox>>,
}

impl Burst {
    pub fn flush(&mut self) {
        for outbox in self.dirty.drain(..) {
            outbox.wake();
        }
    }
}

/// The frames of an outbox, as a stream.
pub struct Frames(pub Arc<Outbox>);

impl Frames {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Status>>> {
        let mut state = self.0.lock();
        if let Some(frame) = state.full.pop_front() {
            state.queued_bytes -= frame.len();
            return Poll::Ready(Some(Ok(frame)));
        }
        if !state.current.is_empty() {
            let frame = state.current.split().freeze();
            state.queued_bytes -= frame.len();
            return Poll::Ready(Some(Ok(frame)));
        }
        match &mut state.end {
            Some(status) => Poll::Ready(status.take().map(Err)),
            None => {
                state.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Stream for Frames {
    type Item = Result<Bytes, Status>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(context)
    }
}

impl Drop for Frames {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.is_gone = true;
        state.full.clear();
        state.current = BytesMut::new();
        state.queued_bytes = 0;
    }
}

/// The same for the sending side of a call, where nothing can fail.
pub struct RequestFrames(pub Frames);

impl Stream for RequestFrames {
    type Item = Bytes;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        self.0.poll(context).map(|item| item.and_then(Result::ok))
    }
}
