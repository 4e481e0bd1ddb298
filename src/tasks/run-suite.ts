import { resolve as absolute } from 'node:path'
import { type Archive, openArchiveToWrite } from '../archive/archive.ts'
import { RaftmarkError } from '../base/errors.ts'
import { calibrate } from '../experiment/calibrate/calibrate.ts'
import { probeMachine } from '../experiment/calibrate/machine-probe.ts'
import type { PlannedAblation } from '../judgement/history/ablation.ts'
import type { ExperimentDocument, ExperimentPlan } from '../judgement/history/experiment-record.ts'
import { isoTime, wallClock } from '../os/clock.ts'
import { freshSeed, freshToken } from '../os/entropy.ts'
import type { Guard } from '../os/guard.ts'
import { describeMachine } from '../os/machine.ts'
import { packageRoot } from '../os/package-root.ts'
import { harnessHash } from './harness-hash.ts'
import { noiseFloorOf, readNoiseFloor, saveNoiseFloor } from './noise-floor.ts'
import { withResults } from './open-results.ts'
import { planExperiment } from './plan-experiment.ts'
import { engineOnlyServices, processServices } from './process-services.ts'
import { readAdapters } from './read-adapters.ts'
import {
  cellKey,
  type ExperimentRequest,
  type ResolvedExperiment,
  resolveExperiment,
} from './resolve-experiment.ts'
import { createRunCluster, type RunCircumstances } from './run-cluster.ts'
import { createRunEngineOnly } from './run-engine-only.ts'
import { type RunEvent, runExperiment, secondsOf } from './run-experiment.ts'
import { shippedWorkloads } from './shipped-workloads.ts'
import { summarizeExperiment } from './summarize-experiment.ts'
import { underGuard } from './under-guard.ts'

export type RunSuiteOptions = ExperimentRequest &
  CarryOutOptions & {
    readonly nodes: number
    readonly seed: number | undefined
    readonly results: string
    /** Folders of rafts beside the shipped ones. */
    readonly adapters: readonly string[]
    readonly planOnly: boolean
    /** Whose points the subjects are. */
    readonly ablation?: PlannedAblation
  }

export type ResumeOptions = CarryOutOptions & {
  readonly experiment: string
  readonly results: string
}

type CarryOutOptions = {
  readonly version: string
  readonly onEvent: (event: RunEvent) => void
}

export type SuiteOutcome =
  | { readonly kind: 'planned'; readonly plan: ExperimentPlan; readonly seconds: number }
  | {
      readonly kind: 'measured'
      readonly document: ExperimentDocument
      /** Set when a signal ended it. */
      readonly exitCode: number | undefined
    }

/** Plans, runs and summarises: the use case of `raftmark run`. */
export async function runSuite(options: RunSuiteOptions): Promise<SuiteOutcome> {
  const resolved = await resolve(options, options.adapters)
  const noiseFloor = readNoiseFloor(options.results, await describeMachine('/'))
  const plan = { ...planOf(options, resolved), ...(noiseFloor === undefined ? {} : { noiseFloor }) }
  if (options.planOnly) return { kind: 'planned', plan, seconds: secondsOfPlan(plan, resolved) }
  const archive = await openArchiveToWrite(absolute(options.results))
  await archive.savePlan(plan)
  return carryOut(options, resolved, plan, archive)
}

/**
 * Runs what an interrupted experiment still lacks. Rejects with `result-not-found`, and with
 * `flag-invalid` when the harness has changed since: its runs would not be comparable.
 */
export async function resumeSuite(options: ResumeOptions): Promise<SuiteOutcome> {
  const archive = await openArchiveToWrite(absolute(options.results))
  const plan = archive.readPlan(options.experiment)
  if (plan.harnessHash !== harnessHash(packageRoot)) {
    throw new RaftmarkError('flag-invalid', `raftmark has changed since ${plan.id} began`, {
      nextStep: `start it anew: ${plan.command}`,
    })
  }
  const { names, subjects, rounds, durability, cpus, adapters } = plan.request
  const request: ExperimentRequest = {
    names,
    subjects,
    effort: plan.effort,
    rounds: rounds ?? undefined,
    durability: durability ?? undefined,
    placement: undefined,
    cpus,
  }
  return carryOut(options, await resolve(request, adapters), plan, archive)
}

async function resolve(
  request: ExperimentRequest,
  directories: readonly string[],
): Promise<ResolvedExperiment> {
  const { rafts } = await readAdapters(directories)
  return resolveExperiment(request, shippedWorkloads(), rafts)
}

async function carryOut(
  options: CarryOutOptions,
  resolved: ResolvedExperiment,
  plan: ExperimentPlan,
  archive: Archive,
): Promise<SuiteOutcome> {
  // A database that cannot be used is said now and not after minutes of measuring.
  withResults(archive.directory, () => undefined)
  const exitCode = await measure(options, resolved, plan, archive)
  const document = withResults(archive.directory, (index) => summarizeExperiment(plan, index))
  const floor = noiseFloorOf(document)
  if (floor !== undefined) await saveNoiseFloor(archive.directory, floor)
  return { kind: 'measured', document, exitCode }
}

