import { isBatchFault, patchServed } from '../../contract/record-batch.ts'
import { decodeBatch } from '../../contract/record-batch-decode.ts'
import { Offset, Term } from '../../contract/types.ts'
import { crc32c } from '../../os/crc32c.ts'
import { nowMs, sleepMs } from './adapter-lab.ts'
import type { AdapterRule } from './adapter-rule.ts'
import { hold } from './broken.ts'
import { batchOf } from './log-session.ts'

const WAIT_MS = 400
/** Fetches of one stream that wait at once: consumers of many partitions. */
const TOGETHER = 64
/** What a busy machine may add to a wait. */
const GRACE_MS = 3_000

/** What the answers to Fetch must say. */
export const adapterFetchRules: readonly AdapterRule[] = [
  {
    name: 'fetch-content',
    promise: 'serves every byte as it came, but for base offset and leader epoch, patched in',
    check: async (lab) => {
      const log = await lab.partition()
      await log.append(batchOf(['first']))
      const sent = batchOf(['a', 'b', 'x'.repeat(5_000)])
      const { term } = await log.append(sent)
      const { batches } = await log.fetch(1)
      const served = batches[0] ?? new Uint8Array(0)
      const wanted = sent.slice()
      patchServed(wanted, Offset(1), Term(term))
      const at = wanted.findIndex((byte, place) => byte !== served[place])
      hold(at === -1, `the batch with offset 1 and term ${term}`, `another byte at ${at}`)
      const decoded = decodeBatch(served, crc32c)
      hold(!isBatchFault(decoded), 'a batch that decodes', JSON.stringify(decoded))
    },
  },
  {
    name: 'fetch-position',
    promise: 'serves whole batches from the one that contains the offset',
    check: async (lab) => {
      const log = await lab.partition()
      for (const texts of [['a'], ['b', 'c', 'd'], ['e']]) await log.append(batchOf(texts))
      const { batches } = await log.fetch(2)
      const firsts = batches.map(firstOffsetOf)
      hold(`${firsts}` === '1,4', 'batches of offsets 1 and 4', `batches of ${firsts}`)
    },
  },
  {
    name: 'fetch-bytes',
    promise: 'serves no more than max bytes, but at least one batch',
    check: async (lab) => {
      const log = await lab.partition()
      const batch = batchOf(['x'.repeat(1_000)])
      for (let count = 0; count < 4; count += 1) await log.append(batch)
      const two = await log.fetch(0, { bytesMax: 2 * batch.length + 10 })
      hold(two.batches.length === 2, '2 batches', `${two.batches.length} batches`)
      const one = await log.fetch(0, { bytesMax: 1 })
      hold(one.batches.length === 1, '1 batch', `${one.batches.length} batches`)
    },
  },
  {
    name: 'fetch-wait',
    promise: 'waits up to max wait for a record at the end of the log, and answers when it comes',
    check: async (lab) => {
      const log = await lab.partition()
      await log.append(batchOf(['a']))
      const beganMs = nowMs()
      const empty = await log.fetch(1, { waitMsMax: WAIT_MS })
      const tookMs = Math.round(nowMs() - beganMs)
      const isEmpty = empty.code === 'OK' && empty.batches.length === 0
      hold(isEmpty, 'OK without batches', `${empty.code}, ${empty.batches.length} batches`)
      hold(tookMs >= WAIT_MS - 50, `an answer after ${WAIT_MS} ms`, `one after ${tookMs} ms`)
      hold(tookMs <= WAIT_MS + GRACE_MS, `an answer after ${WAIT_MS} ms`, `after ${tookMs} ms`)
      const pending = log.fetch(1, { waitMsMax: 8_000 })
      await sleepMs(100)
      const sentMs = nowMs()
      await log.append(batchOf(['b']))
      const { batches } = await pending
      const lateMs = Math.round(nowMs() - sentMs)
      hold(batches.length === 1, 'the new batch', `${batches.length} batches`)
      hold(lateMs < GRACE_MS, 'an answer when the record came', `one ${lateMs} ms later`)
    },
  },
  {
    name: 'fetches-together',
    promise: 'answers all fetches of a stream that wait for the same record, and goes on',
    check: async (lab) => {
      const log = await lab.partition()
      const stream = log.open('Fetch')
      const patient = { waitMsMax: 8_000 }
      for (let round = 0; round < 3; round += 1) {
        for (let at = 1; at <= TOGETHER; at += 1) {
          stream.fetch(log.fetchRequest(round * TOGETHER + at, round, patient))
        }
        await sleepMs(50)
        await log.append(batchOf([`${round}`]))
        const answers = await stream.answers(TOGETHER)
        const failed = answers.find(({ code }) => code !== 'OK')
        hold(failed === undefined, `OK to all ${TOGETHER} fetches`, `${failed?.code}`)
      }
    },
  },
  {
    name: 'fetch-out-of-range',
    promise: 'answers OFFSET_OUT_OF_RANGE beyond the end of the log',
    check: async (lab) => {
      const log = await lab.partition()
      await log.append(batchOf(['a']))
      const { code } = await log.fetch(1_000)
      hold(code === 'OFFSET_OUT_OF_RANGE', 'OFFSET_OUT_OF_RANGE', code)
    },
  },
  {
    name: 'high-watermark',
    promise: 'names the offset after the last committed record, never less than was acknowledged',
    check: async (lab) => {
      const log = await lab.partition()
      for (let end = 1; end <= 5; end += 1) {
        await log.append(batchOf([`${end}`]))
        const { highWatermark, batches } = await log.fetch(0)
        hold(highWatermark === end, `high watermark ${end}`, `${highWatermark}`)
        const last = firstOffsetOf(batches.at(-1) ?? new Uint8Array(0))
        hold(last === end - 1, `records up to offset ${end - 1}`, `up to ${last}`)
      }
    },
  },
]

function firstOffsetOf(batch: Uint8Array): number {
  const decoded = decodeBatch(batch, crc32c)
  return isBatchFault(decoded) ? -1 : decoded.header.baseOffset
}
