import { basename, dirname } from 'node:path'
import { RaftmarkError } from '../base/errors.ts'
import type { Durability } from '../contract/durability.ts'
import type { Adapter } from '../experiment/cluster/adapter-manifest.ts'
import { titleOf } from '../experiment/workload/cases.ts'
import {
  type CpuLayout,
  loopOf,
  type Suite,
  type SuitePart,
  type Workload,
} from '../experiment/workload/workload.ts'
import type {
  Effort,
  PlannedWorkload,
  PrimaryMetric,
} from '../judgement/history/experiment-record.ts'
import { primaryByRule } from './compared-metrics.ts'
import { claimedDurability, parseSubject, refuseDurability, type Subject } from './parse-subject.ts'
import type { Lane, PlanUnit } from './plan-experiment.ts'
import type { WorkloadLibrary } from './read-workload.ts'

/** What the command line asks for. */
export type ExperimentRequest = {
  /** Suites or workloads; empty is `quick`. */
  readonly names: readonly string[]
  /** Instead of the suite's. */
  readonly subjects: readonly string[]
  readonly effort: Effort
  /** Of the part with most rounds; the others keep their proportion to it. */
  readonly rounds: number | undefined
  readonly durability: Durability | undefined
  readonly placement: 'process' | 'in-process' | undefined
  /** Instead of the workloads'; each workload runs under each of them. */
  readonly cpus: readonly CpuLayout[]
}

/** What is run once: a workload on a subject, with everything that was left open filled in. */
export type Cell = {
  readonly workload: Workload
  readonly subject: Subject
  /** What the nodes are told to keep: the workload's, or D0 where the store is memory. */
  readonly claimedDurability: Durability
}

export type ResolvedExperiment = {
  readonly name: string
  readonly question: string
  readonly placement: 'process' | 'in-process'
  readonly units: readonly PlanUnit[]
  readonly workloads: readonly PlannedWorkload[]
  readonly primary: readonly PrimaryMetric[]
  /** By `cellKey`. */
  readonly cells: ReadonlyMap<string, Cell>
}

/** Suites may be silent about rounds of a workload alone. Six is the least that has an interval. */
const ROUNDS_OF_A_WORKLOAD = 6
const roundsByEffort = { smoke: 5, standard: 10, publish: 20 } as const
const DEFAULT_SUITE = 'quick'
const DEFAULT_SUBJECTS = ['tick', 'event']

export const cellKey = (workload: string, subject: string): string => `${workload} ${subject}`

/** Rejects with what `WorkloadLibrary` and `parseSubject` refuse, and with `flag-invalid`. */
export async function resolveExperiment(
  request: ExperimentRequest,
  library: WorkloadLibrary,
  adapters: ReadonlyMap<string, Adapter>,
): Promise<ResolvedExperiment> {
  const names = request.names.length === 0 ? [DEFAULT_SUITE] : request.names
  const suites = await Promise.all(names.map((name) => suiteNamed(name, library)))
  const parts = suites.flatMap((suite) => suite.parts.map((part) => ({ suite, part })))
  const scale = roundScale(
    request,
    parts.map(({ part }) => part.rounds),
  )
  const cells = new Map<string, Cell>()
  const workloads = new Map<string, PlannedWorkload>()
  const primary: PrimaryMetric[] = []
  const units: PlanUnit[] = []
  for (const { suite, part } of parts) {
    const subjects = subjectsOf(request, suite, part)
    const rounds = Math.max(1, Math.round(part.rounds * scale))
    const carried = (await Promise.all(part.workloads.map((name) => library.workloads(name))))
      .flat()
      .flatMap((workload) => underEach(request.cpus, adapted(workload, part)))
    for (const workload of carried) {
      const { name: file, variant = null, question, caveat = null } = workload
      const name = titleOf(workload)
      workloads.set(name, { name, file, variant, question, caveat, rounds })
    }
    if (!isCeiling(subjects)) primary.push(...primaryOf(suite, carried))
    const lanes = subjects.map((text) => {
      return carried.map((workload) => {
        const cell = cellOf(text, workload, request, adapters)
        const entry = { workload: titleOf(workload), subject: cell.subject.name }
        cells.set(cellKey(entry.workload, entry.subject), cell)
        return entry
      })
    })
    units.push(...unitsOf(lanes, rounds, turnsOf(carried, part.cluster)))
  }
  return {
    name: suites.map(({ name }) => name).join('+'),
    question: suites.map(({ question }) => question).join(' '),
    placement: onePlacement([...cells.values()], request.placement),
    units,
    workloads: [...workloads.values()],
    primary,
    cells,
  }
}

