import type { Offset } from '../../contract/types.ts'

/** How many of a producer's last batches are recognised when they come again. As in Kafka. */
const BATCHES_REMEMBERED = 5

/** Sequences wrap after 2^31 - 1 to 0. Source: Kafka's DefaultRecordBatch.incrementSequence. */
const SEQUENCES = 2 ** 31

type Remembered = {
  readonly baseSequence: number
  readonly lastSequence: number
  readonly baseOffset: Offset
}

type ProducerState = { readonly epoch: number; readonly batches: Remembered[] }

export type Judgement =
  | { readonly kind: 'append' }
  | { readonly kind: 'duplicate'; readonly baseOffset: Offset }
  | { readonly kind: 'gap' }
  | { readonly kind: 'fenced' }

/** A batch of an idempotent producer: its `producerId` is at least 0. */
export type ProducerBatch = {
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly recordCount: number
}

const APPEND: Judgement = { kind: 'append' }
const GAP: Judgement = { kind: 'gap' }
const FENCED: Judgement = { kind: 'fenced' }

/**
 * Recognises batches that come again and gaps before them. A function of the applied entries
 * alone, so every replica judges alike and a new leader knows what the old one had taken.
 *
 * Stricter than Kafka in one point: a producer that is not known must start at sequence 0, since
 * no state ever expires here, so anything else is a gap.
 *
 * Source: KIP-98, idempotent producer; Kafka's ProducerStateManager.
 */
export class Producers {
  readonly #states = new Map<number, ProducerState>()

  judge(batch: ProducerBatch): Judgement {
    const state = this.#states.get(batch.producerId)
    if (state === undefined || batch.producerEpoch > state.epoch) {
      return batch.baseSequence === 0 ? APPEND : GAP
    }
    if (batch.producerEpoch < state.epoch) return FENCED
    const lastSequence = lastSequenceOf(batch)
    for (const seen of state.batches) {
      if (seen.baseSequence === batch.baseSequence && seen.lastSequence === lastSequence) {
        return { kind: 'duplicate', baseOffset: seen.baseOffset }
      }
    }
    const last = state.batches[state.batches.length - 1]
    const expected = last === undefined ? 0 : (last.lastSequence + 1) % SEQUENCES
    return batch.baseSequence === expected ? APPEND : GAP
  }

  /** Remembers a batch that was appended at `baseOffset`. */
  appended(batch: ProducerBatch, baseOffset: Offset): void {
    let state = this.#states.get(batch.producerId)
    if (state === undefined || batch.producerEpoch > state.epoch) {
      state = { epoch: batch.producerEpoch, batches: [] }
      this.#states.set(batch.producerId, state)
    }
    state.batches.push({
      baseSequence: batch.baseSequence,
      lastSequence: lastSequenceOf(batch),
      baseOffset,
    })
    if (state.batches.length > BATCHES_REMEMBERED) state.batches.shift()
  }
}

const lastSequenceOf = (batch: ProducerBatch): number =>
  (batch.baseSequence + batch.recordCount - 1) % SEQUENCES
