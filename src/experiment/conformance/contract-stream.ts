import { Client, type ClientDuplexStream, credentials, type StatusObject } from '@grpc/grpc-js'
import {
  type FramedFetch,
  type FramedFetched,
  readFetchedFrame,
  writeFetch,
} from '../../contract/frames/fetch-frame.ts'
import { type Hello, writeHello } from '../../contract/frames/hello.ts'
import {
  type FramedProduce,
  type FramedProduced,
  readProducedFrame,
  writeProduce,
} from '../../contract/frames/produce-frame.ts'
import { isFrameFault } from '../../contract/frames/wire-reader.ts'
import { WireWriter } from '../../contract/frames/wire-writer.ts'
import { grpcOptions } from '../../contract/services.ts'
import { systemClock } from '../../os/clock.ts'
import { within } from '../../os/within.ts'
import { Broken } from './broken.ts'

/** How long a node may take for any answer of which the rule says nothing else. */
const ANSWER_MS_MAX = 10_000

/** What went to and fro, a line each: the exchange that a broken rule shows. */
export type Transcript = string[]

type Answer = FramedProduced | FramedFetched

/**
 * A stream of the contract under full control: it sends whatever a rule wants to send, also what
 * no client may, frame by frame, and writes down what went to and fro.
 */
export class ContractStream {
  readonly #transcript: Transcript
  readonly #client: Client
  readonly #stream: ClientDuplexStream<Uint8Array, Uint8Array>
  readonly #read: (bytes: Uint8Array) => readonly Answer[] | { fault: string; byte: number }
  readonly #answers: Answer[] = []
  #fault: string | undefined
  #notify = (): void => undefined
  /** Bytes of each frame that came, and how many answers were in it. */
  readonly frames: { readonly bytes: number; readonly answers: number }[] = []
  readonly ended: Promise<StatusObject>

  constructor(transcript: Transcript, address: string, method: 'Produce' | 'Fetch') {
    this.#transcript = transcript
    this.#read = method === 'Produce' ? readProducedFrame : readFetchedFrame
    this.#client = new Client(address, credentials.createInsecure(), grpcOptions)
    this.#stream = this.#client.makeBidiStreamRequest<Uint8Array, Uint8Array>(
      `/raftmark.v1.Log/${method}`,
      (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
      (bytes) => bytes,
    )
    this.#stream.on('data', (bytes: Uint8Array) => this.#take(bytes))
    this.#stream.on('error', () => undefined) // 'status' follows, and says the same
    this.ended = new Promise((resolve) => {
      this.#stream.on('status', (status) => {
        this.#transcript.push(`← stream ends: gRPC status ${status.code} "${status.details}"`)
        resolve(status)
        this.#notify()
      })
    })
  }

  hello(hello: Hello): void {
    const writer = new WireWriter()
    writeHello(writer, hello)
    const { contract, runId, windowRequests, windowBytes } = hello
    const window = `${windowRequests} requests, ${windowBytes} bytes`
    const said = `contract ${contract}, run ${runId}, ${window}`
    this.sendBytes(writer.take(), `hello (${said})`)
  }

  sendBytes(bytes: Uint8Array, name: string): void {
    this.#transcript.push(`→ ${name}`)
    this.#stream.write(bytes)
  }

  /** All in one frame. */
  produce(requests: readonly FramedProduce[]): void {
    const writer = new WireWriter()
    for (const request of requests) writeProduce(writer, request.id, request)
    const last = requests.at(-1)
    const which = requests.length > 1 ? `ids ${requests[0]?.id}…${last?.id}` : `id ${last?.id}`
    const what = `partition ${last?.partition}, acks ${last?.acks}, ${last?.batch.length} bytes`
    this.sendBytes(writer.take(), `Produce ${which} (${what})`)
  }

  fetch(request: FramedFetch): void {
    const writer = new WireWriter()
    writeFetch(writer, request.id, request)
    const { id, partition, offset, consistency, bytesMax, waitMsMax } = request
    const what = `partition ${partition}, offset ${offset}, ${consistency}`
    this.sendBytes(
      writer.take(),
      `Fetch id ${id} (${what}, max ${bytesMax} bytes, ${waitMsMax} ms)`,
    )
  }

  /** The next `count` answers. Rejects with `Broken` when they do not come, or the stream ends. */
  answers(count: number, limitMs = ANSWER_MS_MAX): Promise<readonly Answer[]> {
    const came = new Promise<readonly Answer[]>((resolve, reject) => {
      this.#notify = () => {
        if (this.#answers.length >= count) {
          // What comes before the next call is that call's.
          this.#notify = () => undefined
          resolve(this.#answers.splice(0, count))
        } else if (this.#fault !== undefined)
          reject(new Broken('a frame of the contract', this.#fault))
      }
      void this.ended.then(({ code, details }) => {
        reject(new Broken(`${count} answers`, `the stream's end, gRPC ${code} "${details}"`))
      })
      this.#notify()
    })
    const late = () =>
      new Broken(`${count} answers within ${limitMs} ms`, `${this.#answers.length} answers`)
    return within(came, { clock: systemClock, limitMs, late })
  }

  /** How many answers came beyond those that were taken. */
  get surplus(): number {
    return this.#answers.length
  }

  close(): void {
    this.#stream.cancel()
    this.#client.close()
  }

  #take(bytes: Uint8Array): void {
    const answers = this.#read(bytes)
    if (isFrameFault(answers)) {
      this.#fault = `${answers.fault} at byte ${answers.byte} of a frame`
    } else {
      this.frames.push({ bytes: bytes.length, answers: answers.length })
      for (const answer of answers) {
        this.#transcript.push(`← ${shown(answer)}`)
        this.#answers.push(answer)
      }
    }
    this.#notify()
  }
}

function shown(answer: Answer): string {
  if ('batches' in answer) {
    const { id, code, logStartOffset, highWatermark, batches } = answer
    const range = `log start ${logStartOffset}, high watermark ${highWatermark}`
    return `Fetched id ${id}: ${code}, ${range}, ${batches.length} batches`
  }
  const { id, code, baseOffset, term, index, leader } = answer
  const place = `offset ${baseOffset ?? '–'}, entry ${term}/${index ?? '–'}`
  return `Produced id ${id}: ${code}, ${place}, leader ${leader ?? '–'}`
}
