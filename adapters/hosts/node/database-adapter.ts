import { foreign, RaftmarkError, refusalOf, type Store, type StoreAdapter } from 'raftmark/adapter'
import { MapStore } from './map-store.ts'
import { WorkerMap, workerOf } from './worker-map.ts'

type Options = Parameters<StoreAdapter['open']>[0]

/**
 * A store over a database that opens its own files: in a folder named after it, beside the lock,
 * so that the files of two stores are never mixed up.
 */
export const databaseAdapter = (name: string): StoreAdapter => ({
  name,
  durabilities: ['D2', 'D3', 'D1'],
  open: (options) => {
    const { directory, disk } = options
    try {
      disk.makeDirectory(directory)
      const lock = disk.lock(directory)
      try {
        refuseForeign(name, options)
        return openDatabase(name, options, lock)
      } catch (error) {
        lock.release()
        throw error
      }
    } catch (error) {
      throw refusalOf(error, directory)
    }
  },
})

function refuseForeign(name: string, { disk, directory }: Options): void {
  const found = disk.list(directory).find((each) => each !== name && !each.startsWith('lock'))
  if (found === undefined) return
  throw foreign(
    `${directory}/${found}`,
    `is no file of the store \`${name}\``,
    'Choose an empty directory, or the store to which this one belongs.',
  )
}

function openDatabase(name: string, options: Options, lock: { release(): void }): Store {
  const { directory, disk, durability } = options
  const path = `${directory}/${name}`
  disk.makeDirectory(path)
  const map = openMap(name, path, durability !== 'D1')
  try {
    // The names of files that the database has made.
    disk.syncDirectoryNow(path)
    return new MapStore(map, { ...options, path, isShared: durability !== 'D3', lock })
  } catch (error) {
    map.close(() => {})
    throw error
  }
}

function openMap(name: string, path: string, isSynced: boolean): WorkerMap {
  try {
    return new WorkerMap({ worker: workerOf(name), path, isSynced })
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error)
    throw new RaftmarkError('store-refused', `${path} cannot be opened: ${found}`, {
      nextStep:
        'Look at what the database says; restore the directory from a copy if it is damaged.',
      place: { file: path },
      cause: error,
    })
  }
}
