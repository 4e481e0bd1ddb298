package main

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
)

// rawCodec hands frames on as bytes: they are read and written by hand, as raftmark.proto says.
type rawCodec struct{}

func (rawCodec) Name() string { return "proto" }

func (rawCodec) Marshal(value any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer(*value.(*[]byte))}, nil
}

func (rawCodec) Unmarshal(data mem.BufferSlice, value any) error {
	*value.(*[]byte) = data.Materialize()
	return nil
}

// message is one decoded message: numbers and bytes by field number.
type message struct {
	numbers [16]uint64
	bytes   [16][]byte
}

// readFields calls take for each field that the contract knows.
func readFields(data []byte, take func(field protowire.Number, number uint64, bytes []byte)) error {
	for len(data) > 0 {
		field, kind, length := protowire.ConsumeTag(data)
		if length < 0 {
			return protowire.ParseError(length)
		}
		data = data[length:]
		var number uint64
		var bytes []byte
		switch kind {
		case protowire.VarintType:
			number, length = protowire.ConsumeVarint(data)
		case protowire.BytesType:
			bytes, length = protowire.ConsumeBytes(data)
		default:
			length = protowire.ConsumeFieldValue(field, kind, data)
		}
		if length < 0 {
			return protowire.ParseError(length)
		}
		data = data[length:]
		take(field, number, bytes)
	}
	return nil
}

func readMessage(data []byte) (message, error) {
	var read message
	err := readFields(data, func(field protowire.Number, number uint64, bytes []byte) {
		if field < 16 {
			read.numbers[field], read.bytes[field] = number, bytes
		}
	})
	return read, err
}

func number(to []byte, field protowire.Number, value uint64) []byte {
	if value == 0 {
		return to
	}
	return protowire.AppendVarint(protowire.AppendTag(to, field, protowire.VarintType), value)
}

func bytesOf(to []byte, field protowire.Number, value []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(to, field, protowire.BytesType), value)
}

type node struct {
	config                     *Config
	logs                       map[uint64]*Log
	frames, requests, produced atomic.Uint64
}

func newNode(config *Config) *node {
	logs := map[uint64]*Log{}
	for _, group := range config.Groups {
		logs[group] = newLog()
	}
	return &node{config: config, logs: logs}
}

func (node *node) leads() bool { return node.config.Node == node.config.FirstLeader }

// serve reads frames, makes the checks that every stream needs, and hands each frame's requests on.
// pending says how many earlier requests of this stream are unanswered.
func (node *node) serve(
	stream grpc.ServerStream, pending *atomic.Int64, take func([]message) error,
) error {
	var allowed *message
	for {
		var frame []byte
		if err := stream.RecvMsg(&frame); err != nil {
			return nil // the client has gone, or has nothing more to ask
		}
		var hello *message
		var requests []message
		var inner error
		size := uint64(0)
		err := readFields(frame, func(field protowire.Number, _ uint64, bytes []byte) {
			read, err := readMessage(bytes)
			if err != nil {
				inner = err
			}
			if field == 1 {
				hello = &read
			} else if field == 2 {
				size += uint64(len(read.bytes[5]))
				requests = append(requests, read)
			}
		})
		if err != nil || inner != nil {
			return status.Error(codes.InvalidArgument, "a frame that is no frame of the contract")
		}
		if allowed == nil {
			if hello == nil || hello.numbers[1] != contract || string(hello.bytes[2]) != node.config.RunID {
				return status.Errorf(codes.FailedPrecondition,
					"this node serves contract %d in run %s", contract, node.config.RunID)
			}
			allowed = hello
		}
		unanswered := uint64(pending.Load()) + uint64(len(requests))
		if unanswered > allowed.numbers[3] || size > allowed.numbers[4] {
			return status.Error(codes.ResourceExhausted, "window overrun")
		}
		node.frames.Add(1)
		node.requests.Add(uint64(len(requests)))
		if err := take(requests); err != nil {
			return err
		}
	}
}

func (node *node) produce(stream grpc.ServerStream) error {
	var pending atomic.Int64
	return node.serve(stream, &pending, func(requests []message) error {
		var frame []byte
		for _, request := range requests {
			frame = bytesOf(frame, 1, node.produceOne(request))
		}
		if len(frame) == 0 {
			return nil
		}
		return stream.SendMsg(&frame)
	})
}

