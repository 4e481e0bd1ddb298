import { type ServerDuplexStream, status, type UntypedServiceImplementation } from '@grpc/grpc-js'
import { readProduceFrame } from '../../src/contract/frames/produce-frame.ts'
import { isFrameFault } from '../../src/contract/frames/wire-reader.ts'
import { isBatchFault, readBatchHeader } from '../../src/contract/record-batch.ts'
import { type GroupId, LogIndex, NodeId, Offset, Term } from '../../src/contract/types.ts'
import { systemClock } from '../../src/os/clock.ts'
import type { Replica } from '../../src/replica/engine/replica.ts'
import { altering, believing } from './server-of.ts'

type Stream = ServerDuplexStream<Uint8Array, Uint8Array>

/** Where a node can be wrong. */
export type Wrong = {
  readonly replica?: (right: Replica) => Replica
  readonly groups?: (right: ReadonlyMap<GroupId, Replica>) => ReadonlyMap<GroupId, Replica>
  readonly stream?: (right: Stream, runId: string) => Stream
  readonly fetchStream?: (right: Stream) => Stream
  readonly store?: 'memory'
  readonly calls?: UntypedServiceImplementation
  readonly batchBytesMax?: number
  readonly configuration?: 'believed'
  readonly contract?: number
  readonly secondLine?: string
  readonly portTakenExit?: number
  readonly exitCode?: number
  readonly input?: 'ignored'
  readonly sigterm?: 'ignored'
}

/** A replica that is another one in all but what `change` says. */
const altered =
  (change: (right: Replica) => Partial<Replica>) =>
  (right: Replica): Replica => ({
    group: right.group,
    produce: (request, done) => right.produce(request, done),
    fetch: (request, done) => right.fetch(request, done),
    receive: (message) => right.receive(message),
    campaign: () => right.campaign(),
    status: () => right.status(),
    counters: () => right.counters(),
    watch: (listener) => right.watch(listener),
    close: (done) => right.close(done),
    ...change(right),
  })

