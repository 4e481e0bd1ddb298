import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, isAbsolute, join, resolve } from 'node:path'
import { availableParallelism } from 'node:os'
import { RaftmarkError } from '../base/errors.ts'
import type { Adapter } from '../experiment/cluster/adapter-manifest.ts'
import { ensureWritable } from '../os/files.ts'
import { readAdapters } from './read-adapters.ts'

/** One thing that this machine has or lacks, what for, and what to do about it. */
export type Finding = {
  readonly subject: string
  readonly state: 'ok' | 'warning' | 'lacking'
  readonly detail: string
  readonly nextStep: string
}

export type MachineReport = {
  readonly schema: 'raftmark/doctor/1'
  /** The worst of the findings. */
  readonly state: Finding['state']
  readonly findings: readonly Finding[]
}

const CORES_WANTED = 2
const NODE_MAJOR_MIN = 20

/** What this machine has and lacks for which adapter or check. Starts nothing. */
export async function examineMachine(options: {
  readonly root: string
  readonly adapters: readonly string[]
  readonly results: string
}): Promise<MachineReport> {
  const adapters = await readAdapters(options.root, options.adapters)
  const findings = [
    nodeVersion(),
    cores(),
    processFigures(),
    await resultsFolder(resolve(options.results)),
    powerCut(),
    ...[...adapters.values()].map(adapterFinding),
  ]
  const states = findings.map(({ state }) => state)
  const state = states.includes('lacking')
    ? 'lacking'
    : states.includes('warning')
      ? 'warning'
      : 'ok'
  return { schema: 'raftmark/doctor/1', state, findings }
}

const ok = (subject: string, detail: string): Finding => ({
  subject,
  state: 'ok',
  detail,
  nextStep: '',
})

function nodeVersion(): Finding {
  const major = Number(process.versions.node.split('.')[0])
  if (major >= NODE_MAJOR_MIN) return ok('node', process.version)
  const nextStep = `install Node ${NODE_MAJOR_MIN} or newer`
  return { subject: 'node', state: 'lacking', detail: process.version, nextStep }
}

function cores(): Finding {
  const count = availableParallelism()
  if (count >= CORES_WANTED) return ok('cores', `${count}`)
  return {
    subject: 'cores',
    state: 'warning',
    detail: `${count}: the generator and the nodes preempt each other`,
    nextStep: 'expect missed gates; use a machine with two cores or more',
  }
}

function processFigures(): Finding {
  if (existsSync('/proc/self/stat')) return ok('CPU time of processes', '/proc')
  return {
    subject: 'CPU time of processes',
    state: 'lacking',
    detail: 'there is no /proc here',
    nextStep: 'CPU per record needs Linux; run in a container',
  }
}

async function resultsFolder(directory: string): Promise<Finding> {
  try {
    await ensureWritable(directory)
    return ok('results folder', directory)
  } catch (error) {
    if (!(error instanceof RaftmarkError)) throw error
    const { message, nextStep } = error
    return { subject: 'results folder', state: 'lacking', detail: message, nextStep }
  }
}

function powerCut(): Finding {
  if (process.getuid?.() === 0) return ok('power cut below the file system', 'root')
  return {
    subject: 'power cut below the file system',
    state: 'warning',
    detail: 'needs root; the volatile tail inside the nodes is used instead',
    nextStep: 'run as root for the stricter proof of durability',
  }
}

function adapterFinding({ directory, manifest }: Adapter): Finding {
  const subject = `raft ${manifest.name}`
  const [program = ''] = manifest.start
  if (programExists(program, directory)) return ok(subject, `${manifest.language}, ${program}`)
  const build = manifest.build === undefined ? '' : ` or build it: ${manifest.build.join(' ')}`
  return {
    subject,
    state: 'lacking',
    detail: `${program} is not there`,
    nextStep: `install ${program}${build}`,
  }
}

function programExists(program: string, directory: string): boolean {
  const places =
    isAbsolute(program) || program.includes('/')
      ? [resolve(directory, program)]
      : (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, program))
  return places.some((path) => {
    try {
      accessSync(path, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
