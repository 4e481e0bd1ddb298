import type { Clock } from '../../base/clock.ts'
import type { Prng } from '../../base/prng.ts'
import { type Disk, DiskError, type DiskFile } from './disk.ts'
import type { Done } from './group-sync.ts'
import { VirtualDirectory } from './virtual-directory.ts'
import type { Loss, VirtualFile } from './virtual-file.ts'

export type VirtualDiskOptions = {
  readonly clock: Clock
  readonly prng: Prng
  /** A sync takes a time drawn uniformly from `[syncNsMin, syncNsMax)`. */
  readonly syncNsMin: number
  readonly syncNsMax: number
  /** Called before each change and each sync; may throw, and then it does not happen. */
  readonly beforeOperation?: (operation: DiskOperation) => void
}

export type DiskOperation = 'write' | 'truncate' | 'sync' | 'name' | 'syncDirectory'

/** What goes wrong. Change it at any time. */
export type DiskFaults = {
  /** So many of the next syncs fail, and what they should have made durable is lost. */
  syncsToFail: number
  /** So many of the next writes fail with EIO, after their first `shortWriteBytes`. */
  writesToFail: number
  shortWriteBytes: number
  /** A write that would need more fails with ENOSPC, after what fitted. */
  capacityBytes: number
  /** Added to every sync. */
  slowSyncNs: number
}

/**
 * A disk in memory that keeps the promises of the port and no others: after `cutPower` what no
 * sync has covered may be lost, torn at sectors or reordered, names as well as contents. All its
 * choices come from the `Prng`, so a seed replays them.
 */
export class VirtualDisk implements Disk {
  readonly faults: DiskFaults = {
    syncsToFail: 0,
    writesToFail: 0,
    shortWriteBytes: 0,
    capacityBytes: Number.POSITIVE_INFINITY,
    slowSyncNs: 0,
  }
  readonly #options: VirtualDiskOptions
  readonly #names = new VirtualDirectory()
  readonly #locks = new Set<string>()
  /** Rises when the processes that use the disk die: their files and locks are gone then. */
  #life = 1

  constructor(options: VirtualDiskOptions) {
    this.#options = options
  }

  list(directory: string): readonly string[] {
    return this.#names.list(directory)
  }

  makeDirectory(directory: string): void {
    this.#names.makeDirectory(directory)
  }

  exists(path: string): boolean {
    return this.#names.get(path) !== undefined
  }

  open(path: string, mode: 'create' | 'existing'): DiskFile {
    const found = this.#names.get(path)
    if (mode === 'existing') {
      if (found === undefined) throw new DiskError('ENOENT', path, `${path} is not there`)
      return new OpenFile(this.#hooks(), path, found)
    }
    if (found !== undefined) throw new DiskError('EEXIST', path, `${path} is there already`)
    this.#options.beforeOperation?.('name')
    return new OpenFile(this.#hooks(), path, this.#names.create(path))
  }

  rename(from: string, to: string): void {
    this.#options.beforeOperation?.('name')
    this.#names.rename(from, to)
  }

  remove(path: string): void {
    this.#options.beforeOperation?.('name')
    this.#names.remove(path)
  }

  syncDirectory(directory: string, done: Done): void {
    this.#options.beforeOperation?.('syncDirectory')
    const through = this.#names.lastChange
    this.#after(this.#syncNs(), () => {
      this.#names.sync(directory, through)
      done()
    })
  }

  syncDirectoryNow(directory: string): void {
    this.#options.beforeOperation?.('syncDirectory')
    this.#names.sync(directory, this.#names.lastChange)
  }

