import { spawn } from 'node:child_process'
import { RaftmarkError } from '../base/errors.ts'

const openers: Readonly<Partial<Record<NodeJS.Platform, string>>> = { darwin: 'open' }

/**
 * Shows a file with the program that the desktop has for it; resolves once that has started.
 * Rejects with `environment-lacking` where there is none.
 */
export function openFile(path: string): Promise<void> {
  const opener = openers[process.platform] ?? 'xdg-open'
  return new Promise((resolve, reject) => {
    const child = spawn(opener, [path], { detached: true, stdio: 'ignore' })
    child.once('spawn', () => {
      child.unref()
      resolve()
    })
    child.once('error', (cause) => {
      reject(
        new RaftmarkError('environment-lacking', `${opener} cannot be started`, {
          nextStep: `open the file yourself: ${path}`,
          cause,
        }),
      )
    })
  })
}
