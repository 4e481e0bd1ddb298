/// The answers of the contract by their numbers; see raftmark.proto.
///
/// Those below 32 are definite: it did not happen and never will.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(u32)]
pub enum Code {
    Ok = 0,
    NotLeader = 1,
    NoLeader = 2,
    UnknownPartition = 3,
    OffsetOutOfRange = 4,
    OffsetNotAvailable = 5,
    BatchTooLarge = 6,
    CorruptBatch = 7,
    Overloaded = 8,
    OutOfOrderSequence = 9,
    Fenced = 10,
    Unsupported = 11,
    TimedOut = 32,
    LeadershipLost = 33,
    StorageFailed = 34,
}
