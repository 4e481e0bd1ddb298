import { assert } from '../../base/assert.ts'

/** What a batch is called, on the wire and in the log: see `Session`. */
export type BatchIdentity = {
  readonly producerId: number
  readonly epoch: number
  readonly baseSequence: number
}

/** What became of a batch, as the generator knows it. */
export type BatchFate = 'open' | 'acknowledged' | 'refused' | 'indefinite'

/** Batches that share their arrays, which are dropped once all is known about each of them. */
const CHUNK = 1024
const NOWHERE = -1

const FATES: readonly BatchFate[] = ['open', 'acknowledged', 'refused', 'indefinite']
const OPEN = 0
const ACKNOWLEDGED = 1

/** A run of a thousand batches of one session. */
class Chunk {
  readonly firstSentNs = new Float64Array(CHUNK)
  readonly ackedOffsets = new Float64Array(CHUNK).fill(NOWHERE)
  readonly seenOffsets = new Float64Array(CHUNK).fill(NOWHERE)
  readonly fates = new Uint8Array(CHUNK)
  /** Sightings and fates that are still to come. */
  awaited: number

  constructor(consumers: number) {
    this.awaited = CHUNK * (consumers + 1)
  }
}

/**
 * One producer on one partition. Its batches are numbered by `ordinal` from 0; on the wire an
 * ordinal is an epoch and a sequence. After a batch whose outcome nobody knows, the sequence may
 * have a gap for ever, so the session goes on in the next epoch from sequence 0 (KIP-98, KIP-360).
 */
class Session {
  readonly producerId: number
  readonly partition: number
  readonly epochStarts = [0]
  readonly chunks = new Map<number, Chunk>()
  nextOrdinal = 0

  constructor(producerId: number, partition: number) {
    this.producerId = producerId
    this.partition = partition
  }
}

/** A batch that is in the log, as far as the ledger must know it. */
export type LedgerBatch = { readonly session: number; readonly ordinal: number }

/** An acknowledged batch that no consumer has seen. */
export type UnseenBatch = LedgerBatch & {
  readonly partition: number
  readonly ackedOffset: number
}

/**
 * Who sent which batch, what the log said of it, and where it was read. Constant time per batch,
 * and memory for those batches only that something is still to be learned about.
 */
export class Ledger {
  readonly #sessions: Session[] = []
  readonly #firstProducerId: number
  readonly #partitions: number
  readonly #recordsPerBatch: number
  readonly #consumers: number
  readonly #ackedEnds: Float64Array
  #contradiction: string | undefined

  constructor(shape: {
    readonly producers: number
    readonly partitions: number
    readonly recordsPerBatch: number
    readonly consumers: number
    readonly firstProducerId: number
  }) {
    this.#firstProducerId = shape.firstProducerId
    this.#partitions = shape.partitions
    this.#recordsPerBatch = shape.recordsPerBatch
    this.#consumers = shape.consumers
    this.#ackedEnds = new Float64Array(shape.partitions)
    for (let producer = 0; producer < shape.producers; producer += 1) {
      for (let partition = 0; partition < shape.partitions; partition += 1) {
        this.#sessions.push(new Session(shape.firstProducerId + producer, partition))
      }
    }
  }

  /** The first answer that came after its batch was read, and denies where it was read. */
  get contradiction(): string | undefined {
    return this.#contradiction
  }

  get sessions(): number {
    return this.#sessions.length
  }

  sessionAt(producer: number, partition: number): number {
    return producer * this.#partitions + partition
  }

  partitionOf(session: number): number {
    return this.#session(session).partition
  }

