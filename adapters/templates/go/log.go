package main

import (
	"encoding/binary"
	"sort"
	"sync"
)

// Codes of the contract; see raftmark.proto.
const (
	codeOK                 = 0
	codeNotLeader          = 1
	codeUnknownPartition   = 3
	codeOffsetOutOfRange   = 4
	codeBatchTooLarge      = 6
	codeCorruptBatch       = 7
	codeOutOfOrderSequence = 9
	codeFenced             = 10
)

// Outcome is what became of one batch.
type Outcome struct {
	Code       uint64
	BaseOffset uint64
	Term       uint64
	Index      uint64
}

type producer struct {
	epoch   int16
	next    int32
	recent  []int32 // base sequences of the last batches, oldest first
	offsets map[int32]uint64
}

// Log is one partition.
type Log struct {
	mutex     sync.Mutex
	batches   [][]byte // as served
	bases     []uint64 // base offset of each
	end       uint64   // offset of the next record: the high watermark
	producers map[int64]*producer
	grown     chan struct{} // closed when a batch is appended, and made anew
}

func newLog() *Log {
	return &Log{producers: map[int64]*producer{}, grown: make(chan struct{})}
}

// Propose returns once the batch is committed and applied.
//
// ======================= YOUR RAFT GOES HERE =======================
// A Raft proposes the batch, replicates it, waits until a majority has
// it, and then every node calls apply for each entry in log order.
// Without one, the first node applies at once, and tells nobody.
// ===================================================================
func (log *Log) Propose(batch []byte) Outcome {
	return log.apply(batch, 1)
}

func (log *Log) apply(batch []byte, term uint64) Outcome {
	header, ok := readHeader(batch)
	if !ok {
		return Outcome{Code: codeCorruptBatch, Term: term}
	}
	log.mutex.Lock()
	defer log.mutex.Unlock()
	if header.producer >= 0 {
		if outcome, done := log.judge(header); done {
			outcome.Term = term
			return outcome
		}
	}
	served := append([]byte(nil), batch...)
	binary.BigEndian.PutUint64(served[0:], log.end)
	binary.BigEndian.PutUint32(served[12:], uint32(term))
	log.batches = append(log.batches, served)
	log.bases = append(log.bases, log.end)
	base := log.end
	log.end += uint64(header.count)
	close(log.grown)
	log.grown = make(chan struct{})
	return Outcome{Code: codeOK, BaseOffset: base, Term: term, Index: uint64(len(log.batches))}
}

// judge tells whether a producer's batch must not be appended; if it may, it is remembered.
func (log *Log) judge(header header) (Outcome, bool) {
	known := log.producers[header.producer]
	if known == nil || header.epoch > known.epoch {
		known = &producer{epoch: header.epoch, offsets: map[int32]uint64{}}
		log.producers[header.producer] = known
	}
	if header.epoch < known.epoch {
		return Outcome{Code: codeFenced}, true
	}
	if offset, isKnown := known.offsets[header.sequence]; isKnown {
		return Outcome{Code: codeOK, BaseOffset: offset}, true
	}
	if header.sequence != known.next {
		return Outcome{Code: codeOutOfOrderSequence}, true
	}
	known.next += header.count
	known.recent = append(known.recent, header.sequence)
	known.offsets[header.sequence] = log.end
	if len(known.recent) > 5 {
		delete(known.offsets, known.recent[0])
		known.recent = known.recent[1:]
	}
	return Outcome{}, false
}

// Read returns whole batches from the one that contains offset, the end of the log, and what is
// closed when it grows.
func (log *Log) Read(offset, maxBytes uint64) ([][]byte, uint64, <-chan struct{}) {
	log.mutex.Lock()
	defer log.mutex.Unlock()
	var found [][]byte
	if offset < log.end {
		first := sort.Search(len(log.bases), func(at int) bool { return log.bases[at] > offset }) - 1
		size := uint64(0)
		for _, batch := range log.batches[first:] {
			size += uint64(len(batch))
			if len(found) > 0 && size > maxBytes {
				break
			}
			found = append(found, batch)
		}
	}
	return found, log.end, log.grown
}

// Last returns the index of the last entry and the high watermark.
func (log *Log) Last() (uint64, uint64) {
	log.mutex.Lock()
	defer log.mutex.Unlock()
	return uint64(len(log.batches)), log.end
}

type header struct {
	count    int32
	producer int64
	epoch    int16
	sequence int32
}

// readHeader reads the 61 bytes before the records of a Kafka record batch, format v2.
func readHeader(batch []byte) (header, bool) {
	if len(batch) < 61 || batch[16] != 2 {
		return header{}, false
	}
	int32At := func(at int) int32 { return int32(binary.BigEndian.Uint32(batch[at:])) }
	found := header{
		count:    int32At(57),
		producer: int64(binary.BigEndian.Uint64(batch[43:])),
		epoch:    int16(binary.BigEndian.Uint16(batch[51:])),
		sequence: int32At(53),
	}
	isPlain := binary.BigEndian.Uint16(batch[21:])&0x37 == 0
	isWhole := int(int32At(8)) == len(batch)-12 && int32At(23) == found.count-1
	return found, isPlain && isWhole && found.count > 0
}
