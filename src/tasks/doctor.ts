import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { join } from 'node:path'
import { ensureWritable } from '../os/files.ts'
import { type FileSystem, fileSystemOf } from '../os/machine.ts'
import { packageRoot } from '../os/package-root.ts'
import { firstLineOf } from '../os/programs.ts'

/** One thing that a machine has or lacks. */
export type Finding = {
  readonly name: string
  /** `lacking`: what it is for cannot be done here. `poor`: it can, with worse results. */
  readonly state: 'there' | 'poor' | 'lacking'
  /** What was found: a version, a path, a size. */
  readonly found: string
  /** Which adapter or check needs it. */
  readonly for: string
  /** How to get it; absent when it is there. */
  readonly nextStep?: string
}

export type Examination = {
  readonly schema: 'raftmark/doctor/1'
  readonly findings: readonly Finding[]
  /** Whether the main job, `raftmark run quick`, can run here. */
  readonly mainJobRuns: boolean
}

/** What the main job needs is for this; everything else is for something else. */
const MAIN_JOB = 'every run'

const GIB = 2 ** 30
const FREE_BYTES_MIN = GIB / 4
const FREE_BYTES_AMPLE = 2 * GIB
const MEMORY_BYTES_AMPLE = 2 * GIB
const CORES_AMPLE = 2

/** Looks at this machine; starts nothing but version queries. Never rejects for what it lacks. */
export async function examineMachine(options: {
  readonly resultsDirectory: string
}): Promise<Examination> {
  const findings = [
    nodeVersion(process.versions.node),
    nodeBundle(join(packageRoot, 'dist', 'node.js')),
    accounting('/proc/self/schedstat'),
    cores(availableParallelism()),
    memory(totalmem()),
    ...(await resultsDirectory(options.resultsDirectory)),
    ...privileges(process.getuid?.() === 0, existsSync('/dev/loop-control')),
    ...(await Promise.all(programs.map(examineProgram))),
  ]
  const mainJobRuns = findings.every((one) => one.for !== MAIN_JOB || one.state !== 'lacking')
  return { schema: 'raftmark/doctor/1', findings, mainJobRuns }
}

/** The examination as lines of plain text. */
export function examinationLines(examination: Examination): readonly string[] {
  const width = Math.max(...examination.findings.map(({ name }) => name.length))
  const lines = examination.findings.flatMap((finding) => {
    const { state, name, found, nextStep } = finding
    const head = `${state.padEnd(8)} ${name.padEnd(width)}  ${found}`
    if (nextStep === undefined) return [head]
    const indent = ' '.repeat(width + 11)
    return [head, `${indent}for: ${finding.for}`, `${indent}next: ${nextStep}`]
  })
  const verdict = examination.mainJobRuns
    ? 'The main job, "raftmark run quick", can run here.'
    : 'The main job, "raftmark run quick", cannot run here: see what is lacking for every run.'
  return [...lines, '', verdict]
}

/** `version` as Node says it, without a v. */
export function nodeVersion(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const isRight = major > 20 || (major === 20 && minor >= 19)
  return {
    name: 'node',
    state: isRight ? 'there' : 'lacking',
    found: version,
    for: MAIN_JOB,
    ...(isRight ? {} : { nextStep: 'Install Node.js 20.19 or later.' }),
  }
}

function nodeBundle(path: string): Finding {
  const found = { name: 'replica program', found: path, for: MAIN_JOB } as const
  if (existsSync(path)) return { ...found, state: 'there' }
  return { ...found, state: 'lacking', found: 'not built', nextStep: 'Run "npm run build".' }
}

function accounting(path: string): Finding {
  const found = { name: 'CPU accounting', for: 'CPU time per record' } as const
  try {
    readFileSync(path)
    return { ...found, state: 'there', found: path }
  } catch {
    const nextStep = 'Use Linux with /proc and CONFIG_SCHED_INFO: figures of CPU need them.'
    return { ...found, state: 'poor', found: `${path} cannot be read`, nextStep }
  }
}

function cores(count: number): Finding {
  const found = { name: 'cores', found: String(count), for: MAIN_JOB } as const
  if (count >= CORES_AMPLE) return { ...found, state: 'there' }
  const nextStep = 'Use a machine with two cores: on one, replicas and load take turns.'
  return { ...found, state: 'poor', nextStep }
}