/** Each named after what is wrong. */
export const wrongs: Readonly<Record<string, Wrong>> = {
  'prints-a-second-line': { secondLine: 'Server ready.\n' },
  'believes-any-configuration': { configuration: 'believed' },
  'hides-a-taken-port': { portTakenExit: 1 },
  'outlives-its-input': { input: 'ignored' },
  'fails-at-its-end': { exitCode: 3 },
  'ignores-sigterm': { sigterm: 'ignored' },
  'serves-any-run': { stream: (right, runId) => believing(right, { runId }) },
  'has-no-window': { stream: (right) => believing(right, { window: 2 ** 31 }) },
  'swallows-malformed-frames': {
    stream: (right) =>
      altering(right, (bytes) => (isFrameFault(readProduceFrame(bytes)) ? undefined : bytes)),
  },
  'answers-twice': {
    stream: (right) => {
      const write = right.write.bind(right)
      right.write = ((frame: Uint8Array) => {
        write(frame)
        return write(frame)
      }) as Stream['write']
      return right
    },
  },
  'reorders-requests': {
    replica: altered((right) => ({
      produce: (request, done) => {
        const delayMs = request.batch.at(-2) === 0x37 ? 20 : 0 // a record that ends in "7"
        const go = () => right.produce(request, done)
        if (delayMs === 0) go()
        else systemClock.wakeAt(systemClock.nowNs() + delayMs * 1e6, go)
      },
    })),
  },
  'counts-batches-as-records': {
    replica: altered((right) => {
      let batches = 0
      return {
        produce: (request, done) =>
          right.produce(request, (result) => {
            done(result.code === 'OK' ? { ...result, baseOffset: Offset(batches) } : result)
            batches += 1
          }),
      }
    }),
  },
  'hosts-everything': {
    groups: (right) => {
      const first = [...right.values()][0] as Replica
      const every = new Map(right)
      every.get = (group) => right.get(group) ?? first
      return every
    },
  },
  'accepts-corrupt-batches': {
    replica: altered((right) => ({
      produce: (request, done) => {
        const header = readBatchHeader(request.batch)
        if (!isBatchFault(header)) right.produce(request, done)
        else systemClock.defer(() => done(accepted))
      },
    })),
  },
  'accepts-any-size': { batchBytesMax: 2 ** 30 },
  'appends-duplicates': { replica: altered(withoutProducer) },
  'accepts-gaps': { replica: altered(withoutProducer) },
  'accepts-old-epochs': { replica: altered(withoutProducer) },
  'serves-unpatched-batches': {
    replica: altered((right) => ({
      fetch: (request, done) =>
        right.fetch(request, (result) => {
          const batches = result.batches.map((batch) => {
            const copy = batch.slice()
            copy.fill(0, 0, 8)
            return copy
          })
          done({ ...result, batches })
        }),
    })),
  },
  'serves-from-the-next-batch': {
    replica: altered((right) => ({
      fetch: (request, done) =>
        right.fetch(request, (result) => {
          const isPast = ({ baseOffset }: { readonly baseOffset: number }): boolean =>
            baseOffset >= request.offset
          const batches = result.batches.filter((batch) => {
            const header = readBatchHeader(batch)
            return isBatchFault(header) || isPast(header)
          })
          done({ ...result, batches })
        }),
    })),
  },
  'ignores-max-bytes': {
    replica: altered((right) => ({
      fetch: (request, done) => right.fetch({ ...request, bytesMax: 2 ** 30 }, done),
    })),
  },
  'never-waits': {
    replica: altered((right) => ({
      fetch: (request, done) => right.fetch({ ...request, waitMsMax: 0 }, done),
    })),
  },
  'forgets-waiting-fetches': {
    replica: altered((right) => {
      let isWaiting = false
      return {
        fetch: (request, done) => {
          const isLost = isWaiting && request.waitMsMax > 0
          if (request.waitMsMax > 0) isWaiting = true
          right.fetch(request, (result) => {
            if (!isLost) isWaiting = false
            if (!isLost) done(result)
          })
        },
      }
    }),
  },
  'answers-beyond-its-end': {
    replica: altered((right) => ({
      fetch: (request, done) =>
        right.fetch(request, (result) =>
          done(result.code === 'OFFSET_OUT_OF_RANGE' ? { ...result, code: 'OK' } : result),
        ),
    })),
  },
  'has-an-inclusive-high-watermark': {
    replica: altered((right) => ({
      fetch: (request, done) =>
        right.fetch(request, (result) =>
          done({ ...result, highWatermark: Offset(Math.max(0, result.highWatermark - 1)) }),
        ),
    })),
  },
  'says-nobody-leads': {
    replica: altered((right) => ({
      watch: (listener) =>
        right.watch((state) =>
          listener(state.role === 'leader' ? state : { ...state, leader: undefined }),
        ),
      status: () => ({ ...right.status(), commitIndex: LogIndex(0) }),
    })),
  },
  'pretends-unknown-calls': {
    calls: {
      Transfer: (_: unknown, done: (error: object) => void) =>
        done({ code: status.INTERNAL, details: 'oops' }),
    },
  },
  'follower-acknowledges': {
    replica: altered((right) => ({
      produce: (request, done) =>
        right.produce(request, (result) => done(result.code === 'NOT_LEADER' ? accepted : result)),
    })),
  },
  'follower-serves-nothing': {
    replica: altered((right) => ({
      fetch: (request, done) =>
        right.fetch(request, (result) => {
          const isFollower = right.status().role !== 'leader'
          done(isFollower ? { ...result, batches: [...result.batches].reverse() } : result)
        }),
    })),
  },
  'counts-no-syncs': {
    replica: altered((right) => ({ counters: () => ({ ...right.counters(), syncs: 0 }) })),
  },
  'boasts-of-bytes': {
    replica: altered((right) => ({
      counters: () => {
        const counters = right.counters()
        return { ...counters, bytesWritten: counters.bytesWritten * 1000 }
      },
    })),
  },
  'has-a-smaller-window': { stream: (right) => believing(right, { window: 2 }) },
  'fails-acks-leader': {
    replica: altered((right) => ({
      produce: (request, done) => {
        if (request.acks === 'quorum') right.produce(request, done)
        else systemClock.defer(() => done({ ...accepted, code: 'TIMED_OUT' }))
      },
    })),
  },
  'sends-giant-frames': {
    fetchStream: (right) => {
      const write = right.write.bind(right)
      const held: Uint8Array[] = []
      right.write = ((frame: Uint8Array) => {
        held.push(frame)
        // Frames one after the other are one frame: repeated fields add up.
        const all = () => held.length > 0 && write(Buffer.concat(held.splice(0)))
        if (held.length === 1) systemClock.wakeAt(systemClock.nowNs() + 50e6, all)
        return true
      }) as Stream['write']
      return right
    },
  },
  'serves-its-first-term-only': {
    replica: altered((right) => ({
      fetch: (request, done) =>
        right.fetch(request, (result) =>
          done(right.status().term > 1 ? { ...result, batches: [] } : result),
        ),
    })),
  },
  'forgets-at-a-restart': { store: 'memory' },
  'calls-a-timeout-definite': {
    replica: altered((right) => ({
      produce: (request, done) =>
        right.produce(request, (result) =>
          done(result.code === 'TIMED_OUT' ? { ...result, code: 'NOT_LEADER' } : result),
        ),
    })),
  },
  'acknowledges-alone': {
    replica: altered((right) => ({
      produce: (request, done) => {
        let isDone = false
        const once = (result: Parameters<typeof done>[0]): void => {
          if (!isDone) done(result)
          isDone = true
        }
        right.produce(request, once)
        if (right.status().role !== 'leader') return
        systemClock.wakeAt(systemClock.nowNs() + 200e6, () => once(accepted))
      },
    })),
  },
}

const accepted = {
  code: 'OK',
  baseOffset: Offset(0),
  term: Term(1),
  index: LogIndex(1),
  leader: NodeId(1),
} as const

/** Hides who produced a batch from what must know it. */
function withoutProducer(right: Replica): Partial<Replica> {
  return {
    produce: (request, done) => {
      const batch = request.batch.slice()
      if (batch.length > 61) batch.fill(0xff, 43, 57)
      right.produce({ ...request, batch }, done)
    },
  }
}
