import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Prng, prngFromSeed } from '../../base/prng.ts'
import type { Durability } from '../../contract/durability.ts'
import type { PowerCutLife } from '../../judgement/check/judge-power-cut.ts'
import type { PowerCut } from '../../judgement/history/power-cut-record.ts'
import { systemClock } from '../../os/clock.ts'
import { freshToken } from '../../os/entropy.ts'
import type { Guard } from '../../os/guard.ts'
import type { Adapter } from '../cluster/adapter-manifest.ts'
import type { ClusterSettings } from '../cluster/cluster.ts'
import { openNodeProbe } from '../cluster/grpc-node-probe.ts'
import { startCluster } from '../cluster/start-cluster.ts'
import { liveThroughCuts } from './cut-life.ts'
import type { ChosenMethod } from './cut-method.ts'
import { cutOfAll, type PlannedCut, planCuts } from './cut-plan.ts'

/** A cluster is thrown away after so many cuts, so that young logs are cut too. */
const CUTS_PER_LIFE = 10
/** The control is over as soon as it has lost. */
const CONTROL_LIVES_MAX = 5
/** What "syncs switched off" is in the contract: an acknowledgement promises the page cache. */
const CONTROL_DURABILITY = 'D1'
/** Short, since after a cut of all nodes nobody hears of a leader. */
const TIMING = { heartbeatMs: 50, electionMinMs: 250, electionMaxMs: 500 }
const BATCH_BYTES_MAX = 1_048_576
const THREADS = 4

export type PowerCutSubject = {
  /** In full, as RAFT/STORE. */
  readonly name: string
  readonly adapter: Adapter
  readonly store: string
  readonly tuning: ClusterSettings['tuning']
  readonly durability: Durability
}

export type PowerCutOptions = {
  readonly subject: PowerCutSubject
  readonly cuts: number
  readonly nodes: number
  readonly seed: number
  readonly method: ChosenMethod
  readonly guard: Guard
  /** Exists; all files are made in it. */
  readonly directory: string
  readonly signal: AbortSignal
  readonly onCut: (cut: PowerCut, of: 'control' | 'subject') => void
}

export type PowerCutLives = {
  readonly lives: readonly PowerCutLife[]
  readonly controls: readonly PowerCutLife[]
}

/**
 * Runs the control until it has lost something, then the subject through all its cuts. An aborted
 * signal ends it after the step in hand. Rejects when a cluster does not start.
 */
export async function runPowerCuts(options: PowerCutOptions): Promise<PowerCutLives> {
  const { cuts, nodes, seed, signal } = options
  const prng = prngFromSeed(seed)
  const controls: PowerCutLife[] = []
  const hasLost = () => controls.some((life) => life.cuts.some(({ lost }) => lost > 0))
  while (controls.length < CONTROL_LIVES_MAX && !hasLost() && !signal.aborted) {
    const own = prng.fork(`control ${controls.length}`)
    controls.push(await liveOnce(options, 'control', [cutOfAll(nodes, own)], own))
  }
  const planned = planCuts(cuts, nodes, prng.fork('cuts'))
  const lives: PowerCutLife[] = []
  for (let done = 0; done < cuts && !signal.aborted; ) {
    const own = prng.fork(`life ${lives.length}`)
    const plan = planned.slice(done, done + CUTS_PER_LIFE)
    const life = await liveOnce(options, 'subject', plan, own)
    lives.push(life)
    // A life may end early: what is left of its plan goes to the next one.
    if (life.cuts.length === 0) break
    done += life.cuts.length
  }
  return { lives, controls }
}

async function liveOnce(
  options: PowerCutOptions,
  of: 'control' | 'subject',
  plan: readonly PlannedCut[],
  prng: Prng,
): Promise<PowerCutLife> {
  const { subject, nodes, method, guard, signal } = options
  const runId = `power-cut-${freshToken(12)}`
  const directory = join(options.directory, runId)
  const dataDirectory = join(directory, 'data')
  mkdirSync(directory)
  const means = await method.open(directory, dataDirectory)
  const cluster = await startCluster({
    adapter: subject.adapter,
    settings: settingsOf(subject, of, runId, prng.below(2 ** 31), means.settings),
    nodes,
    runDirectory: directory,
    dataDirectory,
    ...(means.house === undefined ? {} : { house: means.house }),
    guard,
    openProbe: openNodeProbe,
    signal,
  })
  try {
    return await liveThroughCuts({
      clock: systemClock,
      cluster,
      means,
      runId,
      subject: subject.name,
      prng,
      plan,
      signal,
      onCut: (cut) => options.onCut(cut, of),
    })
  } finally {
    await cluster.stop()
  }
}

function settingsOf(
  { store, tuning, durability }: PowerCutSubject,
  of: 'control' | 'subject',
  runId: string,
  seed: number,
  own: { readonly volatileTail?: true },
): ClusterSettings {
  return {
    runId,
    groups: [0],
    store,
    durability: of === 'control' ? CONTROL_DURABILITY : durability,
    syncDelayMs: 0,
    linkDelayMs: 0,
    ...own,
    timing: TIMING,
    tuning,
    batchBytesMax: BATCH_BYTES_MAX,
    threads: THREADS,
    seed,
  }
}
