import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createGuard } from '../../../src/os/guard.ts'
import { packageRoot } from '../../../src/os/package-root.ts'
import { checkPowerCut } from '../../../src/tasks/check-power-cut.ts'
import type { Change, Row } from '../row.ts'
import { bundleNode } from './node-bundle.ts'
import { RealNode } from './real-node.ts'
import { isPowerCut, POWER_CUT_SEED, type ProcessRow, processRows } from './rows.ts'
import { Inconclusive, type ScriptedTrial } from './scripted-trials.ts'

/** What real processes showed of one row; `row` 0 are the sources as they are. */
export type ProcessResult = {
  readonly row: number
  readonly trial: string
  /** What was seen; undefined when nothing was. */
  readonly seen: string | undefined
}

/** A trial whose script was not followed, because the machine was too slow, is tried again. */
const TRIES_MAX = 4

/**
 * Looks for the bugs of `rows` in real processes, with real disks, one trial after the other, and
 * for what the same trials see in the sources as they are.
 */
export async function tryInProcesses(
  rows: readonly Row[],
  onResult: (result: ProcessResult) => void,
): Promise<readonly ProcessResult[]> {
  const wanted = processRows.filter(({ number }) => rows.some((row) => row.number === number))
  if (wanted.length === 0) return []
  // Within the package, since the programs import its dependencies.
  mkdirSync(join(packageRoot, 'dist'), { recursive: true })
  const folder = mkdtempSync(join(packageRoot, 'dist', 'mutants-'))
  const results: ProcessResult[] = []
  const note = (result: ProcessResult): void => {
    results.push(result)
    onResult(result)
  }
  try {
    for (const { number, trial } of wanted) {
      const changes = changesOf(rows.find((row) => row.number === number))
      note({ row: number, trial: trial.name, seen: await seenIn(trial, changes, folder, number) })
    }
    for (const trial of new Map(wanted.map(({ trial }) => [trial.name, trial])).values()) {
      note({ row: 0, trial: trial.name, seen: await seenIn(trial, [], folder, 0) })
    }
    return results
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const changesOf = (row: Row | undefined): readonly Change[] =>
  row?.kind === 'mutation' ? row.changes : []

async function seenIn(
  trial: ProcessRow['trial'],
  changes: readonly Change[],
  folder: string,
  number: number,
): Promise<string | undefined> {
  const own = join(folder, `${number}-${trial.name.replaceAll(' ', '-')}`)
  const program = await bundleNode(changes, own)
  return isPowerCut(trial) ? powerCut(own, trial.cuts) : scripted(trial, program, own)
}

async function powerCut(folder: string, cuts: number): Promise<string | undefined> {
  const { record } = await checkPowerCut({
    ...{ subject: 'event/wal', cuts, nodes: 3, durability: 'D2', seed: POWER_CUT_SEED },
    adapters: [folder],
    results: join(folder, 'results'),
    onProgress: () => undefined,
  })
  if (record.verdict === 'valid') return undefined
  if (record.verdict === 'invalid') return record.reasons[0]
  throw new Error(`the power cut came to no verdict: ${record.reasons.join('; ')}`)
}

async function scripted(
  { name, setting, run }: ScriptedTrial,
  program: string,
  folder: string,
): Promise<string | undefined> {
  const guard = await createGuard()
  try {
    for (let tries = 1; ; tries += 1) {
      const directory = join(folder, `try-${tries}`)
      const node = await RealNode.prepare({ guard, program, directory, ...setting })
      try {
        return await run(node)
      } catch (error) {
        if (!(error instanceof Inconclusive) || tries === TRIES_MAX) {
          throw new Error(`"${name}" came to nothing: ${error}`, { cause: error })
        }
      } finally {
        await node.close()
      }
    }
  } finally {
    await guard.close()
  }
}

/** One line, as the run prints it. */
export function describeProcess({ row, trial, seen }: ProcessResult): string {
  const who = row === 0 ? 'the sources as they are' : `row ${row}`
  return `in processes, ${trial}: ${who}: ${seen ?? 'nothing seen'}`
}
