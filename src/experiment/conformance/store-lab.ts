import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Durability } from '../../contract/durability.ts'
import { GroupId, NodeId } from '../../contract/types.ts'
import { systemClock } from '../../os/clock.ts'
import { crc32c } from '../../os/crc32c.ts'
import { disk as systemDisk } from '../../os/disk.ts'
import type { Persist } from '../../replica/consensus/effects.ts'
import type { Disk } from '../../replica/store/disk.ts'
import type { Store, StoreAdapter } from '../../replica/store/store.ts'
import { Broken } from './broken.ts'
import type { StoreHosting } from './store-hosting.ts'
import { describeWrite } from './store-sequence.ts'

/** How long one write may take, on a busy machine with a slow disk. */
const WRITE_MS_MAX = 30_000

export type Owner = { readonly node: number; readonly group: number }

const OWNER: Owner = { node: 1, group: 0 }

/** Where the rules try a store on the machine's own disk. */
export class StoreLab {
  readonly adapter: StoreAdapter
  readonly durability: Durability
  /** Opens the store in processes of its own; undefined where nobody can. */
  readonly hosting: StoreHosting | undefined
  /** What was done since the rule began. */
  readonly transcript: string[] = []
  /** Whether the store opened a file through the port: known after the first rules. */
  usesDisk = false
  readonly #directory: string
  readonly #sessions: StoreSession[] = []
  #directories = 0

  constructor(options: {
    readonly adapter: StoreAdapter
    readonly durability: Durability
    /** Made, used and removed. */
    readonly directory: string
    readonly hosting?: StoreHosting | undefined
  }) {
    this.adapter = options.adapter
    this.durability = options.durability
    this.#directory = options.directory
    this.hosting = options.hosting
  }

  /** A directory that nobody has used. */
  freshDirectory(): string {
    this.#directories += 1
    return join(this.#directory, String(this.#directories))
  }

  open(directory: string = this.freshDirectory(), owner: Owner = OWNER): StoreSession {
    const store = this.adapter.open({
      directory,
      node: NodeId(owner.node),
      group: GroupId(owner.group),
      durability: this.durability,
      disk: this.#watchedDisk(),
      clock: systemClock,
      crc32c,
      syncDelayNs: 0,
    })
    const session = new StoreSession(store, directory, this.transcript)
    this.#sessions.push(session)
    return session
  }

  /** Closes what a rule has left open. */
  async closeAll(): Promise<void> {
    for (const session of this.#sessions.splice(0)) await session.close()
  }

  async remove(): Promise<void> {
    await this.closeAll()
    rmSync(this.#directory, { recursive: true, force: true })
  }

  #watchedDisk(): Disk {
    return {
      ...systemDisk,
      open: (path, mode) => {
        this.usesDisk = true
        return systemDisk.open(path, mode)
      },
    }
  }
}

/** A store that is open. */
export class StoreSession {
  readonly store: Store
  readonly directory: string
  readonly #transcript: string[]
  #closing: Promise<void> | undefined

  constructor(store: Store, directory: string, transcript: string[]) {
    this.store = store
    this.directory = directory
    this.#transcript = transcript
  }

  /** Resolves when the write is done; rejects with its error. */
  persist(write: Persist): Promise<void> {
    this.#transcript.push(describeWrite(write))
    return inTime('a write to end', (done) => this.store.persist(write, done))
  }

  async persistAll(writes: readonly Persist[]): Promise<void> {
    for (const write of writes) await this.persist(write)
  }

  close(): Promise<void> {
    if (this.#closing === undefined) {
      this.#transcript.push('close')
      this.#closing = inTime('close to end', (done) => this.store.close(done))
    }
    return this.#closing
  }
}

function inTime(what: string, begin: (done: (error?: Error) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = systemClock.wakeAt(systemClock.nowNs() + WRITE_MS_MAX * 1e6, () =>
      reject(new Broken(what, `nothing for ${WRITE_MS_MAX / 1000} s`)),
    )
    begin((error) => {
      late.cancel()
      if (error === undefined) resolve()
      else reject(error)
    })
  })
}
