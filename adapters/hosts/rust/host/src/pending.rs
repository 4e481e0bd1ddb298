//! Proposals that became entries and wait for their outcome, of a library that tells of entries by
//! their index and term.

use std::collections::VecDeque;
use std::time::Instant;

use crate::answer::{Answer, Produced};
use crate::code::Code;
use crate::outbox::Burst;
use crate::partition::Applied;

struct Waiting {
    index: u64,
    term: u64,
    deadline: Instant,
    /// `None` when it timed out.
    answer: Option<Answer>,
}

/// In the order of their indexes.
#[derive(Default)]
pub struct Pending(VecDeque<Waiting>);

impl Pending {
    pub fn add(&mut self, index: u64, term: u64, deadline: Instant, answer: Answer) {
        self.0.push_back(Waiting { index, term, deadline, answer: Some(answer) });
    }

    /// The entry was applied: answers whoever proposed exactly it.
    pub fn applied(
        &mut self,
        index: u64,
        term: u64,
        applied: Applied,
        leader: u32,
        burst: &mut Burst,
    ) {
        while let Some(waiting) = self.0.pop_front_if(|first| first.index <= index) {
            let Some(answer) = waiting.answer else { continue };
            // The place alone says nothing: another leader's entry may have come to stand there.
            let is_it = waiting.index == index && waiting.term == term;
            let lost = Produced::refused(Code::LeadershipLost, term, leader);
            let produced = match applied {
                Applied::Offset(base_offset) if is_it => {
                    Produced { code: Code::Ok, base_offset, term, index, leader }
                }
                Applied::Refused(code) if is_it => Produced { code, index, ..lost },
                _ => lost,
            };
            answer.produced(burst, produced);
        }
    }

    /// Answers proposals that waited too long; their entries may still come.
    pub fn time_out(&mut self, now: Instant, term: u64, leader: u32, burst: &mut Burst) {
        for waiting in self.0.iter_mut().filter(|waiting| waiting.deadline <= now) {
            if let Some(answer) = waiting.answer.take() {
                answer.produced(burst, Produced::refused(Code::TimedOut, term, leader));
            }
        }
    }

    pub fn fail_all(&mut self, code: Code, term: u64, leader: u32, burst: &mut Burst) {
        for answer in self.0.drain(..).filter_map(|waiting| waiting.answer) {
            answer.produced(burst, Produced::refused(code, term, leader));
        }
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        let waiting = self.0.iter().filter(|waiting| waiting.answer.is_some());
        waiting.map(|waiting| waiting.deadline).min()
    }
}
