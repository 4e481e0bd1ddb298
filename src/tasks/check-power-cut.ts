import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { openArchiveToWrite } from '../archive/archive.ts'
import { RaftmarkError } from '../base/errors.ts'
import type { Durability } from '../contract/durability.ts'
import { chooseCutMethod } from '../experiment/power-cut/cut-method.ts'
import { runPowerCuts } from '../experiment/power-cut/run-power-cuts.ts'
import { judgePowerCuts } from '../judgement/check/judge-power-cut.ts'
import type { PowerCut, PowerCutRecord } from '../judgement/history/power-cut-record.ts'
import { chanceAtMost } from '../judgement/stats/binomial-bound.ts'
import { isoTime, wallClock } from '../os/clock.ts'
import { freshSeed, freshToken } from '../os/entropy.ts'
import type { Guard } from '../os/guard.ts'
import type { Interruption } from '../os/interrupt.ts'
import { raftOf } from './measured-evidence.ts'
import { claimedDurability, parseSubject, refuseDurability } from './parse-subject.ts'
import { readAdapters } from './read-adapters.ts'
import { underGuard } from './under-guard.ts'

export type PowerCutProgress =
  | { readonly kind: 'notice'; readonly text: string }
  | { readonly kind: 'cut'; readonly of: 'control' | 'subject'; readonly cut: PowerCut }

export type CheckPowerCutOptions = {
  readonly subject: string
  readonly cuts: number
  readonly nodes: number
  readonly durability: Durability | undefined
  readonly seed: number | undefined
  /** Folders with an adapter.json, beside the shipped ones. */
  readonly adapters: readonly string[]
  /** Folder of results: the record is kept in it. */
  readonly results: string
  readonly onProgress: (progress: PowerCutProgress) => void
}

export type PowerCutOutcome = {
  readonly record: PowerCutRecord
  /** Of the signal that ended it early. */
  readonly exitCode: number | undefined
}

const DURABILITY_USUAL = 'D2'

/**
 * Cuts the power of a subject's nodes under load, and of a control without syncs. Rejects with
 * RaftmarkError for a subject that promises nothing to a power cut, and when a cluster does not
 * start; what a subject loses is a result.
 */
export async function checkPowerCut(options: CheckPowerCutOptions): Promise<PowerCutOutcome> {
  const subject = await subjectOf(options)
  const archive = await openArchiveToWrite(resolve(options.results))
  const onFirst = (name: NodeJS.Signals) =>
    options.onProgress({ kind: 'notice', text: `${name}: stopping` })
  return underGuard(onFirst, async (guard, interruption) => {
    const record = await recordOf(options, subject, guard, interruption)
    await archive.savePowerCut(record)
    return { record, exitCode: interruption.exitCode }
  })
}

async function subjectOf({ subject, adapters, durability }: CheckPowerCutOptions) {
  const { rafts } = await readAdapters(adapters)
  const known = rafts.get(raftOf(subject))?.manifest.claims.stores
  const durable = known?.find((store) => store !== 'memory')
  const parsed = parseSubject(subject, rafts, durable)
  refuseDurability(parsed, durability)
  const asked = durability ?? DURABILITY_USUAL
  const claimed = claimedDurability(parsed, asked)
  if (claimed === 'D2' || claimed === 'D3') return { ...parsed, durability: claimed }
  throw new RaftmarkError('subject-invalid', `${parsed.name} at ${claimed} survives no power cut`, {
    nextStep: 'Choose a store that syncs, such as wal, and a durability of D2 or D3.',
  })
}

async function recordOf(
  { cuts, nodes, onProgress, ...options }: CheckPowerCutOptions,
  subject: Awaited<ReturnType<typeof subjectOf>>,
  guard: Guard,
  { signal }: Interruption,
): Promise<PowerCutRecord> {
  const startedAt = isoTime(wallClock)
  const startedMs = wallClock.nowMs()
  const directory = join(tmpdir(), `raftmark-power-cut-${freshToken(12)}`)
  await guard.makeTemporary(directory)
  const method = await chooseCutMethod(guard, directory)
  onProgress({ kind: 'notice', text: `${method.name}: ${method.detail}` })
  const seed = options.seed ?? freshSeed()
  const { lives, controls } = await runPowerCuts({
    ...{ subject, cuts, nodes, seed, method, guard, directory, signal },
    onCut: (cut, of) => onProgress({ kind: 'cut', of, cut }),
  })
  const judged = judgePowerCuts(lives, controls, cuts)
  await guard.removeTemporary(directory)
  return {
    schema: 'raftmark/power-cut/1',
    id: `${startedAt.replace(/[-:]/g, '').replace('T', '-').slice(0, 15)}-${freshToken(4)}`,
    subject: subject.name,
    durability: subject.durability,
    method: method.name,
    methodDetail: method.detail,
    nodes,
    seed,
    startedAt,
    durationMs: wallClock.nowMs() - startedMs,
    ...judged,
    lossPerCutAtMost: chanceAtMost(judged.losingCuts, judged.cuts),
  }
}
