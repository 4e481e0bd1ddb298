import { workerData } from 'node:worker_threads'

/**
 * The worker's side of worker-map.ts, in plain JavaScript because a worker starts without a
 * loader. `open` returns `{ state, rows, commit, close }`, each of which may be asynchronous.
 */
export function serveMap(open) {
  const { calls, commits, answered } = workerData
  let map
  const methods = {
    open: async (options) => {
      map = await open(options)
      return map.state()
    },
    rows: ({ start, end, bytesMax }) => map.rows(start, end, bytesMax),
    close: () => map?.close(),
  }
  calls.on('message', async ({ id, method, args }) => {
    calls.postMessage({ id, ...(await outcomeOf(() => methods[method](args))) })
    Atomics.add(answered, 0, 1)
    Atomics.notify(answered, 0)
  })
  commits.on('message', async ({ id, change }) => {
    commits.postMessage({ id, ...(await outcomeOf(() => map.commit(change))) })
  })
}

async function outcomeOf(call) {
  try {
    return { value: await call() }
  } catch (error) {
    const causes = [error?.message ?? String(error), error?.cause?.message]
    return { error: causes.filter((each) => each !== undefined).join(': ') }
  }
}

/** Takes rows until there are enough bytes of them. */
export function limited(rows, bytesMax) {
  const found = []
  let bytes = 0
  for (const row of rows) {
    bytes += row.length
    if (found.length > 0 && bytes > bytesMax) break
    found.push(Uint8Array.from(row))
  }
  return found
}

/** The indexes of the rows that a change deletes. */
export function* goneWith({ compactStart, compactEnd, deleteStart, deleteEnd }) {
  for (let index = compactStart; index < compactEnd; index += 1) yield index
  for (let index = deleteStart; index < deleteEnd; index += 1) yield index
}
