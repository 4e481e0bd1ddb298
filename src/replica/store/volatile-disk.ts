import type { Disk, DiskFile } from './disk.ts'
import { FileContents } from './file-contents.ts'
import type { Done } from './group-sync.ts'

/**
 * Keeps what is not synced in this process alone, so that SIGKILL takes it like a power cut takes
 * the page cache. Names and truncations of files go to the disk below at once. For checks only:
 * each open file is held in memory whole.
 *
 * Why: without root nobody can shut a file system down, and a killed process loses nothing that it
 * has written: a store that never syncs would pass.
 */
export function volatileDisk(disk: Disk): Disk {
  const files = new Map<string, VolatileFile>()
  const forget = (path: string): void => {
    files.delete(path)
  }
  return {
    list: (directory) => disk.list(directory),
    makeDirectory: (directory) => disk.makeDirectory(directory),
    exists: (path) => disk.exists(path),
    open: (path, mode) => {
      const known = mode === 'existing' ? files.get(path) : undefined
      const file = known ?? new VolatileFile(disk.open(path, mode))
      files.set(path, file)
      return file.handle(() => forget(path))
    },
    rename: (from, to) => {
      disk.rename(from, to)
      const file = files.get(from)
      forget(from)
      forget(to)
      if (file !== undefined) files.set(to, file)
    },
    remove: (path) => {
      disk.remove(path)
      forget(path)
    },
    syncDirectory: (directory, done) => disk.syncDirectory(directory, done),
    syncDirectoryNow: (directory) => disk.syncDirectoryNow(directory),
    lock: (directory) => disk.lock(directory),
  }
}

/** One file, however often it is open: all handles see the same bytes. */
class VolatileFile {
  readonly #file: DiskFile
  readonly #contents = new FileContents()
  /** What the disk below has not been given. */
  #unsynced: { readonly start: number; readonly end: number }[] = []
  #handles = 0

  constructor(file: DiskFile) {
    this.#file = file
    const bytes = new Uint8Array(file.size())
    this.#contents.write(0, bytes.subarray(0, file.read(0, bytes)))
  }

  handle(onUnused: () => void): DiskFile {
    this.#handles += 1
    let isOpen = true
    return {
      path: this.#file.path,
      size: () => this.#contents.size,
      read: (at, into) => this.#contents.read(at, into),
      write: (at, parts) => this.#write(at, parts),
      truncate: (bytes) => this.#truncate(bytes),
      sync: (done) => this.#sync(done),
      syncNow: () => {
        this.#handDown()
        this.#file.syncNow()
      },
      close: () => {
        if (!isOpen) return
        isOpen = false
        this.#closeHandle(onUnused)
      },
    }
  }

  #write(at: number, parts: readonly Uint8Array[]): void {
    let start = at
    for (const part of parts) {
      this.#contents.write(start, part)
      this.#unsynced.push({ start, end: start + part.length })
      start += part.length
    }
  }

  #truncate(bytes: number): void {
    this.#contents.truncate(bytes)
    this.#file.truncate(bytes)
    this.#unsynced = this.#unsynced
      .map(({ start, end }) => ({ start, end: Math.min(end, bytes) }))
      .filter(({ start, end }) => start < end)
  }

  #sync(done: Done): void {
    try {
      this.#handDown()
    } catch (error) {
      done(error as Error)
      return
    }
    this.#file.sync(done)
  }

  #handDown(): void {
    for (const { start, end } of this.#unsynced.splice(0)) {
      this.#file.write(start, [this.#contents.bytes().subarray(start, end)])
    }
  }

  /** With unsynced bytes it stays: they outlive the handle, as in a page cache. */
  #closeHandle(onUnused: () => void): void {
    this.#handles -= 1
    if (this.#handles > 0 || this.#unsynced.length > 0) return
    this.#file.close()
    onUnused()
  }
}