  lock(directory: string): { release(): void } {
    if (this.#locks.has(directory)) {
      throw new DiskError('LOCKED', `${directory}/lock`, 'another process has taken it')
    }
    this.#locks.add(directory)
    const life = this.#life
    return {
      release: () => {
        if (life === this.#life) this.#locks.delete(directory)
      },
    }
  }

  /** The processes that use the disk die; what they wrote stays. */
  killProcesses(): void {
    this.#life += 1
    this.#locks.clear()
  }

  /** The machine dies. Of names more or less may be lost than of contents. */
  cutPower(loss: Loss, names: Loss = loss): void {
    this.killProcesses()
    for (const file of this.#names.cutPower(names, this.#options.prng)) {
      file.cutPower(loss, this.#options.prng)
    }
  }

  /** What all files take now. */
  bytes(): number {
    return this.#names.bytes()
  }

  /** All paths, in the order of their creation. */
  paths(): readonly string[] {
    return this.#names.paths()
  }

  /** Changes bytes of a file on the platter, behind everybody's back. */
  corrupt(path: string, change: (bytes: Uint8Array) => void): void {
    this.#names.get(path)?.corrupt(change)
  }

  #hooks(): FileHooks {
    const life = this.#life
    const { clock } = this.#options
    return {
      faults: this.faults,
      before: (operation, path) => {
        if (life !== this.#life) throw new DiskError('EIO', path, 'its process is dead')
        this.#options.beforeOperation?.(operation)
      },
      isAlive: () => life === this.#life,
      afterSync: (call) => clock.wakeAt(clock.nowNs() + this.#syncNs(), call),
      bytesLeft: () => this.#bytesLeft(),
    }
  }

  /** Counts only when there is a limit: every write asks. */
  #bytesLeft(): number {
    const { capacityBytes } = this.faults
    return capacityBytes === Number.POSITIVE_INFINITY
      ? capacityBytes
      : capacityBytes - this.#names.bytes()
  }

  #after(delayNs: number, call: () => void): void {
    const life = this.#life
    const { clock } = this.#options
    clock.wakeAt(clock.nowNs() + delayNs, () => {
      if (life === this.#life) call()
    })
  }

  #syncNs(): number {
    const { syncNsMin, syncNsMax, prng } = this.#options
    return syncNsMin + prng.below(Math.max(1, syncNsMax - syncNsMin)) + this.faults.slowSyncNs
  }
}

type FileHooks = {
  readonly faults: DiskFaults
  readonly before: (operation: DiskOperation, path: string) => void
  /** Whether the process that opened the file is. */
  readonly isAlive: () => boolean
  /** Calls after a time that a sync takes. */
  readonly afterSync: (call: () => void) => void
  readonly bytesLeft: () => number
}

class OpenFile implements DiskFile {
  readonly path: string
  readonly #hooks: FileHooks
  readonly #file: VirtualFile

  constructor(hooks: FileHooks, path: string, file: VirtualFile) {
    this.#hooks = hooks
    this.path = path
    this.#file = file
  }

  size(): number {
    return this.#file.size
  }

  read(at: number, into: Uint8Array): number {
    return this.#file.read(at, into)
  }

  write(at: number, parts: readonly Uint8Array[]): void {
    this.#hooks.before('write', this.path)
    let from = at
    for (const part of parts) {
      this.#writePart(from, part)
      from += part.length
    }
  }

  truncate(bytes: number): void {
    this.#hooks.before('truncate', this.path)
    this.#file.truncate(bytes)
  }

  sync(done: Done): void {
    this.#hooks.before('sync', this.path)
    const through = this.#file.lastChange
    this.#hooks.afterSync(() => {
      if (this.#hooks.isAlive()) done(this.#syncThrough(through))
    })
  }

  syncNow(): void {
    this.#hooks.before('sync', this.path)
    const error = this.#syncThrough(this.#file.lastChange)
    if (error !== undefined) throw error
  }

  close(): void {}

  #syncThrough(through: number): Error | undefined {
    if (this.#hooks.faults.syncsToFail === 0) {
      this.#file.sync(through)
      return undefined
    }
    this.#hooks.faults.syncsToFail -= 1
    this.#file.forget(through)
    return new DiskError('EIO', this.path, `${this.path}: the sync failed`)
  }

  #writePart(at: number, part: Uint8Array): void {
    const { faults } = this.#hooks
    if (faults.writesToFail > 0) {
      faults.writesToFail -= 1
      this.#file.write(at, part.subarray(0, faults.shortWriteBytes))
      throw new DiskError('EIO', this.path, `${this.path}: the write failed`)
    }
    const room = this.#file.size + this.#hooks.bytesLeft() - at
    if (part.length > room) {
      if (room > 0) this.#file.write(at, part.subarray(0, room))
      throw new DiskError('ENOSPC', this.path, `${this.path}: the disk is full`)
    }
    this.#file.write(at, part)
  }
}