async function measure(
  options: CarryOutOptions,
  resolved: ResolvedExperiment,
  plan: ExperimentPlan,
  archive: Archive,
): Promise<number | undefined> {
  const onFirst = (name: NodeJS.Signals) =>
    options.onEvent({ kind: 'notice', text: `${name}: stopping; what was measured is kept` })
  return underGuard(onFirst, async (guard, interruption) => {
    const { signal } = interruption
    const circumstances = await circumstancesOf(options, plan, archive, guard, signal)
    await runExperiment({
      plan,
      resolved,
      archive,
      runCluster:
        plan.placement === 'process'
          ? createRunCluster(circumstances, processServices(guard))
          : createRunEngineOnly(circumstances, engineOnlyServices(guard, signal)),
      nowMs: () => wallClock.nowMs(),
      onEvent: options.onEvent,
      signal,
    }).catch((error: unknown) => {
      if (!signal.aborted) throw error
    })
    return interruption.exitCode
  })
}

async function circumstancesOf(
  options: CarryOutOptions,
  plan: ExperimentPlan,
  archive: Archive,
  guard: Guard,
  signal: AbortSignal,
): Promise<RunCircumstances> {
  options.onEvent({ kind: 'notice', text: 'measuring what this machine can do (3 s)' })
  const calibration = await calibrate({ directory: archive.directory, guard })
  for (const warning of calibration.warnings) options.onEvent({ kind: 'notice', text: warning })
  const machine = await describeMachine(archive.directory)
  return {
    experiment: plan.id,
    nodes: plan.nodes,
    archive,
    machine,
    calibration,
    versions: {
      raftmark: options.version,
      node: machine.nodeVersion,
      v8: machine.v8Version,
    },
    harnessHash: plan.harnessHash,
    signal,
    probe: () => probeMachine(archive.directory),
  }
}

function planOf(options: RunSuiteOptions, resolved: ResolvedExperiment): ExperimentPlan {
  const startedAt = isoTime(wallClock)
  const id = `${startedAt.replace(/[-:]/g, '').replace('T', '-').slice(0, 15)}-${freshToken(4)}`
  const seed = options.seed ?? freshSeed()
  return {
    schema: 'raftmark/plan/1',
    id,
    name: resolved.name,
    question: resolved.question,
    startedAt,
    command: commandOf(options, resolved, seed),
    effort: options.effort,
    seed,
    nodes: options.nodes,
    placement: resolved.placement,
    harnessHash: harnessHash(packageRoot),
    request: {
      names: options.names.map(fileAsAbsolute),
      subjects: options.subjects,
      rounds: options.rounds ?? null,
      durability: options.durability ?? null,
      cpus: options.cpus,
      adapters: options.adapters.map((directory) => absolute(directory)),
    },
    subjects: [...new Set([...resolved.cells.values()].map(({ subject }) => subject.name))],
    workloads: resolved.workloads,
    primary: resolved.primary,
    ...(options.ablation === undefined ? {} : { ablation: options.ablation }),
    runs: planExperiment(id, seed, resolved.units),
  }
}

/** Names stay names; a file is found again from another folder. */
const fileAsAbsolute = (name: string): string => (name.endsWith('.yaml') ? absolute(name) : name)

/** The command that runs the same again, with all that was chosen by flag or by chance. */
function commandOf(options: RunSuiteOptions, resolved: ResolvedExperiment, seed: number): string {
  const names = options.names.length === 0 ? [resolved.name] : options.names
  const flag = (name: string, value: string | number | undefined) =>
    value === undefined ? [] : [`--${name} ${value}`]
  const { ablation } = options
  return [
    ...(ablation === undefined
      ? ['raftmark run', ...names]
      : ['raftmark ablate', ablation.from, ablation.to, ...names]),
    ...(ablation === undefined
      ? options.subjects.flatMap((subject) => flag('subject', subject))
      : []),
    ...(ablation?.factorial === true ? ['--factorial'] : []),
    ...(options.effort === 'own' ? [] : flag('effort', options.effort)),
    ...flag('rounds', options.rounds),
    ...(options.nodes === 3 ? [] : flag('nodes', options.nodes)),
    ...flag('durability', options.durability),
    ...flag('placement', options.placement),
    ...options.cpus.flatMap((layout) => flag('cpus', layout)),
    ...options.adapters.flatMap((directory) => flag('adapter', directory)),
    ...flag('seed', seed),
  ].join(' ')
}

function secondsOfPlan(plan: ExperimentPlan, { cells }: ResolvedExperiment): number {
  return plan.runs.reduce((sum, { workload, subject }) => {
    const cell = cells.get(cellKey(workload, subject))
    return sum + (cell === undefined ? 0 : secondsOf(cell))
  }, 0)
}
