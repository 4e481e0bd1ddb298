"""A node of raftmark in Python: a working log on one node, with a marked place for your Raft.

This file is all of the contract. The messages are those of raftmark.proto, read and written by hand.
What a node must do stands in handshake.md, and `raftmark adapter check DIR` holds it to that.
"""
import asyncio
import bisect
import json
import os
import signal
import struct
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGES = os.path.join(HERE, ".packages")
sys.path.insert(0, PACKAGES)
try:
    import grpc
except ImportError:
    grpc = None

OK, NOT_LEADER, UNKNOWN_PARTITION, OFFSET_OUT_OF_RANGE, BATCH_TOO_LARGE = 0, 1, 3, 4, 6
CORRUPT_BATCH, OUT_OF_ORDER_SEQUENCE, FENCED = 7, 9, 10
FOLLOWER, LEADER, CONTRACT = 0, 3, 1

def varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)

def message(*fields):
    """Encodes (field number, int or bytes) pairs; zero and empty are left out, as proto3 does."""
    out = bytearray()
    for number, value in fields:
        if isinstance(value, bytes):
            out += varint(number << 3 | 2) + varint(len(value)) + value
        elif value:
            out += varint(number << 3) + varint(value)
    return bytes(out)

def read_varint(data, at):
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise ValueError(f"a varint does not end at byte {at}")
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at

def fields(data):
    """Yields (field number, int or bytes)."""
    at = 0
    while at < len(data):
        tag, at = read_varint(data, at)
        if tag & 7 == 0:
            value, at = read_varint(data, at)
        elif tag & 7 == 2:
            length, at = read_varint(data, at)
            value, at = data[at : at + length], at + length
            if at > len(data):
                raise ValueError("a field runs past its message")
        else:
            raise ValueError(f"wire type {tag & 7} is not used by the contract")
        yield tag >> 3, value

def read_frame(data):
    """Returns the hello, or None, and the requests; each is a dict by field number."""
    hello, requests = None, []
    for number, value in fields(data):
        if number == 1:
            hello = dict(fields(value))
        elif number == 2:
            requests.append(dict(fields(value)))
    return hello, requests

def header_of(batch):
    """(record count, producer id, epoch, base sequence) of a Kafka record batch v2, or None."""
    if len(batch) < 61 or batch[16] != 2 or struct.unpack_from(">i", batch, 8)[0] != len(batch) - 12:
        return None
    attributes, last_delta = struct.unpack_from(">hi", batch, 21)
    producer, epoch, sequence, count = struct.unpack_from(">qhii", batch, 43)
    if attributes & 0x37 or count < 1 or last_delta != count - 1:
        return None
    return count, producer, epoch, sequence

class Log:
    def __init__(self):
        self.batches = []  # bytes as served
        self.bases = []  # base offset of each
        self.end = 0  # offset of the next record: the high watermark
        self.producers = {}  # id: (epoch, next sequence, {base sequence: base offset})
        self.grown = asyncio.Event()

    async def propose(self, batch):
        """Returns (code, base offset, term, index) once the batch is committed and applied.

        ======================= YOUR RAFT GOES HERE =======================
        A Raft proposes the batch, replicates it, waits until a majority has
        it, and then every node calls apply() for each entry in log order.
        Without one, the first node applies at once, and tells nobody.
        ===================================================================
        """
        return self.apply(batch, term=1)

    def apply(self, batch, term):
        header = header_of(batch)
        if header is None:
            return CORRUPT_BATCH, 0, term, 0
        count, producer, epoch, sequence = header
        if producer >= 0:
            known = self.producers.get(producer, (epoch, 0, {}))
            if epoch < known[0]:
                return FENCED, 0, term, 0
            if epoch > known[0]:
                known = (epoch, 0, {})
            if sequence in known[2]:
                return OK, known[2][sequence], term, 0
            if sequence != known[1]:
                return OUT_OF_ORDER_SEQUENCE, 0, term, 0
            recent = dict(list(known[2].items())[-4:])
            recent[sequence] = self.end
            self.producers[producer] = (epoch, sequence + count, recent)
        served = struct.pack(">q", self.end) + batch[8:12] + struct.pack(">i", term) + batch[16:]
        self.batches.append(served)
        self.bases.append(self.end)
        self.end += count
        self.grown.set()
        self.grown = asyncio.Event()
        return OK, self.end - count, term, len(self.batches)

    def read(self, offset, max_bytes):
        past = offset >= self.end
        first = len(self.bases) if past else bisect.bisect_right(self.bases, offset) - 1
        found, size = [], 0
        for at in range(first, len(self.batches)):
            served = self.batches[at]
            size += len(served)
            if found and size > max_bytes:
                break
            found.append(served)
        return found

