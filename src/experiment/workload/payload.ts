import { assert } from '../../base/assert.ts'
import type { Prng } from '../../base/prng.ts'
import type { PayloadSizes, Workload } from './workload.ts'

/** What a record's value must be, for whoever sends it and whoever checks it. */
export interface Payloads {
  /**
   * The value of one record: a view that nobody may change. A function of the seed and of what the
   * batch's header says of the record, so a consumer needs nothing else to check the content.
   */
  valueOf(producerId: number, epoch: number, sequence: number): Uint8Array
}

/**
 * So large against the windows of lz4, snappy and deflate (32–64 KiB) that two values within one
 * seldom overlap: 100-byte values shrink by less than 1 %, 4 KiB ones by about 2 %.
 */
const POOL_BYTES = 4 * 1024 * 1024

/** Zeros and random bytes take turns in runs of this length, wherever a value begins. */
const CELL_BYTES = 32

/** Of `mixed` sizes, one in so many is large, and the others are smaller by this factor. */
const MIXED = 16

/**
 * Values are windows into one pool of random bytes, at a place hashed from the record's identity:
 * no bytes are drawn per record. Two records have the same window once in about four million pairs;
 * which of the two it is, the batch's header says.
 */
export function createPayloads(options: {
  readonly prng: Prng
  readonly workload: Pick<Workload, 'payloadBytes' | 'payloadSizes' | 'compressibleRatio'>
}): Payloads {
  const { payloadBytes, payloadSizes, compressibleRatio } = options.workload
  const bytesMax = payloadBytes
  assert(Number.isSafeInteger(bytesMax) && bytesMax >= 0, `payload bytes: ${bytesMax}`)
  const pool = randomBytesOf(options.prng, POOL_BYTES + bytesMax)
  zeroShare(pool, compressibleRatio)
  return {
    valueOf(producerId, epoch, sequence) {
      const hash = hashOf(producerId, epoch, sequence)
      const start = hash % POOL_BYTES
      return pool.subarray(start, start + bytesOf(payloadSizes, bytesMax, hash))
    },
  }
}

/** The hash's place in the pool and the size must not go together: hence another multiplier. */
function bytesOf(sizes: PayloadSizes, bytesMax: number, hash: number): number {
  if (sizes === 'fixed' || bytesMax <= 1) return bytesMax
  const draw = (Math.imul(hash ^ (hash >>> 15), 0x27d4eb2f) >>> 0) / 2 ** 32
  if (sizes === 'uniform') return 1 + Math.floor(draw * bytesMax)
  return draw < 1 / MIXED ? bytesMax : Math.ceil(bytesMax / MIXED)
}

function zeroShare(pool: Uint8Array, ratio: number): void {
  const zeros = Math.round(CELL_BYTES * ratio)
  for (let at = 0; zeros > 0 && at < pool.length; at += CELL_BYTES) pool.fill(0, at, at + zeros)
}

function randomBytesOf(prng: Prng, bytes: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(bytes / 4))
  for (let at = 0; at < words.length; at += 1) words[at] = prng.below(2 ** 32)
  return littleEndianBytes(words).subarray(0, bytes)
}

/** Spelled out, since a view of the words would depend on the machine's byte order. */
function littleEndianBytes(words: Uint32Array): Uint8Array {
  const bytes = new Uint8Array(words.length * 4)
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] as number
    bytes[4 * at] = word
    bytes[4 * at + 1] = word >>> 8
    bytes[4 * at + 2] = word >>> 16
    bytes[4 * at + 3] = word >>> 24
  }
  return bytes
}

/** Source: the finaliser of MurmurHash3 (A. Appleby), over the three numbers mixed together. */
function hashOf(producerId: number, epoch: number, sequence: number): number {
  let hash = Math.imul(producerId, 0x9e3779b1) ^ Math.imul(epoch + 1, 0x85ebca6b) ^ sequence
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
