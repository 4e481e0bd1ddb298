import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type CliResult = {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number | null
}

/** What a user runs; built by `npm run build`. */
export const bin = join(import.meta.dirname, '..', '..', 'bin', 'run.js')

/** Runs the built command line as a user does; needs `npm run build`. */
export function runCli(args: readonly string[], directory: string): Promise<CliResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [bin, ...args], { cwd: directory, stdio: 'pipe' })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (text) => {
      stdout += text
    })
    child.stderr.on('data', (text) => {
      stderr += text
    })
    child.on('error', reject)
    child.on('close', (exitCode) => resolve({ stdout, stderr, exitCode }))
    child.stdin.end()
  })
}

/** A folder of its own for one test file. */
export function temporaryFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'raftmark-e2e-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}
