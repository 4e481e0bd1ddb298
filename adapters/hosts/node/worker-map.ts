import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'
import { assert, type Done } from 'raftmark/adapter'
import type { EntryMap, MapChange } from './entry-map.ts'

/** What a worker's file is told: see serve-map.mjs. */
export type WorkerMapOptions = {
  readonly worker: string
  /** Where the database keeps its files. */
  readonly path: string
  /** Whether a commit is synced. */
  readonly isSynced: boolean
}

type Reply = { readonly id: number; readonly value?: unknown; readonly error?: string }

/** A worker that says nothing for so long is broken. */
const ANSWER_MS_MAX = 60_000

/**
 * A map whose database lives in a thread of its own: commits leave this thread's event loop free.
 * Opening and reading wait for the answer, since the store port is synchronous there.
 */
export class WorkerMap implements EntryMap {
  readonly state: Uint8Array | undefined
  readonly counters = { syncs: 0, bytesWritten: 0, writes: 0 }
  readonly #worker: Worker
  readonly #calls: MessagePort
  readonly #commits: MessagePort
  readonly #answered = new Int32Array(new SharedArrayBuffer(4))
  readonly #outstanding = new Map<number, Done>()
  readonly #isSynced: boolean
  #lastId = 0

  constructor(options: WorkerMapOptions) {
    const calls = new MessageChannel()
    const commits = new MessageChannel()
    this.#calls = calls.port1
    this.#commits = commits.port1
    this.#isSynced = options.isSynced
    this.#worker = new Worker(options.worker, {
      workerData: { calls: calls.port2, commits: commits.port2, answered: this.#answered },
      transferList: [calls.port2, commits.port2],
      // The flags of this process, such as a loader of TypeScript, are not meant for it.
      execArgv: [],
    })
    this.#worker.unref()
    this.#commits.on('message', (reply: Reply) => this.#ended(reply))
    this.#commits.unref()
    this.#worker.on('error', (error) => this.#failAll(error))
    try {
      const { path, isSynced } = options
      this.state = this.#call('open', { path, isSynced }) as Uint8Array | undefined
    } catch (error) {
      void this.#worker.terminate()
      throw error
    }
  }

  rows(start: number, end: number, bytesMax: number): readonly Uint8Array[] {
    return this.#call('rows', { start, end, bytesMax }) as readonly Uint8Array[]
  }

  commit(change: MapChange, done: Done): void {
    if (this.#outstanding.size === 0) this.#commits.ref()
    this.#lastId += 1
    this.#outstanding.set(this.#lastId, done)
    this.counters.writes += 1
    if (this.#isSynced) this.counters.syncs += 1
    for (const row of change.rows) this.counters.bytesWritten += row.length
    this.counters.bytesWritten += change.state.length
    const memory = change.rows.map(({ buffer }) => buffer as ArrayBuffer)
    this.#commits.postMessage({ id: this.#lastId, change }, memory)
  }

  close(done: Done): void {
    let error: Error | undefined
    try {
      this.#call('close', {})
    } catch (thrown) {
      error = thrown as Error
    }
    this.#calls.close()
    this.#commits.close()
    this.#worker.terminate().then(
      () => done(error),
      (reason: Error) => done(error ?? reason),
    )
  }

  /** Sends and sleeps until the worker has answered. */
  #call(method: string, args: object): unknown {
    this.#lastId += 1
    const seen = Atomics.load(this.#answered, 0)
    this.#calls.postMessage({ id: this.#lastId, method, args })
    const woken = Atomics.wait(this.#answered, 0, seen, ANSWER_MS_MAX)
    if (woken === 'timed-out') throw new Error(`the store's worker did not answer "${method}"`)
    const received = receiveMessageOnPort(this.#calls)?.message as Reply | undefined
    assert(received?.id === this.#lastId, 'the worker answers one call after the other')
    if (received.error !== undefined) throw new Error(received.error)
    return received.value
  }

  #ended({ id, error }: Reply): void {
    const done = this.#outstanding.get(id)
    this.#outstanding.delete(id)
    if (this.#outstanding.size === 0) this.#commits.unref()
    done?.(error === undefined ? undefined : new Error(error))
  }

  #failAll(error: unknown): void {
    const failure = error instanceof Error ? error : new Error(String(error))
    for (const [id, done] of [...this.#outstanding]) {
      this.#outstanding.delete(id)
      done(failure)
    }
  }
}

/** The file adapters/store/NAME/worker.mjs, whether this is a source, compiled or bundled. */
export function workerOf(name: string): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  for (;;) {
    const path = join(folder, 'adapters', 'store', name, 'worker.mjs')
    if (existsSync(path)) return path
    const above = dirname(folder)
    if (above === folder) throw new Error(`adapters/store/${name}/worker.mjs is missing`)
    folder = above
  }
}
