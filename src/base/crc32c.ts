/**
 * Extends `previous` (0 at the start) over `bytes`; an unsigned 32-bit number. The port exists
 * because a native one is ten times faster, and pure layers may not import it.
 */
export type Crc32c = (bytes: Uint8Array, previous?: number) => number

/** Castagnoli's polynomial, reflected. Source: RFC 3720 appendix B.4. */
const POLYNOMIAL = 0x82f63b78

const SLICES = 8
const tables = makeTables()

/** CRC-32C in plain JavaScript, eight bytes a step. Source: slicing-by-8 (Kounavis, Berry 2005). */
export const crc32c: Crc32c = (bytes, previous = 0) => {
  let crc = ~previous
  let at = 0
  const wholeEnd = bytes.length - (bytes.length % SLICES)
  while (at < wholeEnd) {
    crc ^=
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)
    crc =
      (tables[0x700 + (crc & 0xff)] as number) ^
      (tables[0x600 + ((crc >>> 8) & 0xff)] as number) ^
      (tables[0x500 + ((crc >>> 16) & 0xff)] as number) ^
      (tables[0x400 + (crc >>> 24)] as number) ^
      (tables[0x300 + (bytes[at + 4] as number)] as number) ^
      (tables[0x200 + (bytes[at + 5] as number)] as number) ^
      (tables[0x100 + (bytes[at + 6] as number)] as number) ^
      (tables[bytes[at + 7] as number] as number)
    at += SLICES
  }
  while (at < bytes.length) {
    crc = (tables[(crc ^ (bytes[at] as number)) & 0xff] as number) ^ (crc >>> 8)
    at += 1
  }
  return ~crc >>> 0
}

/** Table `s` at `256 * s`: the effect of a byte that stands `s` bytes before the end. */
function makeTables(): Int32Array {
  const table = new Int32Array(256 * SLICES)
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1
    table[byte] = crc
  }
  for (let at = 256; at < table.length; at += 1) {
    const shorter = table[at - 256] as number
    table[at] = (table[shorter & 0xff] as number) ^ (shorter >>> 8)
  }
  return table
}