func (node *node) produceOne(request message) []byte {
	batch := request.bytes[5]
	log := node.logs[request.numbers[2]]
	var outcome Outcome
	switch {
	case log == nil:
		outcome.Code = codeUnknownPartition
	case len(batch) > node.config.BatchBytesMax:
		outcome.Code = codeBatchTooLarge
	case !node.leads():
		outcome.Code = codeNotLeader
	default:
		node.produced.Add(1)
		outcome = log.Propose(batch)
	}
	answer := number(nil, 1, request.numbers[1])
	answer = number(answer, 2, outcome.Code)
	answer = number(answer, 3, outcome.BaseOffset)
	answer = number(answer, 4, outcome.Term)
	answer = number(answer, 5, outcome.Index)
	return number(answer, 6, node.config.FirstLeader)
}

func (node *node) fetch(stream grpc.ServerStream) error {
	var pending atomic.Int64
	var sending sync.Mutex
	return node.serve(stream, &pending, func(requests []message) error {
		for _, request := range requests {
			pending.Add(1)
			// A fetch may wait for records: the others go on meanwhile.
			go func() {
				frame := bytesOf(nil, 1, node.fetchOne(stream.Context(), request))
				sending.Lock()
				defer sending.Unlock()
				pending.Add(-1)
				stream.SendMsg(&frame)
			}()
		}
		return nil
	})
}

func (node *node) fetchOne(ctx context.Context, request message) []byte {
	answer := number(nil, 1, request.numbers[1])
	log := node.logs[request.numbers[2]]
	if log == nil {
		return number(answer, 2, codeUnknownPartition)
	}
	offset, maxBytes := request.numbers[3], request.numbers[5]
	found, end, grown := log.Read(offset, maxBytes)
	if offset == end && request.numbers[6] > 0 {
		timer := time.NewTimer(time.Duration(request.numbers[6]) * time.Millisecond)
		defer timer.Stop()
		select {
		case <-grown:
			found, end, _ = log.Read(offset, maxBytes)
		case <-timer.C:
		case <-ctx.Done():
		}
	}
	if offset > end {
		answer = number(answer, 2, codeOffsetOutOfRange)
	}
	answer = number(answer, 4, end)
	for _, batch := range found {
		answer = bytesOf(answer, 5, batch)
	}
	return number(answer, 6, node.config.FirstLeader)
}

// watch tells the state of every group; without a Raft nothing ever changes.
func (node *node) watch(stream grpc.ServerStream) error {
	role := uint64(0)
	if node.leads() {
		role = 3
	}
	var members []byte
	for _, each := range node.config.Nodes {
		members = protowire.AppendVarint(members, each.Node)
	}
	for group, log := range node.logs {
		index, end := log.Last()
		state := number(nil, 1, group)
		state = number(number(state, 2, 1), 3, role)
		state = bytesOf(number(state, 4, node.config.FirstLeader), 5, members)
		state = number(number(number(state, 6, index+1), 7, index+1), 8, end)
		if err := stream.SendMsg(&state); err != nil {
			return err
		}
	}
	<-stream.Context().Done()
	return nil
}

func (node *node) counters(stream grpc.ServerStream) error {
	var request []byte
	if err := stream.RecvMsg(&request); err != nil {
		return err
	}
	reply := number(nil, 4, node.produced.Load())
	reply = number(number(reply, 9, node.frames.Load()), 10, node.requests.Load())
	return stream.SendMsg(&reply)
}

func unsupported(grpc.ServerStream) error {
	return status.Error(codes.Unimplemented, "UNSUPPORTED: not offered by this node")
}

// register serves every call as a stream of raw messages, which a unary call is a case of.
func register(server *grpc.Server, node *node) {
	stream := func(name string, serve func(grpc.ServerStream) error) grpc.StreamDesc {
		return grpc.StreamDesc{
			StreamName:    name,
			ServerStreams: true,
			ClientStreams: true,
			Handler:       func(_ any, stream grpc.ServerStream) error { return serve(stream) },
		}
	}
	calls := []grpc.StreamDesc{stream("Watch", node.watch), stream("Counters", node.counters)}
	for _, name := range []string{"ReadBack", "SetFaults", "Transfer", "ChangeMembers", "Snapshot"} {
		calls = append(calls, stream(name, unsupported))
	}
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: "raftmark.v1.Log",
		Streams:     []grpc.StreamDesc{stream("Produce", node.produce), stream("Fetch", node.fetch)},
	}, nil)
	server.RegisterService(&grpc.ServiceDesc{ServiceName: "raftmark.v1.Node", Streams: calls}, nil)
}
