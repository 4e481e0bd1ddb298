import { readFileSync } from 'node:fs'
import { logVerbosity, setLogVerbosity } from '@grpc/grpc-js'
import { RaftmarkError } from '../base/errors.ts'
import { CONTRACT_VERSION, type Handshake } from '../contract/node-config.ts'
import { systemClock } from '../os/clock.ts'
import { countGcPauses } from '../os/gc-pauses.ts'
import { EXIT_PORT_TAKEN } from '../os/ports.ts'
import { AddressInUse } from './grpc-server.ts'
import { isConfigFault, readNodeConfig } from './read-config.ts'
import { type RunningNode, runNode } from './run-node.ts'

/** From the order to end until the process is gone, whatever its stores do. */
const CLOSE_NS_MAX = 3_000_000_000
const EXIT_MISTAKE = 2
const EXIT_BUG = 70

process.on('uncaughtException', (error) => {
  end(EXIT_BUG, error.stack ?? String(error))
})

// The errors that grpc-js would print are told, in our own words, by those who meet them.
setLogVerbosity(logVerbosity.NONE)
const started = await start()

let isEnding = false
process.stdin.on('end', () => stop())
process.stdin.on('error', () => stop())
process.stdin.resume()
process.on('SIGTERM', () => stop())
process.on('SIGINT', () => stop())

// The last step: who reads the line may order the end at once.
const handshake: Handshake = { raftmark: CONTRACT_VERSION, address: started.address }
process.stdout.write(`${JSON.stringify(handshake)}\n`)

async function start(): Promise<RunningNode> {
  try {
    const [path] = process.argv.slice(2)
    if (path === undefined) return end(EXIT_MISTAKE, 'usage: node node.js CONFIG.json')
    const config = readNodeConfig(readFileSync(path, 'utf8'))
    if (isConfigFault(config)) {
      return end(
        EXIT_MISTAKE,
        `${path}: ${config.key === '' ? '' : `${config.key} `}${config.fault}`,
      )
    }
    return await runNode(config, { clock: systemClock, gcPauses: countGcPauses() })
  } catch (error) {
    return endFor(error)
  }
}

function endFor(error: unknown): never {
  if (error instanceof AddressInUse) return end(EXIT_PORT_TAKEN, error.message)
  if (error instanceof RaftmarkError) {
    return end(EXIT_MISTAKE, `${error.message}\nnext step: ${error.nextStep}`)
  }
  if (isSystemError(error)) return end(EXIT_MISTAKE, error.message)
  return end(EXIT_BUG, error instanceof Error ? (error.stack ?? error.message) : String(error))
}

const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'syscall' in error

function stop(): void {
  if (isEnding) return
  isEnding = true
  systemClock.wakeAt(systemClock.nowNs() + CLOSE_NS_MAX, () =>
    end(EXIT_BUG, `a store did not close within ${CLOSE_NS_MAX / 1e9} s`),
  )
  started.close().then(
    () => end(0),
    (error) => end(EXIT_BUG, `a store did not close: ${error}`),
  )
}

function end(code: number, message?: string): never {
  if (message !== undefined) process.stderr.write(`raftmark node: ${message}\n`)
  process.exit(code)
}
