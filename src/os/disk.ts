import * as fs from 'node:fs'
import { dirname, join } from 'node:path'
import { type Disk, DiskError, type DiskFile } from '../replica/store/disk.ts'
import { takeLock } from './lock-file.ts'

/** The machine's own files. A sync runs on a thread of libuv's pool while the caller goes on. */
export const disk: Disk = {
  list: (directory) => refusing(directory, () => fs.readdirSync(directory)),
  makeDirectory: (directory) => refusing(directory, () => makeDurably(directory)),
  exists: (path) => fs.existsSync(path),
  open: (path, mode) =>
    refusing(path, () => new OpenFile(path, fs.openSync(path, mode === 'create' ? 'wx+' : 'r+'))),
  rename: (from, to) => refusing(from, () => fs.renameSync(from, to)),
  remove: (path) => refusing(path, () => fs.unlinkSync(path)),
  syncDirectory: (directory, done) => {
    fs.open(directory, 'r', (openError, descriptor) => {
      if (openError !== null) {
        done(diskErrorOf(directory, openError))
        return
      }
      fs.fsync(descriptor, (error) => {
        fs.closeSync(descriptor)
        done(error === null ? undefined : diskErrorOf(directory, error))
      })
    })
  },
  syncDirectoryNow: (directory) => refusing(directory, () => syncDirectoryNow(directory)),
  lock: (directory) => refusing(directory, () => takeLock(join(directory, 'lock'))),
}

class OpenFile implements DiskFile {
  readonly path: string
  readonly #descriptor: number

  constructor(path: string, descriptor: number) {
    this.path = path
    this.#descriptor = descriptor
  }

  size(): number {
    return refusing(this.path, () => fs.fstatSync(this.#descriptor).size)
  }

  read(at: number, into: Uint8Array): number {
    return refusing(this.path, () => {
      let filled = 0
      while (filled < into.length) {
        const left = into.length - filled
        const count = fs.readSync(this.#descriptor, into, filled, left, at + filled)
        if (count === 0) break
        filled += count
      }
      return filled
    })
  }

  write(at: number, parts: readonly Uint8Array[]): void {
    try {
      const [only] = parts
      if (parts.length === 1 && only !== undefined) this.#writeOne(at, only)
      else this.#writeAll(at, parts)
    } catch (error) {
      throw diskErrorOf(this.path, error)
    }
  }

  truncate(bytes: number): void {
    refusing(this.path, () => fs.ftruncateSync(this.#descriptor, bytes))
  }

  sync(done: (error?: Error) => void): void {
    fs.fdatasync(this.#descriptor, (error) => {
      if (error === null) done()
      else done(diskErrorOf(this.path, error))
    })
  }

  syncNow(): void {
    refusing(this.path, () => fs.fdatasyncSync(this.#descriptor))
  }

  close(): void {
    refusing(this.path, () => fs.closeSync(this.#descriptor))
  }

  #writeOne(at: number, bytes: Uint8Array): void {
    let written = 0
    while (written < bytes.length) {
      const left = bytes.length - written
      written += fs.writeSync(this.#descriptor, bytes, written, left, at + written)
    }
  }

  /** The system may take less than it was given, also from a list of parts. */
  #writeAll(at: number, parts: readonly Uint8Array[]): void {
    let rest = parts
    let from = at
    while (rest.length > 0) {
      const written = fs.writevSync(this.#descriptor, rest, from)
      from += written
      rest = without(rest, written)
    }
  }
}

/** What is left of `parts` after their first `bytes`. */
function without(parts: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let left = bytes
  for (const [at, part] of parts.entries()) {
    if (left < part.length) return [part.subarray(left), ...parts.slice(at + 1)]
    left -= part.length
  }
  return []
}

/** A new directory outlives a crash only if the one that names it was synced. */
function makeDurably(directory: string): void {
  if (fs.existsSync(directory)) return
  const above = dirname(directory)
  makeDurably(above)
  fs.mkdirSync(directory, { recursive: true })
  syncDirectoryNow(above)
}

function syncDirectoryNow(directory: string): void {
  const descriptor = fs.openSync(directory, 'r')
  try {
    fs.fsyncSync(descriptor)
  } finally {
    fs.closeSync(descriptor)
  }
}

function refusing<T>(path: string, call: () => T): T {
  try {
    return call()
  } catch (error) {
    throw diskErrorOf(path, error)
  }
}

function diskErrorOf(path: string, error: unknown): Error {
  if (error instanceof DiskError || !(error instanceof Error)) return error as Error
  const code = (error as NodeJS.ErrnoException).code
  // What carries no code of the system is a bug of ours, not a refusal.
  return code === undefined || code.startsWith('ERR_')
    ? error
    : new DiskError(code, path, error.message)
}
