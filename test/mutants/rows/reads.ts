import type { Row } from '../row.ts'

const family = 'reads'
const READ_CHECKS = ['stale', 'linearizable']

export const reads: readonly Row[] = [
  {
    number: 48,
    name: 'fresh reads are served from what this node knows',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'engine/engine.ts',
        find: "} else if (request.consistency === 'committed') {",
        replace: "} else if (request.consistency !== 'lease') {",
      },
    ],
    checks: READ_CHECKS,
  },
  {
    number: 49,
    name: 'a leader reads before it has committed in its own term',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'consensus/read.ts',
        find: '} else if (state.commitIndex < state.ownTermFirstIndex) {',
        replace: '} else if (state.commitIndex < 0) {',
      },
    ],
    checks: READ_CHECKS,
  },
  {
    number: 50,
    name: 'a round of heartbeats from before a read, or its echo again, confirms the read',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'consensus/read.ts',
        find: 'round: state.roundWanted })',
        replace: 'round: state.confirmedRound })',
      },
      {
        file: 'consensus/read.ts',
        find: '  if (confirmed <= state.confirmedRound) return\n',
        replace:
          '  if (confirmed <= state.confirmedRound) {\n    settleReads(state)\n    return\n  }\n',
      },
      {
        file: 'consensus/heartbeat.ts',
        find: '    progress.round = round\n    confirmRounds(state)\n  }\n',
        replace: '    progress.round = round\n  }\n  confirmRounds(state)\n',
      },
    ],
    checks: READ_CHECKS,
    scenarios: ['reads'],
  },
  {
    number: 51,
    name: 'reads are confirmed by one node less than a majority',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'consensus/read.ts',
        find: '  const confirmed = reachedByMajority(reached)\n',
        replace:
          '  reachedByMajority(reached)\n  const confirmed = reached[Math.floor(reached.length / 2) - 1] as number\n',
      },
      {
        file: 'consensus/heartbeat.ts',
        find: '  for (const { id: to, matchIndex } of state.followers) {\n',
        replace:
          '  confirmRounds(state)\n  for (const { id: to, matchIndex } of state.followers) {\n',
      },
    ],
    checks: READ_CHECKS,
    scenarios: ['reads'],
  },
  {
    number: 52,
    name: 'a lease runs from the echo on, without a margin',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'consensus/read.ts',
        find: 'const sentNs = state.roundSentNs[confirmed % ROUNDS_REMEMBERED] as number',
        replace: 'const sentNs = state.nowNs',
      },
      {
        file: 'consensus/read.ts',
        find: 'const LEASE_MARGIN_RATIO = 0.2',
        replace: 'const LEASE_MARGIN_RATIO = 0',
      },
    ],
    checks: READ_CHECKS,
    scenarios: ['leases'],
  },
  {
    number: 53,
    name: 'a new leader names a high watermark below that of the last one',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'engine/fetches.ts',
        find: "fetch.done(this.answer(known ? 'OFFSET_OUT_OF_RANGE' : 'OFFSET_NOT_AVAILABLE', []))",
        replace: "fetch.done(this.answer(known ? 'OFFSET_OUT_OF_RANGE' : 'OK', []))",
      },
      {
        file: 'consensus/read.ts',
        find: '} else if (state.commitIndex < state.ownTermFirstIndex) {',
        replace: '} else if (state.commitIndex < 0) {',
      },
    ],
    mask: 'reads wait for a commit in the own term: row 49 comes with it',
    checks: [...READ_CHECKS, 'hw-regression'],
  },
  {
    number: 54,
    name: 'a fetch serves what is not committed',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'engine/engine.ts',
        find: '    this.#fetches.serve(fetch, this.#options.clock.nowNs())\n',
        replace:
          '    const { done } = fetch\n' +
          '    const dirty = (result: FetchResult): void => {\n' +
          '      const { commitIndex, lastIndex } = this.#core\n' +
          '      const isAtEnd = this.#appliedIndex === commitIndex && result.batches.length === 0\n' +
          "      if (result.code !== 'OK' || !isAtEnd || lastIndex === commitIndex) return done(result)\n" +
          '      let base: number = this.#log.highWatermark\n' +
          '      const batches = this.#entries(LogIndex(commitIndex + 1), LogIndex(lastIndex + 1), 1 << 20)\n' +
          "        .filter((entry) => entry.kind === 'records')\n" +
          '        .map((entry) => {\n' +
          '          const copy = servedCopyOf(entry.payload, base as never, entry.term)\n' +
          '          base += int32At(entry.payload, batchLayout.recordCount)\n' +
          '          return copy\n' +
          '        })\n' +
          '      done({ ...result, batches, highWatermark: base as never })\n' +
          '    }\n' +
          '    this.#fetches.serve({ ...fetch, done: dirty }, this.#options.clock.nowNs())\n',
      },
      {
        file: 'engine/engine.ts',
        find: "import { createRaftCore } from '../consensus/raft-core.ts'",
        replace:
          "import { batchLayout, int32At, servedCopyOf } from '../../contract/record-batch.ts'\n" +
          "import { createRaftCore } from '../consensus/raft-core.ts'",
      },
    ],
    checks: [
      'dirty-read',
      'lost',
      'hw-regression',
      'linearizable',
      'stale',
      'inconsistent-offset',
      'aborted-read',
      'duplicate',
    ],
  },
  {
    number: 55,
    name: 'the high watermark is one short',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'engine/fetches.ts',
        find: '      highWatermark: this.#source.log.highWatermark,\n',
        replace: '      highWatermark: Math.max(0, this.#source.log.highWatermark - 1) as never,\n',
      },
    ],
    checks: [...READ_CHECKS, 'dirty-read', 'hw-regression', 'torn'],
  },
  {
    number: 56,
    name: 'a batch that comes again is appended again',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'log/partition-log.ts',
        find: 'int64At(payload, batchLayout.producerId) >= 0\n',
        replace: 'payload.length === 0\n',
      },
    ],
    checks: ['duplicate', 'linearizable', 'session', 'reordered', 'inconsistent-offset'],
  },
  {
    number: 57,
    name: 'one batch of a producer is remembered, not five',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'log/producers.ts',
        find: 'const BATCHES_REMEMBERED = 5',
        replace: 'const BATCHES_REMEMBERED = 1',
      },
    ],
    checks: ['liveness', 'duplicate', 'lost'],
  },
  {
    number: 58,
    name: 'a gap before a batch of a producer is taken',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'log/producers.ts',
        find: 'return batch.baseSequence === expected ? APPEND : GAP',
        replace: 'return batch.baseSequence >= expected ? APPEND : GAP',
      },
    ],
    checks: ['session', 'reordered', 'duplicate', 'linearizable', 'liveness'],
  },
  {
    number: 59,
    name: 'a batch of several records becomes several entries',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'engine/engine.ts',
        find: '    this.#proposals.add(this.#pending.addProduce(done, deadlineNs), request.batch)\n',
        replace:
          '    const batch = decodeBatch(request.batch, crc32c)\n' +
          "    if ('fault' in batch) throw new Error(batch.fault)\n" +
          '    batch.records.forEach((record, at) => {\n' +
          '      const value = record.value ?? new Uint8Array(0)\n' +
          '      const { producerId: id, producerEpoch: epoch, baseSequence } = batch.header\n' +
          '      const producer = { id: Number(id), epoch, baseSequence: baseSequence + at }\n' +
          '      const part = new BatchEncoder(crc32c).encode({\n' +
          '        records: [{ value }],\n' +
          '        timestampMs: 0,\n' +
          '        ...(Number(id) < 0 ? {} : { producer }),\n' +
          '      })\n' +
          '      const isLast = at === batch.records.length - 1\n' +
          '      this.#proposals.add(this.#pending.addProduce(isLast ? done : () => {}, deadlineNs), part)\n' +
          '    })\n',
      },
      {
        file: 'engine/engine.ts',
        find: "import { createRaftCore } from '../consensus/raft-core.ts'",
        replace:
          "import { crc32c } from '../../base/crc32c.ts'\n" +
          "import { decodeBatch } from '../../contract/record-batch-decode.ts'\n" +
          "import { BatchEncoder } from '../../contract/record-batch-encode.ts'\n" +
          "import { createRaftCore } from '../consensus/raft-core.ts'",
      },
    ],
    checks: ['phantom', 'torn', 'linearizable'],
  },
  {
    number: 60,
    name: 'a replica that restarts counts no-ops as records',
    family,
    kind: 'mutation',
    changes: [
      {
        file: 'log/partition-log.ts',
        find: "    if (entry.kind === 'noop') return undefined\n",
        replace:
          "    if (entry.kind === 'noop') {\n" +
          '      if (entry.payload.byteOffset > 0) this.#highWatermark = Offset(this.#highWatermark + 1)\n' +
          '      return undefined\n' +
          '    }\n',
      },
    ],
    checks: [
      'inconsistent-offset',
      'gap',
      'linearizable',
      'stale',
      'hw-regression',
      'phantom',
      'assertion',
    ],
  },
]