function memory(bytes: number): Finding {
  const found = { name: 'memory', found: gibibytes(bytes), for: MAIN_JOB } as const
  if (bytes >= MEMORY_BYTES_AMPLE) return { ...found, state: 'there' }
  return { ...found, state: 'poor', nextStep: 'Use a machine with 2 GiB or more.' }
}

async function resultsDirectory(directory: string): Promise<readonly Finding[]> {
  const about = { name: 'results directory', for: MAIN_JOB } as const
  try {
    await ensureWritable(directory)
    const fileSystem = await fileSystemOf(directory)
    return [{ ...about, state: 'there', found: directory }, disk(fileSystem)]
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error)
    const nextStep = 'Choose a folder that you may write to, with --results DIR.'
    return [{ ...about, state: 'lacking', found, nextStep }]
  }
}

/** Whether the results' file system has room, and is one that can lose and keep data. */
export function disk({ type, device, freeBytes }: FileSystem): Finding {
  const found = `${gibibytes(freeBytes)} free, ${type} on ${device}`
  const about = { name: 'disk', found, for: MAIN_JOB } as const
  if (freeBytes < FREE_BYTES_MIN) {
    return { ...about, state: 'lacking', nextStep: 'Free some space: a run needs 0.25 GiB.' }
  }
  if (type === 'tmpfs' || type === 'ramfs') {
    const nextStep = 'Use --results on a real disk: here a sync costs and means nothing.'
    return { ...about, state: 'poor', nextStep }
  }
  if (freeBytes >= FREE_BYTES_AMPLE) return { ...about, state: 'there' }
  return { ...about, state: 'poor', nextStep: 'Free some space: long runs need 2 GiB.' }
}

function privileges(isRoot: boolean, hasLoop: boolean): readonly Finding[] {
  const forWhat = 'the power cut on a file system that is shut down'
  const root = { name: 'root', found: isRoot ? 'yes' : 'no', for: forWhat } as const
  const loop = { name: 'loop devices', found: hasLoop ? 'yes' : 'no', for: forWhat } as const
  return [
    isRoot
      ? { ...root, state: 'there' }
      : { ...root, state: 'lacking', nextStep: 'Run as root, or do without this check.' },
    hasLoop
      ? { ...loop, state: 'there' }
      : { ...loop, state: 'lacking', nextStep: 'Use a machine with /dev/loop-control.' },
  ]
}

type Program = {
  readonly name: string
  /** Several ways to ask, the first that answers counts. */
  readonly ask: readonly (readonly [string, ...string[]])[]
  readonly for: string
  readonly nextStep: string
}

const programs: readonly Program[] = [
  {
    name: 'strace',
    ask: [['strace', '--version']],
    for: 'counting syncs against what a node says',
    nextStep: 'Install strace.',
  },
  {
    name: 'fio',
    ask: [['fio', '--version']],
    for: 'the long calibration’s second opinion',
    nextStep: 'Install fio.',
  },
  {
    name: 'cargo',
    ask: [['cargo', '--version']],
    for: 'building adapters in Rust',
    nextStep: 'Install Rust.',
  },
  {
    name: 'go',
    ask: [['go', 'version']],
    for: 'building adapters in Go',
    nextStep: 'Install Go.',
  },
  {
    name: 'java',
    ask: [['java', '-version']],
    for: 'adapters in Java',
    nextStep: 'Install a JDK.',
  },
  {
    name: 'python3',
    ask: [['python3', '--version']],
    for: 'adapters in Python',
    nextStep: 'Install Python 3.',
  },
  {
    name: 'python3 grpcio',
    ask: [['python3', '-c', 'import grpc; print(grpc.__version__)']],
    for: 'adapters in Python',
    nextStep: 'Run "pip install grpcio".',
  },
  {
    name: 'chromium',
    ask: ['chromium', 'chromium-browser', 'google-chrome'].map((name) => [name, '--version']),
    for: 'tests of the HTML report',
    nextStep: 'Install chromium.',
  },
]

async function examineProgram({ name, ask, nextStep, ...rest }: Program): Promise<Finding> {
  for (const [program, ...args] of ask) {
    const found = await firstLineOf(program, args)
    if (found !== undefined) return { name, state: 'there', found, for: rest.for }
  }
  return { name, state: 'lacking', found: 'not found', for: rest.for, nextStep }
}

const gibibytes = (bytes: number): string => `${(bytes / GIB).toFixed(1)} GiB`
