/** proto3 by hand: see raftmark.proto for what the field numbers mean. */

/** One decoded message: numbers and bytes by field number. */
export type Message = {
  readonly numbers: ReadonlyMap<number, number>
  readonly bytes: ReadonlyMap<number, Buffer>
}

/** Calls `take` for each field. Throws at bytes that are no message. */
export function readFields(
  data: Buffer,
  take: (field: number, value: number | Buffer) => void,
): void {
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let scale = 1; ; scale *= 0x80) {
      const byte = data[at]
      if (byte === undefined || scale > 2 ** 63) throw new Error(`no varint at byte ${at}`)
      at += 1
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
    }
  }
  while (at < data.length) {
    const tag = varint()
    const field = Math.floor(tag / 8)
    if (tag % 8 === 0) take(field, varint())
    else if (tag % 8 === 2) {
      const length = varint()
      if (at + length > data.length) throw new Error(`field ${field} runs past its message`)
      take(field, data.subarray(at, at + length))
      at += length
    } else throw new Error(`wire type ${tag % 8} is not used by the contract`)
  }
}

export function readMessage(data: Buffer): Message {
  const numbers = new Map<number, number>()
  const bytes = new Map<number, Buffer>()
  readFields(data, (field, value) => {
    if (typeof value === 'number') numbers.set(field, value)
    else bytes.set(field, value)
  })
  return { numbers, bytes }
}

/** Encodes [field number, number or bytes] pairs; zero is left out, as proto3 does. */
export function message(...fields: readonly (readonly [number, number | Buffer])[]): Buffer {
  const parts: Buffer[] = []
  for (const [field, value] of fields) {
    if (typeof value !== 'number') {
      parts.push(varint(field * 8 + 2), varint(value.length), value)
    } else if (value !== 0) parts.push(varint(field * 8), varint(value))
  }
  return Buffer.concat(parts)
}

export function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80)
  return Buffer.from([...bytes, rest])
}
