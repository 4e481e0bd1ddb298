import { walAdapter } from 'raftmark/adapter'

const wal = walAdapter()
const open = new Set()

/** Heeds the lock of its own process only. */
const lockOf = (disk) => (directory) => {
  let lock
  try {
    lock = disk.lock(directory)
  } catch (error) {
    if (error.code !== 'LOCKED' || open.has(directory)) throw error
    lock = { release: () => undefined }
  }
  open.add(directory)
  return {
    release: () => {
      open.delete(directory)
      lock.release()
    },
  }
}

const without = (disk) => {
  const methods = ['list', 'makeDirectory', 'exists', 'open', 'rename', 'remove']
  const syncs = ['syncDirectory', 'syncDirectoryNow']
  const same = [...methods, ...syncs].map((name) => [name, (...args) => disk[name](...args)])
  return { ...Object.fromEntries(same), lock: lockOf(disk) }
}

export const adapter = {
  name: 'two-processes',
  durabilities: wal.durabilities,
  open: (options) => wal.open({ ...options, disk: without(options.disk) }),
}
