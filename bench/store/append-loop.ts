import { GroupId, LogIndex, NodeId, Term } from '../../src/contract/types.ts'
import { medianOf } from '../../src/judgement/stats/quantile.ts'
import { systemClock } from '../../src/os/clock.ts'
import { crc32c } from '../../src/os/crc32c.ts'
import { disk as systemDisk } from '../../src/os/disk.ts'
import type { Entry } from '../../src/replica/consensus/message.ts'
import type { Disk } from '../../src/replica/store/disk.ts'
import { openStore } from '../../src/replica/store/open-store.ts'
import type { Store, StoreAdapter } from '../../src/replica/store/store.ts'

const MIB = 1024 * 1024

export type Turn = () => Promise<number>

/** Bytes a second of both, in turns, and their median ratio; the first two turns only warm up. */
export async function inTurns(turns: number, one: Turn, other: Turn) {
  const pairs: { readonly one: number; readonly other: number }[] = []
  for (let turn = -2; turn < turns; turn += 1) {
    const otherFirst = turn % 2 === 0 ? await other() : undefined
    const pair = { one: await one(), other: otherFirst ?? (await other()) }
    if (turn >= 0) pairs.push(pair)
  }
  return {
    ratio: medianOf(pairs.map((pair) => pair.one / pair.other)),
    mibPerSecond: medianOf(pairs.map(({ one: rate }) => rate)) / MIB,
    otherMibPerSecond: medianOf(pairs.map(({ other: rate }) => rate)) / MIB,
  }
}

/** Seconds for the writes; each that ends starts the next, as clients in a closed loop do. */
export function appendLoop(
  store: Store,
  payload: Uint8Array,
  { writes, inFlight }: { readonly writes: number; readonly inFlight: number },
): Turn {
  let index = 0
  return async () => {
    const startNs = process.hrtime.bigint()
    await new Promise<void>((resolve, reject) => {
      let begun = 0
      let ended = 0
      const begin = (): void => {
        begun += 1
        index += 1
        store.persist(appendOf([entryOf(index, payload)], index), (error) => {
          ended += 1
          if (error !== undefined) reject(error)
          else if (ended === writes) resolve()
          else if (begun < writes) begin()
        })
      }
      for (let at = 0; at < inFlight; at += 1) begin()
    })
    return secondsSince(startNs)
  }
}

export function openAt(adapter: StoreAdapter, directory: string, disk: Disk = systemDisk): Store {
  return openStore(adapter, {
    directory,
    node: NodeId(1),
    group: GroupId(0),
    durability: 'D2',
    disk,
    clock: systemClock,
    crc32c,
    syncDelayNs: 0,
  })
}

export function closed(store: Store): Promise<void> {
  return new Promise((resolve, reject) => {
    store.close((error) => (error === undefined ? resolve() : reject(error)))
  })
}

export function entryOf(index: number, payload: Uint8Array): Entry {
  return { term: Term(1), index: LogIndex(index), kind: 'records', payload }
}

export function appendOf(entries: readonly Entry[], id: number) {
  return { id, hardState: undefined, truncateFrom: undefined, entries }
}

export function secondsSince(startNs: bigint): number {
  return Number(process.hrtime.bigint() - startNs) / 1e9
}

export function atLeast(claim: string, value: number, limit: number) {
  return { claim, value, limit, held: value >= limit }
}