  /** A new batch of this session: its ordinal. */
  begin(session: number): number {
    const found = this.#session(session)
    const ordinal = found.nextOrdinal
    found.nextOrdinal += 1
    if (ordinal % CHUNK === 0) found.chunks.set(ordinal / CHUNK, new Chunk(this.#consumers))
    return ordinal
  }

  identityOf(session: number, ordinal: number): BatchIdentity {
    const { producerId, epochStarts } = this.#session(session)
    let epoch = epochStarts.length - 1
    while ((epochStarts[epoch] as number) > ordinal) epoch -= 1
    const baseSequence = (ordinal - (epochStarts[epoch] as number)) * this.#recordsPerBatch
    return { producerId, epoch, baseSequence }
  }

  /** The batches that come after the last one belong to a new epoch. */
  startEpoch(session: number): void {
    const { epochStarts, nextOrdinal } = this.#session(session)
    if (epochStarts.at(-1) !== nextOrdinal) epochStarts.push(nextOrdinal)
  }

  sent(session: number, ordinal: number, nowNs: number): void {
    const chunk = this.#chunk(session, ordinal)
    if (chunk !== undefined) chunk.firstSentNs[ordinal % CHUNK] = nowNs
  }

  /** One past the highest offset that was acknowledged in this partition. */
  ackedEndOf(partition: number): number {
    return this.#ackedEnds[partition] ?? 0
  }

  /** `baseOffset` is NaN when the acknowledgement named none: that contradicts any place. */
  acknowledged(session: number, ordinal: number, baseOffset: number): void {
    const partition = this.partitionOf(session)
    const end = baseOffset + this.#recordsPerBatch
    if (end > this.ackedEndOf(partition)) this.#ackedEnds[partition] = end
    const chunk = this.#chunk(session, ordinal)
    if (chunk === undefined) return
    chunk.ackedOffsets[ordinal % CHUNK] = baseOffset
    const seenOffset = known(chunk.seenOffsets[ordinal % CHUNK])
    if (seenOffset !== undefined && seenOffset !== baseOffset) {
      this.#contradict(session, ordinal, seenOffset, `was acknowledged at offset ${baseOffset}`)
    }
    this.#decide(session, ordinal, chunk, ACKNOWLEDGED)
  }

  gaveUp(session: number, ordinal: number, fate: 'refused' | 'indefinite'): void {
    const chunk = this.#chunk(session, ordinal)
    if (chunk === undefined) return
    const seenOffset = known(chunk.seenOffsets[ordinal % CHUNK])
    if (seenOffset !== undefined && fate === 'refused') {
      this.#contradict(session, ordinal, seenOffset, 'was refused, definitely, and is in the log')
    }
    this.#decide(session, ordinal, chunk, FATES.indexOf(fate))
  }

  /** The batch of this identity; undefined when this generator sent none such. */
  batchOf(partition: number, identity: BatchIdentity): LedgerBatch | undefined {
    const producer = identity.producerId - this.#firstProducerId
    if (producer < 0 || partition >= this.#partitions) return undefined
    const session = this.sessionAt(producer, partition)
    const found = this.#sessions[session]
    const start = found?.epochStarts[identity.epoch]
    if (found === undefined || start === undefined) return undefined
    const ordinal = start + identity.baseSequence / this.#recordsPerBatch
    const end = found.epochStarts[identity.epoch + 1] ?? found.nextOrdinal
    return Number.isInteger(ordinal) && ordinal < end ? { session, ordinal } : undefined
  }

  /** When it was first sent; undefined when all about it is known and it was dropped. */
  firstSentNs({ session, ordinal }: LedgerBatch): number | undefined {
    return this.#chunk(session, ordinal)?.firstSentNs[ordinal % CHUNK]
  }

  fateOf({ session, ordinal }: LedgerBatch): BatchFate {
    const chunk = this.#chunk(session, ordinal)
    return FATES[chunk?.fates[ordinal % CHUNK] ?? ACKNOWLEDGED] as BatchFate
  }

  /** Where the log said it is; undefined before an acknowledgement, or when it was dropped. */
  ackedOffset({ session, ordinal }: LedgerBatch): number | undefined {
    return known(this.#chunk(session, ordinal)?.ackedOffsets[ordinal % CHUNK])
  }

  /** Where a consumer has first seen it. */
  seenOffset({ session, ordinal }: LedgerBatch): number | undefined {
    return known(this.#chunk(session, ordinal)?.seenOffsets[ordinal % CHUNK])
  }

  /** Whether any consumer has seen it; what was dropped, all have. */
  wasSeen(batch: LedgerBatch): boolean {
    const chunk = this.#chunk(batch.session, batch.ordinal)
    return chunk === undefined || this.seenOffset(batch) !== undefined
  }

  /** One of the consumers has read it at `offset`. Each consumer says so once per batch. */
  seen({ session, ordinal }: LedgerBatch, offset: number): void {
    const chunk = this.#chunk(session, ordinal)
    if (chunk === undefined) return
    if (chunk.seenOffsets[ordinal % CHUNK] === NOWHERE) {
      chunk.seenOffsets[ordinal % CHUNK] = offset
    }
    this.#account(session, ordinal, chunk)
  }

  /** Acknowledged batches that no consumer has seen, in no order, at most `limit` of them. */
  unseen(limit: number): UnseenBatch[] {
    const found: UnseenBatch[] = []
    for (const [session, { partition, chunks }] of this.#sessions.entries()) {
      for (const [at, chunk] of chunks) {
        for (let place = 0; place < CHUNK && found.length < limit; place += 1) {
          if (chunk.fates[place] !== ACKNOWLEDGED || chunk.seenOffsets[place] !== NOWHERE) continue
          const ackedOffset = chunk.ackedOffsets[place] as number
          found.push({ session, ordinal: at * CHUNK + place, partition, ackedOffset })
        }
      }
    }
    return found
  }

  #contradict(session: number, ordinal: number, seenOffset: number, denial: string): void {
    const { producerId, epoch, baseSequence } = this.identityOf(session, ordinal)
    this.#contradiction ??=
      `partition ${this.partitionOf(session)}, offset ${seenOffset}: ` +
      `producer ${producerId} epoch ${epoch} sequence ${baseSequence} ${denial}`
  }

  #decide(session: number, ordinal: number, chunk: Chunk, fate: number): void {
    const before = chunk.fates[ordinal % CHUNK]
    chunk.fates[ordinal % CHUNK] = fate
    // An answer that comes after the timeout changes the fate and is accounted for already.
    if (before === OPEN) this.#account(session, ordinal, chunk)
  }

  #account(session: number, ordinal: number, chunk: Chunk): void {
    chunk.awaited -= 1
    if (chunk.awaited === 0) this.#session(session).chunks.delete(Math.floor(ordinal / CHUNK))
  }

  #chunk(session: number, ordinal: number): Chunk | undefined {
    return this.#session(session).chunks.get(Math.floor(ordinal / CHUNK))
  }

  #session(session: number): Session {
    const found = this.#sessions[session]
    assert(found !== undefined, `no session ${session}`)
    return found
  }
}

const known = (offset: number | undefined): number | undefined =>
  offset === undefined || offset === NOWHERE ? undefined : offset
