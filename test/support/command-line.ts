import { type ChildProcess, spawn } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'vitest'
import { freshToken } from '../../src/os/entropy.ts'
import { packageRoot } from '../../src/os/package-root.ts'

export type Role = 'cli' | 'warden' | 'echo' | 'generator' | 'node'

export type RunningProcess = {
  readonly pid: number
  readonly role: Role
  /** Of a node. */
  readonly node: number | undefined
}

export type Outcome = {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** How long a test waits for what must come; each case says its own limit for the end. */
const WAIT_MS_MAX = 60_000

/** From the end of a command, however it came, until nothing of it is left. */
const CLEAN_MS_MAX = 5_000

const LOOK_EVERY_MS = 50

/** A small load: enough to see every phase, over as soon as they were seen. */
export const tinyWorkload = {
  name: 'tiny',
  question: 'Does bad luck end as it should?',
  store: 'wal',
  durability: 'D2',
  arrival: { kind: 'constant', ratePerSecond: 200 },
  warmUpInFlight: 2,
  warmUpSecondsMax: 1.5,
  measureSeconds: 1.5,
  drainSecondsMax: 2,
}

/** What Vitest hands to a test; one that runs beside others has to use its own. */
export type TestOf = Pick<TestContext, 'onTestFinished'>

/** A folder of its own for results, temporary files and inputs; removed with the test. */
export function scratchFolder({ onTestFinished }: TestOf): string {
  const folder = mkdtempSync(join(tmpdir(), 'raftmark-bad-luck-'))
  mkdirSync(join(folder, 'tmp'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Writes the tiny workload, changed as told, and returns its path. */
export function workloadIn(folder: string, change: object = {}): string {
  const path = join(folder, 'tiny.yaml')
  // JSON is YAML.
  writeFileSync(path, JSON.stringify({ ...tinyWorkload, ...change }))
  return path
}

/** Starts `raftmark ARGS` as a user would, all of whose processes can be found again. */
export function startCommandLine(
  { onTestFinished }: TestOf,
  folder: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): CommandLine {
  const commandLine = new CommandLine(folder, args, environment)
  onTestFinished(() => commandLine.killAll())
  return commandLine
}

export class CommandLine {
  readonly ended: Promise<Outcome>
  readonly folder: string
  readonly #mark = `RAFTMARK_TEST=${freshToken(16)}`
  readonly #child: ChildProcess
  #stdout = ''
  #stderr = ''

  constructor(
    folder: string,
    args: readonly string[],
    environment: Readonly<Record<string, string>>,
  ) {
    this.folder = folder
    const [name = '', value = ''] = this.#mark.split('=')
    this.#child = spawn(process.execPath, [join(packageRoot, 'bin', 'run.js'), ...args], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TMPDIR: join(folder, 'tmp'), [name]: value, ...environment },
    })
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text
    })
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (exitCode, signal) => {
        resolve({ exitCode, signal, stdout: this.#stdout, stderr: this.#stderr })
      })
    })
  }

  get stderr(): string {
    return this.#stderr
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** Resolves with the end, or fails the test when it does not come within the limit. */
  async endWithin(limitMs: number): Promise<Outcome> {
    let timeout: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timeout = setTimeout(
        () => reject(new Error(`raftmark did not end within ${limitMs} ms:\n${this.#stderr}`)),
        limitMs,
      )
    })
    try {
      return await Promise.race([this.ended, late])
    } finally {
      clearTimeout(timeout)
    }
  }

  /** All that runs because of this command, also what lost its parent. */
  processes(): readonly RunningProcess[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((pid) => this.#ours(Number(pid)))
  }

  processOf(role: Role, node?: number): RunningProcess | undefined {
    return this.processes().find((one) => one.role === role && (!node || one.node === node))
  }

  /** Waits until there is such a process. */
  async untilThereIs(role: Role, node?: number): Promise<RunningProcess> {
    await this.#until(() => this.processOf(role, node) !== undefined, `a ${role}`)
    return this.processOf(role, node) as RunningProcess
  }

  /** Waits until standard error has said it. */
  async untilSaid(words: RegExp): Promise<void> {
    await this.#until(() => words.test(this.#stderr), String(words))
  }

  killAll(): void {
    for (const { pid } of this.processes()) kill(pid, 'SIGKILL')
  }

  async #until(holds: () => boolean, what: string): Promise<void> {
    let hasEnded = false
    void this.ended.then(() => {
      hasEnded = true
    })
    await until(
      () => holds() || hasEnded,
      WAIT_MS_MAX,
      () => `there was ${what}`,
    )
    if (!holds()) throw new Error(`raftmark ended before there was ${what}:\n${this.#stderr}`)
  }

  #ours(pid: number): readonly RunningProcess[] {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
      if (!environment.includes(this.#mark)) return []
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      return [{ pid, role: roleOf(command), node: nodeOf(command) }]
    } catch {
      return []
    }
  }
}

/** Everything that a command must not leave behind, however it ended. */
export async function expectNothingLeft(commandLine: CommandLine): Promise<void> {
  const { folder } = commandLine
  const left = () => [
    ...commandLine.processes().map(({ pid, role }) => `process ${pid}, a ${role}`),
    ...readdirSync(join(folder, 'tmp')),
    ...dataFoldersIn(join(folder, 'results')),
  ]
  await until(
    () => left().length === 0,
    CLEAN_MS_MAX,
    () => `this was gone: ${left().join(', ')}`,
  )
}

/** Looks again and again; fails after the limit. Vitest's own `poll` cannot run side by side. */
export async function until(
  holds: () => boolean,
  limitMs: number,
  what: () => string,
): Promise<void> {
  const endMs = Date.now() + limitMs
  while (!holds()) {
    if (Date.now() > endMs) throw new Error(`${limitMs} ms passed before ${what()}`)
    await pass(LOOK_EVERY_MS)
  }
}

export const pass = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It ended in the meantime.
  }
}

function roleOf(command: string): Role {
  if (command.includes('warden.js')) return 'warden'
  if (command.includes('echo.js')) return 'echo'
  if (command.includes('generator.js')) return 'generator'
  return /nodes\/\d+\/config\.json/.test(command) ? 'node' : 'cli'
}

function nodeOf(command: string): number | undefined {
  const node = /nodes\/(\d+)\/config\.json/.exec(command)?.[1]
  return node === undefined ? undefined : Number(node)
}

function dataFoldersIn(results: string): readonly string[] {
  const runs = join(results, 'runs')
  if (!existsSync(runs)) return []
  return readdirSync(runs)
    .map((run) => join(runs, run, 'data'))
    .filter((path) => existsSync(path))
}
