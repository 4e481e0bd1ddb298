import { expect, test } from 'vitest'
import { crc32c as portable } from '../base/crc32c.ts'
import { crc32c, crc32cFallbackReason } from './crc32c.ts'

test('the fast checksum is there and agrees with the portable one, whole and in pieces', () => {
  expect(crc32cFallbackReason).toBeUndefined()
  const bytes = Uint8Array.from({ length: 700 }, (_, at) => (at * 37) & 255)
  for (let end = 0; end <= bytes.length; end += 1) {
    const head = bytes.subarray(0, end)
    const tail = bytes.subarray(end)
    expect(crc32c(head)).toBe(portable(head))
    expect(crc32c(tail, crc32c(head))).toBe(portable(bytes))
  }
})

test('the checksum is CRC-32C', () => {
  // Source: RFC 3720 appendix B.4, 32 bytes of zeros and of ones; and the usual check value.
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa)
  expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43)
  expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283)
})
