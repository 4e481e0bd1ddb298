/**
 * Files as a store needs them. The real one and the simulator's keep the same promises: what was
 * written is read back at once, but survives a crash only if a later `sync` of the file, and for
 * a new name also of its directory, was done.
 *
 * Why synchronous but for the syncs: a write into the page cache takes 3 µs, a hop to a thread
 * and back a hundred; only a sync is worth waiting for.
 *
 * Every call throws `DiskError` when the system refuses.
 */
export interface Disk {
  /** Names in `directory`, in no promised order. */
  list(directory: string): readonly string[]
  /** Makes `directory` and those above it as needed, with durable names. */
  makeDirectory(directory: string): void
  exists(path: string): boolean
  /** `create` fails if the file exists, `existing` if it does not. */
  open(path: string, mode: 'create' | 'existing'): DiskFile
  rename(from: string, to: string): void
  remove(path: string): void
  /** Makes the names in `directory` durable. */
  syncDirectory(directory: string, done: (error?: Error) => void): void
  /** The same before returning: for opening a store, when there is nothing else to do. */
  syncDirectoryNow(directory: string): void
  /**
   * Takes `directory` for this process alone, until `release` or the process's death. Throws
   * `DiskError` with code `LOCKED` and the other's process id if somebody has it.
   */
  lock(directory: string): { release(): void }
}

export interface DiskFile {
  readonly path: string
  size(): number
  /** Fills `into` from byte `at` on; returns how many bytes there were. */
  read(at: number, into: Uint8Array): number
  /** Writes `parts` one after the other, from byte `at` on. */
  write(at: number, parts: readonly Uint8Array[]): void
  truncate(bytes: number): void
  /** Makes everything written before the call durable, and the size. */
  sync(done: (error?: Error) => void): void
  /** The same before returning: for opening a store, when there is nothing else to do. */
  syncNow(): void
  close(): void
}

/** The system refused. `code` is its own: EIO, ENOSPC, EACCES, … or LOCKED. */
export class DiskError extends Error {
  override readonly name = 'DiskError'
  readonly code: string
  readonly path: string

  constructor(code: string, path: string, message: string) {
    super(message)
    this.code = code
    this.path = path
  }
}
