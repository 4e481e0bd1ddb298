import { execFile } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)

/** The lines of the page's shell blocks, as a reader would copy them. */
function commandsOf(page: string): string[] {
  const blocks = [...page.matchAll(/^ *```sh\n([\s\S]*?)^ *```$/gm)].map(([, block]) => block ?? '')
  return blocks.flatMap((block) => block.trim().split('\n')).map((line) => line.trim())
}

test('a new adapter in five steps, as adapters/README.md says', { timeout: 300_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'raftmark-new-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const raftmark = join(folder, 'raftmark')
  writeFileSync(raftmark, `#!/bin/sh\nexec "${process.execPath}" "${root}/bin/run.js" "$@"\n`)
  chmodSync(raftmark, 0o755)
  const environment = { ...process.env, PATH: `${folder}:${process.env['PATH']}` }
  const commands = commandsOf(readFileSync(join(root, 'adapters/README.md'), 'utf8'))

  const outputs: string[] = []
  for (const command of commands) {
    const { stdout } = await run('sh', ['-c', command], { cwd: folder, env: environment })
    outputs.push(stdout)
  }

  expect(commands.map((command) => command.split(' ').slice(0, 3).join(' '))).toEqual([
    'raftmark adapter new',
    'raftmark adapter info',
    'raftmark adapter build',
    'raftmark adapter check',
    'raftmark run steady',
  ])
  expect(outputs[3]).toContain(' 0 broken')
  expect(outputs[4]).toContain('mine')
})
