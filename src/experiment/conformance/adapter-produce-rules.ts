import type { Code } from '../../contract/codes.ts'
import { batchLayout } from '../../contract/record-batch.ts'
import { GroupId } from '../../contract/types.ts'
import type { AdapterRule } from './adapter-rule.ts'
import { hold, Unsupported } from './broken.ts'
import { batchOf, type LogSession } from './log-session.ts'

/** No rule's cluster hosts it. */
const NO_PARTITION = GroupId(4_000_000)

const by = (baseSequence: number, epoch = 0) => ({ id: 77, epoch, baseSequence })

/** What the answers to Produce must say. */
export const adapterProduceRules: readonly AdapterRule[] = [
  {
    name: 'offsets',
    promise: 'gives records consecutive offsets from 0, and answers with that of the first one',
    check: async (lab) => {
      const log = await lab.partition()
      await appendsAt(log, ['a'], 0)
      await appendsAt(log, ['b', 'c', 'd'], 1)
      await appendsAt(log, ['e'], 4)
    },
  },
  {
    name: 'order',
    promise: 'proposes the requests of a stream in the order of its frames',
    check: async (lab) => {
      const log = await lab.partition()
      const stream = log.open('Produce')
      const requests = Array.from({ length: 120 }, (_, at) => log.request(batchOf([`${at}`])))
      for (let at = 0; at < 120; at += 40) stream.produce(requests.slice(at, at + 40))
      await stream.answers(120)
      const { batches } = await log.fetch(0)
      const texts = batches.map((batch) => Buffer.from(batch).toString('latin1'))
      const wrong = texts.findIndex((text, at) => !text.includes(valueEnd(at)))
      hold(wrong === -1 && texts.length === 120, 'record n at offset n', `not so at ${wrong}`)
    },
  },
  {
    name: 'acks-leader',
    promise: 'acknowledges with acks `leader`, or says UNSUPPORTED',
    check: async (lab) => {
      const log = await lab.partition()
      const { code } = await log.produce(batchOf(['a']), { acks: 'leader' })
      if (code === 'UNSUPPORTED') throw new Unsupported('answers acks `leader` with UNSUPPORTED')
      hold(code === 'OK', 'OK', code)
    },
  },
  {
    name: 'unknown-partition',
    promise: 'answers UNKNOWN_PARTITION for a partition that it does not host',
    check: async (lab) => {
      const log = await lab.partition()
      const produced = await log.produce(batchOf(['a']), { partition: NO_PARTITION })
      hold(produced.code === 'UNKNOWN_PARTITION', 'UNKNOWN_PARTITION', produced.code)
      const fetched = await log.fetch(0, { partition: NO_PARTITION })
      hold(fetched.code === 'UNKNOWN_PARTITION', 'UNKNOWN_PARTITION', fetched.code)
    },
  },
  {
    name: 'corrupt-batch',
    promise: 'refuses what is no record batch v2 as CORRUPT_BATCH, and appends nothing',
    check: async (lab) => {
      const log = await lab.partition()
      const good = batchOf(['a', 'b'])
      await refuses(log, good.subarray(0, 40), 'CORRUPT_BATCH')
      await refuses(log, good.subarray(0, good.length - 1), 'CORRUPT_BATCH')
      await refuses(log, changed(good, batchLayout.magic, 1), 'CORRUPT_BATCH')
      await refuses(log, changed(good, batchLayout.recordCount + 3, 0), 'CORRUPT_BATCH')
      await appendsAt(log, ['a'], 0)
    },
  },
  {
    name: 'batch-too-large',
    promise: 'refuses a batch above batchBytesMax as BATCH_TOO_LARGE, and appends nothing',
    check: async (lab) => {
      const log = await lab.partition()
      await refuses(log, batchOf(['x'.repeat(lab.batchBytesMax)]), 'BATCH_TOO_LARGE')
      await appendsAt(log, ['a'], 0)
    },
  },
  {
    name: 'duplicate',
    promise: 'answers a repeated sequence OK with the first offset, and appends it once',
    check: async (lab) => {
      const log = await lab.partition()
      await log.append(batchOf(['before']))
      const batch = batchOf(['a', 'b'], by(0))
      const first = await log.append(batch)
      const again = await log.append(batch)
      const [one, two] = [first.baseOffset, again.baseOffset]
      hold(one === two, `offset ${one} again`, `offset ${two}`)
      await appendsAt(log, ['after'], 3)
    },
  },
  {
    name: 'sequence-gap',
    promise: 'refuses a batch that leaves a gap in the sequence as OUT_OF_ORDER_SEQUENCE',
    check: async (lab) => {
      const log = await lab.partition()
      await log.append(batchOf(['a', 'b'], by(0)))
      await refuses(log, batchOf(['z'], by(5)), 'OUT_OF_ORDER_SEQUENCE')
      const next = await log.append(batchOf(['c'], by(2)))
      hold(next.baseOffset === 2, 'offset 2', `offset ${next.baseOffset}`)
    },
  },
  {
    name: 'fenced-producer',
    promise: 'refuses an older epoch of a producer as FENCED',
    check: async (lab) => {
      const log = await lab.partition()
      await log.append(batchOf(['a'], by(0, 3)))
      await log.append(batchOf(['b'], by(0, 4)))
      await refuses(log, batchOf(['c'], by(1, 3)), 'FENCED')
    },
  },
]

/** The last bytes of the only record of a batch: its value, and no headers. */
const valueEnd = (at: number): string => `${at}\0`

function changed(batch: Uint8Array, at: number, value: number): Uint8Array {
  const copy = batch.slice()
  copy[at] = value
  return copy
}

async function appendsAt(log: LogSession, texts: readonly string[], offset: number): Promise<void> {
  const { baseOffset } = await log.append(batchOf(texts))
  hold(baseOffset === offset, `base offset ${offset}`, `base offset ${baseOffset}`)
}

async function refuses(log: LogSession, batch: Uint8Array, wanted: Code): Promise<void> {
  const { code } = await log.produce(batch)
  hold(code === wanted, wanted, code)
}