class Node:
    def __init__(self, config):
        self.config = config
        self.leads = config["node"] == config["firstLeader"]
        self.logs = {group: Log() for group in config["groups"]}
        self.frames = self.requests = self.produced = 0

    async def requests_of(self, frames, context, waiting):
        """Yields the requests of each frame, after the checks that every stream needs."""
        allowed = None
        async for frame in frames:
            try:
                hello, requests = read_frame(frame)
            except ValueError as error:
                await context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
            if allowed is None:
                run = (hello or {}).get(2, b"").decode()
                if hello is None or hello.get(1) != CONTRACT or run != self.config["runId"]:
                    reason = f"this node serves contract {CONTRACT} in run {self.config['runId']}"
                    await context.abort(grpc.StatusCode.FAILED_PRECONDITION, reason)
                allowed = (hello.get(3, 0), hello.get(4, 0))
            batches = [request[5] for request in requests if isinstance(request.get(5), bytes)]
            size = sum(map(len, batches))
            if len(waiting) + len(requests) > allowed[0] or size > allowed[1]:
                await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "window overrun")
            self.frames += 1
            self.requests += len(requests)
            yield requests

    async def produce(self, frames, context):
        async for requests in self.requests_of(frames, context, ()):
            results = [(1, await self.produce_one(request)) for request in requests]
            if results:
                yield message(*results)

    async def produce_one(self, request):
        log = self.logs.get(request.get(2, 0))
        batch = request.get(5, b"")
        if log is None:
            answer = (UNKNOWN_PARTITION, 0, 0, 0)
        elif len(batch) > self.config["batchBytesMax"]:
            answer = (BATCH_TOO_LARGE, 0, 0, 0)
        elif not self.leads:
            answer = (NOT_LEADER, 0, 1, 0)
        else:
            self.produced += 1
            answer = await log.propose(batch)
        code, offset, term, index = answer
        leader = self.config["firstLeader"]
        return message((1, request.get(1, 0)), (2, code), (3, offset), (4, term), (5, index), (6, leader))

    async def fetch(self, frames, context):
        waiting = set()  # a fetch may wait for records: the others go on meanwhile
        writing = asyncio.Lock()  # grpcio sends one message at a time

        async def answer(request):
            answered = message((1, await self.fetch_one(request)))
            async with writing:
                await context.write(answered)

        try:
            async for requests in self.requests_of(frames, context, waiting):
                for request in requests:
                    task = asyncio.create_task(answer(request))
                    waiting.add(task)
                    task.add_done_callback(waiting.discard)
        finally:
            for task in waiting:
                task.cancel()

    async def fetch_one(self, request):
        request_id, log, offset = request.get(1, 0), self.logs.get(request.get(2, 0)), request.get(3, 0)
        if log is None:
            return message((1, request_id), (2, UNKNOWN_PARTITION))
        if offset == log.end and request.get(6, 0) > 0:
            try:
                await asyncio.wait_for(log.grown.wait(), request[6] / 1000)
            except asyncio.TimeoutError:
                pass
        code = OK if offset <= log.end else OFFSET_OUT_OF_RANGE
        found = log.read(offset, request.get(5, 0)) if code == OK else []
        batches = [(5, batch) for batch in found]
        leader = self.config["firstLeader"]
        return message((1, request_id), (2, code), (4, log.end), *batches, (6, leader))

    async def watch(self, request, context):
        for group, log in self.logs.items():
            role = LEADER if self.leads else FOLLOWER
            members = b"".join(varint(each["node"]) for each in self.config["nodes"])
            entries = len(log.batches) + 1
            yield message((1, group), (2, 1), (3, role), (4, self.config["firstLeader"]), (5, members),
                          (6, entries), (7, entries), (8, log.end))
        await asyncio.Event().wait()  # nothing changes without a Raft; the harness ends the call

    async def counters(self, request, context):
        return message((4, self.produced), (9, self.frames), (10, self.requests))

    async def unsupported(self, request, context):
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, "UNSUPPORTED: not offered by this node")

def handlers(node):
    stream = grpc.stream_stream_rpc_method_handler
    unary = {name: grpc.unary_unary_rpc_method_handler(node.unsupported)
             for name in ("ReadBack", "SetFaults", "Transfer", "ChangeMembers", "Snapshot")}
    log = {"Produce": stream(node.produce), "Fetch": stream(node.fetch)}
    calls = {"Watch": grpc.unary_stream_rpc_method_handler(node.watch),
             "Counters": grpc.unary_unary_rpc_method_handler(node.counters), **unary}
    return [grpc.method_handlers_generic_handler("raftmark.v1.Log", log),
            grpc.method_handlers_generic_handler("raftmark.v1.Node", calls)]

def fail(code, text):
    print(text, file=sys.stderr)
    os._exit(code)

async def main(path):
    with open(path) as file:
        config = json.load(file)
    if config["contract"] != CONTRACT:
        fail(2, f"contract {config['contract']} is not spoken here, but {CONTRACT}")
    node = Node(config)
    limit = ("grpc.max_receive_message_length", 64 << 20)
    server = grpc.aio.server(options=[limit, ("grpc.so_reuseport", 0)])
    server.add_generic_rpc_handlers(handlers(node))
    try:
        bound = server.add_insecure_port(config["listen"])
    except RuntimeError:
        bound = 0
    if not bound:
        fail(98, f"somebody else listens at {config['listen']}")
    await server.start()
    ended, loop = asyncio.Event(), asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, ended.set)

    def follow_input():
        sys.stdin.buffer.read()
        loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=follow_input, daemon=True).start()
    print(json.dumps({"raftmark": CONTRACT, "address": config["listen"]}), flush=True)
    await ended.wait()
    await server.stop(0.2)
    os._exit(0)

if __name__ == "__main__":
    if sys.argv[1:] == ["--install"]:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", PACKAGES]
        sys.exit(0 if grpc else subprocess.call([*pip, "grpcio>=1.60"]))
    if grpc is None:
        fail(2, f"grpcio is missing. Install it with: {sys.executable} {__file__} --install")
    asyncio.run(main(sys.argv[1]))
