/** Codes of the contract; see raftmark.proto. */
export const code = {
  OK: 0,
  NOT_LEADER: 1,
  UNKNOWN_PARTITION: 3,
  OFFSET_OUT_OF_RANGE: 4,
  BATCH_TOO_LARGE: 6,
  CORRUPT_BATCH: 7,
  OUT_OF_ORDER_SEQUENCE: 9,
  FENCED: 10,
} as const

/** What became of one batch. */
export type Outcome = {
  readonly code: number
  readonly baseOffset: number
  readonly term: number
  readonly index: number
}

type Producer = { epoch: number; next: number; readonly offsets: Map<number, number> }

/** One partition. */
export class Log {
  readonly #batches: Buffer[] = [] // as served
  readonly #bases: number[] = [] // base offset of each
  readonly #producers = new Map<bigint, Producer>()
  #waiting: (() => void)[] = []
  /** Offset of the next record: the high watermark. */
  end = 0

  get lastIndex(): number {
    return this.#batches.length
  }

  /**
   * Resolves once the batch is committed and applied.
   *
   * ======================= YOUR RAFT GOES HERE =======================
   * A Raft proposes the batch, replicates it, waits until a majority has
   * it, and then every node calls #apply for each entry in log order.
   * Without one, the first node applies at once, and tells nobody.
   * ===================================================================
   */
  propose(batch: Buffer): Promise<Outcome> {
    return Promise.resolve(this.#apply(batch, 1))
  }

  #apply(batch: Buffer, term: number): Outcome {
    const refused = { baseOffset: 0, term, index: 0 }
    const header = headerOf(batch)
    if (header === undefined) return { ...refused, code: code.CORRUPT_BATCH }
    const known = header.producer < 0n ? undefined : this.#producerOf(header)
    if (known !== undefined) {
      if (header.epoch < known.epoch) return { ...refused, code: code.FENCED }
      const offset = known.offsets.get(header.sequence)
      if (offset !== undefined) return { ...refused, code: code.OK, baseOffset: offset }
      if (header.sequence !== known.next) return { ...refused, code: code.OUT_OF_ORDER_SEQUENCE }
      known.next += header.count
      known.offsets.set(header.sequence, this.end)
      const [oldest] = known.offsets.keys()
      if (known.offsets.size > 5 && oldest !== undefined) known.offsets.delete(oldest)
    }
    const served = Buffer.from(batch)
    served.writeBigInt64BE(BigInt(this.end), 0)
    served.writeInt32BE(term, 12)
    this.#batches.push(served)
    this.#bases.push(this.end)
    const baseOffset = this.end
    this.end += header.count
    for (const wake of this.#waiting.splice(0)) wake()
    return { code: code.OK, baseOffset, term, index: this.#batches.length }
  }

  #producerOf({ producer, epoch }: Header): Producer {
    let known = this.#producers.get(producer)
    if (known === undefined || epoch > known.epoch) {
      known = { epoch, next: 0, offsets: new Map() }
      this.#producers.set(producer, known)
    }
    return known
  }

  /** Resolves when the log has grown, or after `waitMs`. */
  grown(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#waiting = this.#waiting.filter((other) => other !== wake)
        resolve()
      }, waitMs)
      const wake = (): void => {
        clearTimeout(timer)
        resolve()
      }
      this.#waiting.push(wake)
    })
  }

  /** Whole batches from the one that contains `offset`: `bytesMax` bytes, but at least one. */
  read(offset: number, bytesMax: number): Buffer[] {
    if (offset >= this.end) return []
    let [low, high] = [0, this.#bases.length]
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((this.#bases[middle] ?? 0) <= offset) low = middle
      else high = middle
    }
    const found: Buffer[] = []
    let bytes = 0
    for (let at = low; at < this.#batches.length; at += 1) {
      const batch = this.#batches[at] as Buffer
      bytes += batch.length
      if (found.length > 0 && bytes > bytesMax) break
      found.push(batch)
    }
    return found
  }
}

type Header = {
  readonly count: number
  readonly producer: bigint
  readonly epoch: number
  readonly sequence: number
}

/** Reads the 61 bytes before the records of a Kafka record batch, format v2. */
function headerOf(batch: Buffer): Header | undefined {
  if (batch.length < 61 || batch[16] !== 2) return undefined
  const count = batch.readInt32BE(57)
  const isPlain = (batch.readInt16BE(21) & 0x37) === 0
  const isWhole = batch.readInt32BE(8) === batch.length - 12
  if (!isPlain || !isWhole || count < 1 || batch.readInt32BE(23) !== count - 1) return undefined
  return {
    count,
    producer: batch.readBigInt64BE(43),
    epoch: batch.readInt16BE(51),
    sequence: batch.readInt32BE(53),
  }
}
