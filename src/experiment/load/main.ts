import { openSync, writeFileSync } from 'node:fs'
import { systemClock, wallClock } from '../../os/clock.ts'
import { crc32c } from '../../os/crc32c.ts'
import { lineSplitter } from '../../os/line-splitter.ts'
import { messageLines, readOrder } from './channel.ts'
import { GrpcLogClient } from './grpc-log-client.ts'
import { placesFor } from './load-parts.ts'
import { LoadRun } from './load-run.ts'
import type { FromGenerator, LoadPlan } from './plan.ts'

const NS_PER_MS = 1_000_000
/** The generator's own limit on what is outstanding is the number of operations. */
const WINDOW_BYTES = 256 * 1024 * 1024

/** The generator process: told what to do on standard input, and ended by its end. */
function main(): void {
  let run: LoadRun | undefined
  const orders = lineSplitter((line) => {
    const order = readOrder(line)
    if (order.kind === 'plan') run = startRun(order.plan)
    else if (order.kind === 'measure') run?.measure()
    else run?.stop('interrupted')
  })
  process.stdin.setEncoding('utf8')
  process.stdin.on('data', (text: string) => orders.push(text))
  // The parent has gone, or has all that it wanted.
  process.stdin.on('end', () => process.exit(0))
  process.on('uncaughtException', (error) => {
    tell({ kind: 'failed', message: error.message, stack: error.stack })
    process.exitCode = 70
    process.stdin.destroy()
    process.stdout.write('', () => process.exit())
  })
}

function startRun(plan: LoadPlan): LoadRun {
  const { nodes, runId, workload, files } = plan
  const clients: GrpcLogClient[] = []
  const run = new LoadRun(
    plan,
    {
      clock: systemClock,
      clockStartMs: wallClock.nowMs() - systemClock.nowNs() / NS_PER_MS,
      crc32c,
      connect: (node) => {
        const address = nodes.find((other) => other.node === node)?.address ?? ''
        const windowRequests = placesFor(workload)
        const client = new GrpcLogClient({
          ...{ clock: systemClock, address, runId, windowRequests },
          windowBytes: WINDOW_BYTES,
        })
        clients.push(client)
        return client
      },
      ...(files.history === undefined ? {} : { writeHistory: historyFile(files.history) }),
      framesSent: () => clients.reduce((sum, client) => sum + client.produceFramesSent, 0),
      tell,
    },
    ({ report, histogramLog, series }) => {
      writeFileSync(files.histogram, histogramLog)
      writeFileSync(files.series, `${JSON.stringify(series)}\n`)
      tell({ kind: 'report', report })
    },
  )
  run.start()
  return run
}

function historyFile(path: string): (text: string) => void {
  const file = openSync(path, 'w')
  return (text) => {
    writeFileSync(file, text)
  }
}

function tell(message: FromGenerator): void {
  process.stdout.write(messageLines(message))
}

main()
