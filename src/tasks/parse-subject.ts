import { RaftmarkError } from '../base/errors.ts'
import type { Durability } from '../contract/durability.ts'
import type { Adapter } from '../experiment/cluster/adapter-manifest.ts'
import { didYouMean } from './nearest-name.ts'

/** `RAFT[/STORE][@TUNING]` with every part known. */
export type Subject = {
  /** As it was written. */
  readonly name: string
  readonly adapter: Adapter
  /** `none` for a raft without a store. */
  readonly store: string
  readonly tuning: Readonly<Record<string, string | number | boolean>>
}

/** A tuning that changes nothing, so that a subject can be held against itself (A/A). */
const SAME = 'same'

const GRAMMAR = /^(?<raft>[a-z0-9][a-z0-9.-]*)(\/(?<store>[a-z0-9-]+))?(@(?<tuning>[a-z0-9.-]+))?$/

/** Throws RaftmarkError `subject-invalid` with the nearest name for an unknown part. */
export function parseSubject(text: string, adapters: ReadonlyMap<string, Adapter>): Subject {
  const parts = GRAMMAR.exec(text)?.groups
  const raft = parts?.['raft']
  if (parts === undefined || raft === undefined) {
    throw invalid(`"${text}" is no subject`, 'write RAFT[/STORE][@TUNING], for example event/wal')
  }
  const adapter = adapters.get(raft)
  if (adapter === undefined) {
    throw invalid(`"${text}": no raft is called ${raft}`, didYouMean(raft, adapters.keys()))
  }
  return {
    name: text,
    adapter,
    store: storeOf(text, parts['store'], adapter),
    tuning: tuningOf(text, parts['tuning'], adapter),
  }
}

/** What a subject promises with this store, at most: memory promises nothing that survives. */
export function durabilityOf(subject: Subject, asked: Durability | undefined): Durability {
  const most = subject.store === 'memory' || subject.store === 'none' ? 'D0' : undefined
  if (asked !== undefined && most !== undefined && asked !== most) {
    throw invalid(
      `${subject.name} cannot promise ${asked}: it keeps its log in memory`,
      'leave --durability out, or choose a store that syncs, such as wal',
    )
  }
  return most ?? asked ?? subject.adapter.manifest.claims.durability
}

function storeOf(text: string, store: string | undefined, adapter: Adapter): string {
  const { name, claims } = adapter.manifest
  if (store === undefined) {
    if (claims.stores.length === 0) return 'none'
    throw invalid(
      `"${text}" names no store`,
      `write ${claims.stores.map((known) => `${name}/${known}`).join(' or ')}`,
    )
  }
  if (claims.stores.includes(store)) return store
  if (claims.stores.length === 0) throw invalid(`"${text}": ${name} has no store`, `write ${name}`)
  throw invalid(`"${text}": ${name} has no store ${store}`, didYouMean(store, claims.stores))
}

function tuningOf(text: string, tuning: string | undefined, adapter: Adapter): Subject['tuning'] {
  if (tuning === undefined || tuning === SAME) return {}
  const known = adapter.manifest.tuning
  const found = known[tuning]
  if (found !== undefined) return found
  throw invalid(
    `"${text}": ${adapter.manifest.name} has no tuning ${tuning}`,
    didYouMean(tuning, [...Object.keys(known), SAME]),
  )
}

function invalid(message: string, nextStep: string): RaftmarkError {
  return new RaftmarkError('subject-invalid', message, { nextStep })
}
