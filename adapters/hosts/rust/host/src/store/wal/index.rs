/// Where the frame is that holds an entry.
#[derive(Clone, Copy)]
pub struct Span {
    pub segment: u32,
    pub byte: u32,
    pub bytes: u32,
    pub first_index: u64,
}

/// Which frame holds which entries. A frame whose last entries were truncated stays; what follows
/// it in the log begins the next span.
#[derive(Default)]
pub struct FrameIndex(Vec<Span>);

impl FrameIndex {
    pub fn push(&mut self, span: Span) {
        self.0.push(span);
    }

    /// Forgets the frames that hold nothing before `index`.
    pub fn truncate(&mut self, index: u64) {
        while self.0.last().is_some_and(|span| span.first_index >= index) {
            self.0.pop();
        }
    }

    /// The spans from the one that holds `index`, which is in the log.
    pub fn from(&self, index: u64) -> &[Span] {
        let after = self.0.partition_point(|span| span.first_index <= index);
        &self.0[after - 1..]
    }

    pub fn last(&self) -> Option<Span> {
        self.0.last().copied()
    }
}
