import { status } from '@grpc/grpc-js'
import type { Hello } from '../../contract/frames/hello.ts'
import { CONTRACT_VERSION } from '../../contract/node-config.ts'
import { systemClock } from '../../os/clock.ts'
import { within } from '../../os/within.ts'
import type { AdapterLab } from './adapter-lab.ts'
import type { AdapterRule } from './adapter-rule.ts'
import { Broken, hold } from './broken.ts'
import type { ContractStream } from './contract-stream.ts'
import { batchOf, type LogSession } from './log-session.ts'

const FRAME_BYTES_MAX = 256 * 1024
/** Only a look at the frame is needed to end a stream. */
const REFUSAL_MS_MAX = 3_000

/** What streams of frames must keep, whatever the frames ask. */
export const adapterStreamRules: readonly AdapterRule[] = [
  {
    name: 'hello-checked',
    promise: 'ends a stream of another run, another contract or without a hello, gRPC status 9',
    check: async (lab) => {
      const log = await lab.partition()
      const hello = { contract: CONTRACT_VERSION, runId: lab.runId }
      await refused(lab, log, (stream) => stream.hello(allowing({ ...hello, runId: 'another' })))
      await refused(lab, log, (stream) => stream.hello(allowing({ ...hello, contract: 99 })))
      await refused(lab, log, (stream) => stream.produce([log.request(batchOf(['a']))]))
    },
  },
  {
    name: 'malformed-frame',
    promise: 'ends a stream with bytes that are no frame, gRPC status 3',
    check: async (lab) => {
      const log = await lab.partition()
      const stream = log.open('Produce')
      stream.sendBytes(Uint8Array.of(0x12, 0x7f, 0x08), 'a frame that is cut')
      await endsWith(stream, [status.INVALID_ARGUMENT, status.INTERNAL])
    },
  },
  {
    name: 'window-overrun',
    promise: 'ends a stream with more unanswered than its hello allows, gRPC status 8',
    check: async (lab) => {
      const log = await lab.partition()
      const stream = lab.stream(log.addressOf(log.leader), 'Produce')
      const [windowRequests, windowBytes] = [2, 1_000_000]
      stream.hello({ contract: CONTRACT_VERSION, runId: lab.runId, windowRequests, windowBytes })
      stream.produce(Array.from({ length: 50 }, () => log.request(batchOf(['a']))))
      await endsWith(stream, [status.RESOURCE_EXHAUSTED])
    },
  },
  {
    name: 'window-allowed',
    promise: 'goes on as long as what is unanswered stays within the window',
    check: async (lab) => {
      const log = await lab.partition()
      const stream = lab.stream(log.addressOf(log.leader), 'Produce')
      const batch = batchOf(['a'])
      stream.hello({
        contract: CONTRACT_VERSION,
        runId: lab.runId,
        windowRequests: 5,
        windowBytes: 5 * batch.length,
      })
      for (let round = 0; round < 4; round += 1) {
        stream.produce(Array.from({ length: 5 }, () => log.request(batch)))
        await stream.answers(5)
      }
    },
  },
  {
    name: 'answered-once',
    promise: 'answers every request of a frame exactly once, under its own id',
    check: async (lab) => {
      const log = await lab.partition()
      const stream = log.open('Produce')
      const requests = Array.from({ length: 200 }, (_, at) => log.request(batchOf([`${at}`])))
      stream.produce(requests)
      const answers = await stream.answers(requests.length)
      const ids = new Set(answers.map(({ id }) => id))
      const missing = requests.find(({ id }) => !ids.has(id))
      hold(missing === undefined, `an answer to id ${missing?.id}`, 'another id, or one twice')
      stream.produce([log.request(batchOf(['last']))])
      await stream.answers(1)
      hold(stream.surplus === 0, 'no more answers than requests', `${stream.surplus} more`)
    },
  },
  {
    name: 'frames-bounded',
    promise: 'sends no frame above 256 KiB, unless it holds a single answer',
    check: async (lab) => {
      const log = await lab.partition()
      await log.append(batchOf(['x'.repeat(50_000)]))
      const stream = log.open('Fetch')
      for (let id = 1; id <= 12; id += 1) {
        stream.fetch(log.fetchRequest(id, 0))
      }
      await stream.answers(12)
      const large = stream.frames.find(({ bytes, answers }) => bytes > LIMIT && answers > 1)
      const seen = `${large?.answers} answers in ${large?.bytes} bytes`
      hold(large === undefined, 'frames of at most 256 KiB', seen)
    },
  },
]

/** Sizes are estimated before they are encoded: some slack is no fault. */
const LIMIT = FRAME_BYTES_MAX + 1024

const allowing = (hello: Pick<Hello, 'contract' | 'runId'>): Hello => ({
  ...hello,
  windowRequests: 100,
  windowBytes: 1_000_000,
})

async function refused(
  lab: AdapterLab,
  log: LogSession,
  begin: (stream: ContractStream) => void,
): Promise<void> {
  const stream = lab.stream(log.addressOf(log.leader), 'Produce')
  begin(stream)
  await endsWith(stream, [status.FAILED_PRECONDITION])
}

async function endsWith(stream: ContractStream, codes: readonly status[]): Promise<void> {
  const expected = `the stream's end with gRPC status ${codes[0]}`
  const { code, details } = await within(stream.ended, {
    clock: systemClock,
    limitMs: REFUSAL_MS_MAX,
    late: () => new Broken(expected, 'it goes on'),
  })
  hold(codes.includes(code), expected, `status ${code} "${details}"`)
}
