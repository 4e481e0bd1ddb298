import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { saveDurability } from '../archive/durability-results.ts'
import type { Durability } from '../contract/durability.ts'
import { probeSyncs } from '../experiment/sync-probe/probe-syncs.ts'
import { straceVersion } from '../experiment/sync-probe/strace.ts'
import { contradicts, observedDurability } from '../judgement/check/judge-durability.ts'
import type { DurabilityRecord, SyncCase } from '../judgement/history/durability-record.ts'
import type { Verdict } from '../judgement/history/run-record.ts'
import { isoTime, wallClock } from '../os/clock.ts'
import { freshToken } from '../os/entropy.ts'
import { ensureWritable } from '../os/files.ts'
import { raftOf } from './measured-evidence.ts'
import { claimedDurability, parseSubject, refuseDurability } from './parse-subject.ts'
import { readAdapters } from './read-adapters.ts'
import { underGuard } from './under-guard.ts'

export type CheckDurabilityOptions = {
  readonly subject: string
  readonly nodes: number
  readonly durability: Durability | undefined
  readonly adapters: readonly string[]
  /** Folder of results: the document is kept in it. */
  readonly results: string
}

/**
 * Counts the syncs that the system sees while batches are acknowledged, and lays them beside the
 * claim. Rejects with RaftmarkError for a wrong subject and for a cluster that does not serve.
 */
export async function checkDurability(
  options: CheckDurabilityOptions,
): Promise<{ readonly document: DurabilityRecord | undefined; readonly exitCode?: number }> {
  const { nodes } = options
  const results = resolve(options.results)
  const { subject, claimed } = await subjectOf(options)
  await ensureWritable(results)
  const strace = await straceVersion()
  return underGuard(
    () => undefined,
    async (guard, interruption) => {
      try {
        const { signal } = interruption
        const directory = join(tmpdir(), `raftmark-durability-${freshToken(12)}`)
        await guard.makeTemporary(directory)
        const isTraced = strace !== undefined
        const cases = await probeSyncs({
          ...{ subject, durability: claimed, nodes, isTraced, guard, directory, signal },
        })
        const document = documentOf({ subject: subject.name, nodes, claimed, cases, strace })
        await saveDurability(results, document)
        return { document }
      } catch (error) {
        if (!interruption.signal.aborted) throw error
        return { document: undefined, exitCode: interruption.exitCode ?? 1 }
      }
    },
  )
}

async function subjectOf({ subject: text, adapters, durability }: CheckDurabilityOptions) {
  const { rafts } = await readAdapters(adapters)
  const known = rafts.get(raftOf(text))?.manifest.claims.stores
  const subject = parseSubject(
    text,
    rafts,
    known?.find((store) => store !== 'memory'),
  )
  refuseDurability(subject, durability)
  return { subject, claimed: claimedDurability(subject, durability ?? 'D2') }
}

function documentOf(found: {
  readonly subject: string
  readonly nodes: number
  readonly claimed: Durability
  readonly cases: readonly SyncCase[]
  readonly strace: string | undefined
}): DurabilityRecord {
  const { subject, nodes, claimed, cases, strace } = found
  const { observed, syncsAlone, syncsTogether } = observedDurability(cases)
  return {
    schema: 'raftmark/durability/1',
    takenAt: isoTime(wallClock),
    subject,
    nodes,
    claimed,
    observed: observed ?? null,
    source: strace === undefined ? 'counters' : 'system',
    sourceDetail:
      strace ?? 'strace is not installed, or may not trace: only what nodes count is known',
    syncsPerAck: { alone: syncsAlone, together: syncsTogether },
    cases,
    verdict: verdictOf(claimed, observed, strace !== undefined),
  }
}

function verdictOf(
  claimed: Durability,
  observed: Durability | undefined,
  isSeen: boolean,
): Verdict {
  if (observed === undefined) return 'unknown'
  if (contradicts(claimed, observed)) return 'invalid'
  return isSeen ? 'valid' : 'unknown'
}
