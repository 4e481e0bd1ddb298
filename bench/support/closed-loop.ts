import { crc32c } from '../../src/base/crc32c.ts'
import type { LogClient, ProduceResult } from '../../src/contract/log-client.ts'
import { BatchEncoder } from '../../src/contract/record-batch-encode.ts'
import { GroupId } from '../../src/contract/types.ts'
import { systemClock } from '../../src/os/clock.ts'

/** A batch of one record whose encoding has exactly `bytes` bytes. */
export function batchOf(bytes: number): Uint8Array {
  const encoder = new BatchEncoder(crc32c)
  for (let valueBytes = 0; valueBytes <= bytes; valueBytes += 1) {
    const batch = encoder.encode({
      records: [{ value: new Uint8Array(valueBytes).fill(7) }],
      timestampMs: 0,
    })
    if (batch.length === bytes) return batch
  }
  throw new Error(`no batch of one record has ${bytes} bytes`)
}

export type ClosedLoopResult = {
  readonly requestsPerSecond: number
  readonly p50Ms: number
}

/** `inFlight` requests on the way for `seconds`; each answer starts the next. */
export function closedLoop(
  client: LogClient,
  load: { readonly batch: Uint8Array; readonly inFlight: number; readonly seconds: number },
): Promise<ClosedLoopResult> {
  const request = {
    partition: GroupId(0),
    acks: 'quorum',
    timeoutMs: 10_000,
    batch: load.batch,
  } as const
  const startNs = systemClock.nowNs()
  const endNs = startNs + load.seconds * 1e9
  const latenciesNs: number[] = []
  return new Promise((resolve, reject) => {
    let unanswered = load.inFlight
    const send = (): void => {
      const sentNs = systemClock.nowNs()
      client.produce(request, (result) => answered(result, sentNs))
    }
    const answered = (result: ProduceResult, sentNs: number): void => {
      if (result.code !== 'OK') reject(new Error(`a request ended with ${result.code}`))
      const nowNs = systemClock.nowNs()
      latenciesNs.push(nowNs - sentNs)
      if (nowNs < endNs) {
        send()
        return
      }
      unanswered -= 1
      if (unanswered > 0) return
      latenciesNs.sort((a, b) => a - b)
      resolve({
        requestsPerSecond: latenciesNs.length / ((nowNs - startNs) / 1e9),
        p50Ms: (latenciesNs[latenciesNs.length >> 1] ?? Number.NaN) / 1e6,
      })
    }
    for (let at = 0; at < load.inFlight; at += 1) send()
  })
}
