import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { createGuard } from './guard.ts'
import { packageRoot } from './package-root.ts'
import { costOfProcess } from './proc.ts'

const support = join(packageRoot, 'test', 'support')
const deaf = join(support, 'fake-adapters', 'deaf.mjs')
const soon = { timeout: 20_000 }

test.each(['exit', 'crash', 'close'])(
  'nothing outlives a command line that ends by %s',
  async (way) => {
    const { node, grandchild, directory } = await startParent(way)

    await expect.poll(() => [isThere(node), isThere(grandchild)], soon).toEqual([false, false])
    await expect.poll(() => existsSync(`${directory}/temporary`), soon).toBe(false)
  },
)

test.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
  'nothing outlives a command line that is ended by %s, not even a stopped node',
  async (signal) => {
    const { parent, node, grandchild, directory } = await startParent('wait')
    process.kill(node, 'SIGSTOP')

    parent.kill(signal)

    await expect.poll(() => [isThere(node), isThere(grandchild)], soon).toEqual([false, false])
    await expect.poll(() => existsSync(`${directory}/temporary`), soon).toBe(false)
  },
)

test('a killed warden is replaced, and its successor knows what to kill', async () => {
  const { parent, node, directory } = await startParent('wait')
  const [first] = wardensOf(parent)
  process.kill(first as number, 'SIGKILL')
  await expect.poll(() => wardensOf(parent).filter((pid) => pid !== first), soon).toHaveLength(1)

  parent.kill('SIGKILL')

  await expect.poll(() => isThere(node), soon).toBe(false)
  await expect.poll(() => existsSync(`${directory}/temporary`), soon).toBe(false)
})

test('closing ends the warden, and leaves no handle that would keep the process alive', async () => {
  const { parent } = await startParent('close')
  const guard = await createGuard()
  const before = wardensOf(process)

  const exitCode = await new Promise((resolve) => parent.once('exit', resolve))
  await guard.close()

  expect(exitCode).toBe(0)
  expect(before).toHaveLength(1)
  expect(wardensOf(process)).toEqual([])
})

test('a temporary directory is never one that was there before', async () => {
  const directory = scratch()
  mkdirSync(`${directory}/mine`)
  const guard = await createGuard()

  await expect(guard.makeTemporary(`${directory}/mine`)).rejects.toMatchObject({
    code: 'directory-unusable',
  })

  await guard.close()
  expect(existsSync(`${directory}/mine`)).toBe(true)
})

test('lines are heard whole, also those from before the listener and the last one', async () => {
  const directory = scratch()
  const guard = await createGuard()
  const child = await guard.start({
    argv: ['sh', '-c', 'echo early; printf "in two "; echo parts; printf "no end"'],
    directory,
    stderrFile: `${directory}/stderr.log`,
  })

  const ended = await child.ended
  const lines: string[] = []
  child.onLine((line) => lines.push(line))

  expect(lines).toEqual(['early', 'in two parts', 'no end'])
  expect(ended).toEqual({ exitCode: 0, signal: undefined })
  await guard.close()
})

type Parent = {
  readonly parent: ChildProcess
  readonly node: number
  readonly grandchild: number
  readonly directory: string
}

async function startParent(way: string): Promise<Parent> {
  const directory = scratch()
  const parent = spawn(
    process.execPath,
    [
      ...['--import', 'tsx', '--conditions', 'raftmark-source'],
      join(support, 'guard-parent.ts'),
      ...[way, directory, deaf],
    ],
    { cwd: packageRoot, stdio: ['ignore', 'pipe', 'ignore'] },
  )
  onTestFinished(() => void parent.kill('SIGKILL'))
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: parent.stdout as NonNullable<ChildProcess['stdout']> })
      .once('line', resolve)
      .once('close', () => reject(new Error('the parent said nothing')))
  })
  const { node, grandchild } = JSON.parse(line)
  // They outlive everything but what is tested here.
  onTestFinished(() => void spawnSync('kill', ['-KILL', String(node), String(grandchild)]))
  return { parent, directory, node, grandchild }
}

function scratch(): string {
  const directory = mkdtempSync(join(tmpdir(), 'raftmark-guard-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

const isThere = (pid: number): boolean => costOfProcess(pid) !== undefined

/** Children of `parent` that run the warden's program. */
function wardensOf(parent: { readonly pid?: number | undefined }): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
        const [state, ppid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
        return Number(ppid) === parent.pid && state !== 'Z' && command.includes('warden.js')
      } catch {
        return false
      }
    })
}