async function suiteNamed(name: string, library: WorkloadLibrary): Promise<Suite> {
  const isFileOfSuite = name.endsWith('.yaml') && basename(dirname(name)) === 'suites'
  const { suites } = await library.names()
  if (isFileOfSuite || suites.includes(name)) return library.suite(name)
  const [first] = await library.workloads(name)
  return {
    name: first?.name ?? name,
    question: '',
    subjects: DEFAULT_SUBJECTS,
    secondsMax: 0,
    parts: [{ workloads: [name], cluster: 'fresh', rounds: ROUNDS_OF_A_WORKLOAD }],
  }
}

function roundScale(request: ExperimentRequest, rounds: readonly number[]): number {
  const { effort } = request
  const own = Math.max(1, ...rounds)
  const wanted = request.rounds ?? (effort === 'own' ? own : roundsByEffort[effort])
  // A look is never longer than what the suite itself does.
  return (effort === 'smoke' && request.rounds === undefined ? Math.min(wanted, own) : wanted) / own
}

/** Asked for on the command line, they replace the suite's; the harness's own ceiling stays. */
function subjectsOf(request: ExperimentRequest, suite: Suite, part: SuitePart): readonly string[] {
  const own = part.subjects ?? suite.subjects
  return request.subjects.length > 0 && !isCeiling(own) ? request.subjects : own
}

const isCeiling = (subjects: readonly string[]): boolean =>
  subjects.every((subject) => subject === 'null')

/** All cases of a sweep whose workload is declared. */
function primaryOf({ primary }: Suite, workloads: readonly Workload[]): readonly PrimaryMetric[] {
  if (primary === undefined) {
    return workloads.map((workload) => primaryByRule(titleOf(workload), loopOf(workload)))
  }
  return workloads.flatMap((workload) =>
    primary
      .filter((one) => one.workload === workload.name)
      .map(({ metric }) => ({ workload: titleOf(workload), metric })),
  )
}

function adapted(workload: Workload, part: SuitePart): Workload {
  return {
    ...workload,
    ...(part.measureSeconds === undefined ? {} : { measureSeconds: part.measureSeconds }),
    ...(part.warmUpSecondsMax === undefined ? {} : { warmUpSecondsMax: part.warmUpSecondsMax }),
  }
}

/** The layout is part of the name, so that a history never mixes two. */
const underEach = (layouts: readonly CpuLayout[], workload: Workload): readonly Workload[] =>
  layouts.length === 0
    ? [workload]
    : layouts.map((cpus) => ({ ...workload, cpus, variant: { ...workload.variant, cpus } }))

function cellOf(
  text: string,
  workload: Workload,
  request: ExperimentRequest,
  adapters: ReadonlyMap<string, Adapter>,
): Cell {
  const durability = request.durability ?? workload.durability
  const { store } = workload
  // D0 is memory, whatever the workload's store is: no store that has files offers it.
  const isMemory = durability === 'D0' && store !== undefined
  const subject = parseSubject(text, adapters, isMemory ? 'memory' : store)
  const isMatrix = workload.variant?.['durability'] !== undefined
  if (text.includes('/')) refuseDurability(subject, isMatrix ? durability : request.durability)
  return {
    workload,
    subject,
    claimedDurability: claimedDurability(subject, durability),
  }
}

/**
 * Which workloads one cluster carries in turn, by their positions: with fresh clusters each is
 * alone; a shared one carries all whose nodes are told the same.
 */
function turnsOf(
  workloads: readonly Workload[],
  cluster: SuitePart['cluster'],
): readonly (readonly number[])[] {
  if (cluster === 'fresh') return workloads.map((_, at) => [at])
  const turns = new Map<string, number[]>()
  for (const [at, { store, durability, syncDelayMs, roundTripMs, cpus }] of workloads.entries()) {
    const told = JSON.stringify([store, durability, syncDelayMs, roundTripMs, cpus])
    turns.set(told, [...(turns.get(told) ?? []), at])
  }
  return [...turns.values()]
}

const unitsOf = (
  lanes: readonly Lane[],
  rounds: number,
  turns: readonly (readonly number[])[],
): readonly PlanUnit[] =>
  turns.map((turn) => ({
    rounds,
    lanes: lanes.map((lane) => lane.filter((_, at) => turn.includes(at))),
  }))

function onePlacement(
  cells: readonly Cell[],
  asked: ExperimentRequest['placement'],
): 'process' | 'in-process' {
  const placements = new Set(cells.map(({ workload }) => workload.placement))
  const [placement = 'process'] = placements
  const foreign = cells.find(({ workload }) => workload.placement !== asked)
  if (asked !== undefined && foreign !== undefined) {
    const { name, placement: its } = foreign.workload
    throw new RaftmarkError('flag-invalid', `${name} does not run with --placement ${asked}`, {
      nextStep: its === 'process' ? 'in process runs: engine-only' : `use --placement ${its}`,
    })
  }
  if (placements.size <= 1) return placement
  throw new RaftmarkError('flag-invalid', 'workloads in processes and in process do not mix', {
    nextStep: 'run them as two experiments',
  })
}
