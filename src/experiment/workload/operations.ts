import type { Prng } from '../../base/prng.ts'
import type { Workload } from './workload.ts'

/** Which producer sends the workload's operation number `operation`, from 0: they take turns. */
export const producerOf = (operation: number, producers: number): number => operation % producers

/** The place of the next operation's partition among the workload's; operations come in order. */
export type Partitioner = (operation: number) => number

/** A fifth of the keys is hot, and four fifths of the operations go there. */
const HOT_KEYS_RATIO = 0.2
const HOT_OPERATIONS_OF_TEN = 8

/** The hot keys of `drifting` move on by one key after so many operations. */
const DRIFT_OPERATIONS = 100

type Shape = Pick<Workload, 'producers' | 'partitions' | 'keys' | 'keyCount'>

/** Where operations go; `prng` is drawn from in their order. */
export function createPartitioner(shape: Shape, prng: Prng): Partitioner {
  const { producers, partitions, keys } = shape
  switch (keys) {
    case 'none':
      return (operation) => (operation % producers) % partitions
    case 'round-robin':
      // No two producers start at the same partition, as long as there are enough.
      return (operation) => {
        const turn = Math.floor(operation / producers)
        return ((operation % producers) + turn) % partitions
      }
    default: {
      const keyOf = createKeys(shape, prng)
      return (operation) => partitionOfKey(keyOf(operation), partitions)
    }
  }
}

function createKeys({ keys, keyCount }: Shape, prng: Prng): (operation: number) => number {
  if (keys === 'zipf') return zipfKeys(keyCount, prng)
  const hotKeys = Math.max(1, Math.floor(keyCount * HOT_KEYS_RATIO))
  const coldKeys = Math.max(1, keyCount - hotKeys)
  return (operation) => {
    const first = keys === 'drifting' ? Math.floor(operation / DRIFT_OPERATIONS) : 0
    const isHot = prng.below(10) < HOT_OPERATIONS_OF_TEN
    const key = isHot ? prng.below(hotKeys) : hotKeys + prng.below(coldKeys)
    return (first + key) % keyCount
  }
}

/** Rank r has weight 1/r: sums of quotients, which are the same to the last bit everywhere. */
function zipfKeys(keyCount: number, prng: Prng): () => number {
  const sums = new Float64Array(keyCount)
  let sum = 0
  for (let key = 0; key < keyCount; key += 1) {
    sum += 1 / (key + 1)
    sums[key] = sum
  }
  return () => firstAbove(sums, prng.ratio() * sum)
}

function firstAbove(sums: Float64Array, value: number): number {
  let low = 0
  let high = sums.length - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sums[middle] as number) > value) high = middle
    else low = middle + 1
  }
  return low
}

/** Neighbouring keys belong to different partitions, as after a hash. */
function partitionOfKey(key: number, partitions: number): number {
  const mixed = Math.imul(key + 1, 0x9e3779b1)
  return ((mixed ^ (mixed >>> 15)) >>> 0) % partitions
}
