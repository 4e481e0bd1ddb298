fn main() {
    raftmark_raft_rs::run(raftmark_raft_rs::Disk::Overlap);
}
