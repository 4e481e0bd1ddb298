import type { Clock } from '../../base/clock.ts'
import { type Disk, DiskError, type DiskFile } from './disk.ts'
import type { Done } from './group-sync.ts'

/** What goes wrong with a real disk, on demand. Change it at any time. */
export type FaultSwitches = {
  /** So many of the next syncs report EIO. */
  syncsToFail: number
  /** So many of the next writes report EIO, after their first `shortWriteBytes`. */
  writesToFail: number
  shortWriteBytes: number
  /** Every write reports ENOSPC. */
  isFull: boolean
  /** Added to every sync. */
  slowSyncNs: number
}

export const noFaults = (): FaultSwitches => ({
  syncsToFail: 0,
  writesToFail: 0,
  shortWriteBytes: 0,
  isFull: false,
  slowSyncNs: 0,
})

/** Passes everything on to `disk`, but for the faults that are switched on. */
export function faultyDisk(disk: Disk, faults: FaultSwitches, clock: Clock): Disk {
  return {
    list: (directory) => disk.list(directory),
    makeDirectory: (directory) => disk.makeDirectory(directory),
    exists: (path) => disk.exists(path),
    open: (path, mode) => new FaultyFile(disk.open(path, mode), faults, clock),
    rename: (from, to) => disk.rename(from, to),
    remove: (path) => disk.remove(path),
    syncDirectory: (directory, done) => disk.syncDirectory(directory, done),
    syncDirectoryNow: (directory) => disk.syncDirectoryNow(directory),
    lock: (directory) => disk.lock(directory),
  }
}

class FaultyFile implements DiskFile {
  readonly path: string
  readonly #file: DiskFile
  readonly #faults: FaultSwitches
  readonly #clock: Clock

  constructor(file: DiskFile, faults: FaultSwitches, clock: Clock) {
    this.path = file.path
    this.#file = file
    this.#faults = faults
    this.#clock = clock
  }

  size(): number {
    return this.#file.size()
  }

  read(at: number, into: Uint8Array): number {
    return this.#file.read(at, into)
  }

  write(at: number, parts: readonly Uint8Array[]): void {
    const faults = this.#faults
    if (faults.isFull) throw new DiskError('ENOSPC', this.path, `${this.path}: the disk is full`)
    if (faults.writesToFail > 0) {
      faults.writesToFail -= 1
      const [first = new Uint8Array(0)] = parts
      this.#file.write(at, [first.subarray(0, faults.shortWriteBytes)])
      throw new DiskError('EIO', this.path, `${this.path}: the write failed`)
    }
    this.#file.write(at, parts)
  }

  truncate(bytes: number): void {
    this.#file.truncate(bytes)
  }

  sync(done: Done): void {
    const { slowSyncNs } = this.#faults
    if (slowSyncNs === 0) {
      this.#file.sync((error) => done(error ?? this.#syncFault()))
      return
    }
    this.#file.sync((error) => {
      this.#clock.wakeAt(this.#clock.nowNs() + slowSyncNs, () => done(error ?? this.#syncFault()))
    })
  }

  syncNow(): void {
    this.#file.syncNow()
    const error = this.#syncFault()
    if (error !== undefined) throw error
  }

  close(): void {
    this.#file.close()
  }

  #syncFault(): Error | undefined {
    if (this.#faults.syncsToFail === 0) return undefined
    this.#faults.syncsToFail -= 1
    return new DiskError('EIO', this.path, `${this.path}: the sync failed`)
  }
}
