import { RaftmarkError } from '../base/errors.ts'
import type { Durability } from '../contract/durability.ts'
import type { Adapter } from '../experiment/cluster/adapter-manifest.ts'
import { designTuned } from '../replica/engine/design-axes.ts'
import { designNames } from '../replica/engine/designs.ts'
import { didYouMean } from './nearest-name.ts'

/** `RAFT[/STORE][@TUNING]` with every part known. */
export type Subject = {
  /** In full, store included. */
  readonly name: string
  readonly adapter: Adapter
  /** `none` for a raft without one. */
  readonly store: string
  readonly tuning: Readonly<Record<string, string | number | boolean>>
}

const NO_STORE = 'none'

/** A tuning that changes nothing, so that a subject can be held against itself (A/A). */
const SAME = 'same'

const GRAMMAR = /^(?<raft>[a-z0-9][a-z0-9.-]*)(\/(?<store>[a-z0-9-]+))?(@(?<tuning>[a-z0-9.+-]+))?$/

/**
 * `defaultStore` is what a workload gives to a subject that names no store. Throws RaftmarkError
 * `subject-invalid` with the nearest name for an unknown part.
 */
export function parseSubject(
  text: string,
  adapters: ReadonlyMap<string, Adapter>,
  defaultStore?: string,
): Subject {
  const parts = GRAMMAR.exec(text)?.groups
  const raft = parts?.['raft']
  if (parts === undefined || raft === undefined) {
    throw invalid(`"${text}" is no subject`, 'write RAFT[/STORE][@TUNING], for example event/wal')
  }
  const adapter = adapters.get(raft)
  if (adapter === undefined) {
    throw invalid(`"${text}": no raft is called ${raft}`, didYouMean(raft, adapters.keys()))
  }
  const store = storeOf(text, parts['store'], adapter, defaultStore)
  const tuning = parts['tuning']
  return {
    name: [
      raft,
      store === NO_STORE ? '' : `/${store}`,
      tuning === undefined ? '' : `@${tuning}`,
    ].join(''),
    adapter,
    store,
    tuning: tuningOf(text, tuning, adapter),
  }
}

/** What a subject promises: a log in memory promises nothing that survives. */
export function claimedDurability(subject: Subject, asked: Durability): Durability {
  return keepsInMemory(subject.store) ? 'D0' : asked
}

/** Refuses to pretend: a store in memory that was named, and a durability that it cannot keep. */
export function refuseDurability(subject: Subject, asked: Durability | undefined): void {
  if (asked === 'D0' && !keepsInMemory(subject.store)) {
    throw invalid(
      `${subject.name} cannot run at D0, which is memory: it keeps its log in files`,
      `name the raft alone, ${subject.adapter.manifest.name}, and each durability has its store`,
    )
  }
  if (asked === undefined || asked === 'D0' || !keepsInMemory(subject.store)) return
  throw invalid(
    `${subject.name} cannot promise ${asked}: it keeps its log in memory`,
    'leave --durability out, or choose a store that syncs, such as wal',
  )
}

const keepsInMemory = (store: string): boolean => store === 'memory' || store === NO_STORE

function storeOf(
  text: string,
  named: string | undefined,
  adapter: Adapter,
  defaultStore: string | undefined,
): string {
  const { name, claims } = adapter.manifest
  if (named === undefined && claims.stores.length === 0) return NO_STORE
  const store = named ?? defaultStore
  if (store === undefined) {
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
  if (isDesign(adapter) && tuning.includes('.')) return designWords(adapter.manifest.name, tuning)
  throw invalid(
    `"${text}": ${adapter.manifest.name} has no tuning ${tuning}`,
    didYouMean(tuning, [...Object.keys(known), SAME]),
  )
}

/** Ours take words of their own: a choice as another design takes it, or a number. */
const isDesign = ({ manifest }: Adapter): boolean =>
  manifest.language === 'typescript' && designNames.includes(manifest.name)

/** `b.event+linger.2`. Throws what `designTuned` throws: before anything runs. */
function designWords(design: string, text: string): Subject['tuning'] {
  const words = text.split('+').map((word) => {
    const [key = '', ...rest] = word.split('.')
    const value = rest.join('.')
    return [key, value !== '' && Number.isFinite(Number(value)) ? Number(value) : value] as const
  })
  const tuning = Object.fromEntries(words)
  designTuned(design, tuning)
  return tuning
}

function invalid(message: string, nextStep: string): RaftmarkError {
  return new RaftmarkError('subject-invalid', message, { nextStep })
}
