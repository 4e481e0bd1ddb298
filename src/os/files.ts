import { constants, existsSync, mkdirSync } from 'node:fs'
import { access, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { RaftmarkError } from '../base/errors.ts'
import { freshToken } from './entropy.ts'

/**
 * Writes the whole file or leaves what was there: a reader, also one after a power cut, never
 * sees a part. Rejects with the system's error.
 */
export async function writeFileAtomic(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${freshToken(8)}.part`
  try {
    const file = await open(temporary, 'wx')
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncDirectory(dirname(path))
}

/**
 * Makes `directory` and those above it as needed. Throws the system's error.
 *
 * Why not mkdir with `recursive`: below /proc, where mkdir answers ENOENT although the parent is
 * there, Node 20 tries for ever.
 */
export function makeDirectories(directory: string): void {
  if (existsSync(directory)) return
  const parent = dirname(directory)
  if (parent !== directory) makeDirectories(parent)
  try {
    mkdirSync(directory)
  } catch (error) {
    if (!existsSync(directory)) throw error // Otherwise another process was faster.
  }
}

/**
 * Makes `directory` and those above it as needed, and sees that files can be made in it. Rejects
 * with RaftmarkError `directory-unusable`.
 */
export async function ensureWritable(directory: string): Promise<void> {
  try {
    makeDirectories(directory)
    await access(directory, constants.W_OK | constants.X_OK)
    // Root passes `access` even where the file system is read-only or refuses new files.
    const trial = `${directory}/.writable-${freshToken(8)}`
    await (await open(trial, 'wx')).close()
    await rm(trial)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new RaftmarkError('directory-unusable', `cannot write in ${directory}: ${reason}`, {
      nextStep: 'Choose a folder that you may write to, with --results DIR.',
      place: { file: directory },
      cause,
    })
  }
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
