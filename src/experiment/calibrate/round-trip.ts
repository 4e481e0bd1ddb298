import { connect, type Socket } from 'node:net'
import { devNull } from 'node:os'
import { join } from 'node:path'
import { RaftmarkError } from '../../base/errors.ts'
import { systemClock } from '../../os/clock.ts'
import type { Guard } from '../../os/guard.ts'
import type { GuardedProcess } from '../../os/guarded-process.ts'
import { packageRoot } from '../../os/package-root.ts'
import { within } from '../../os/within.ts'

const MESSAGE_BYTES = 100

/** Untimed: both ends compile and the connection opens its window. */
const WARM_UP_ROUNDS = 200

/** From the start of the echo process until it listens. */
const START_MS_MAX = 10_000
/** Beyond the time that the round trips may take: then one of them was never answered. */
const ANSWER_MS_MAX = 3_000

/**
 * How long 100 bytes take to another process and back, one at a time, for `forMs`. Rejects with
 * RaftmarkError `calibration-failed` when the other process ends or does not answer.
 */
export async function sampleRoundTrips(
  guard: Guard,
  directory: string,
  forMs: number,
): Promise<readonly number[]> {
  const echo = await guard.start({
    argv: [process.execPath, join(packageRoot, 'bin', 'echo.js')],
    directory,
    stderrFile: devNull,
  })
  try {
    const port = await untilItListens(echo)
    return await exchange(port, forMs)
  } finally {
    echo.signal('SIGKILL')
    await echo.ended
  }
}

function untilItListens(echo: GuardedProcess): Promise<number> {
  const port = new Promise<number>((resolve, reject) => {
    echo.onLine((line) => resolve(Number(line)))
    void echo.ended.then(() => reject(failed('ended before it listened')))
  })
  const late = () => failed(`did not listen within ${START_MS_MAX / 1_000} s`)
  return within(port, { clock: systemClock, limitMs: START_MS_MAX, late })
}

async function exchange(port: number, forMs: number): Promise<readonly number[]> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  try {
    return await within(pingPong(socket, forMs), {
      clock: systemClock,
      limitMs: forMs + ANSWER_MS_MAX,
      late: () => failed(`did not answer within ${ANSWER_MS_MAX / 1_000} s`),
    })
  } finally {
    socket.destroy()
  }
}

function failed(what: string): RaftmarkError {
  const message = `the echo process of the loopback round trip ${what}`
  return new RaftmarkError('calibration-failed', message, {
    nextStep: 'Run it again; if it persists, see "raftmark doctor".',
  })
}

/** By callbacks: a promise per round would be part of what is measured. */
function pingPong(socket: Socket, forMs: number): Promise<readonly number[]> {
  const message = Buffer.alloc(MESSAGE_BYTES, 0xa5)
  const samples: number[] = []
  const endNs = systemClock.nowNs() + forMs * 1e6
  let round = 0
  let missing = MESSAGE_BYTES
  let sentNs = 0
  return new Promise((resolve, reject) => {
    const send = () => {
      sentNs = systemClock.nowNs()
      missing = MESSAGE_BYTES
      socket.write(message)
    }
    socket.on('error', (error) => reject(failed(`broke the connection: ${error.message}`)))
    socket.on('end', () => reject(failed('ended the connection')))
    socket.on('data', (bytes) => {
      missing -= bytes.length
      if (missing > 0) return
      const nowNs = systemClock.nowNs()
      round += 1
      if (round > WARM_UP_ROUNDS) samples.push((nowNs - sentNs) / 1e6)
      if (nowNs >= endNs && samples.length > 0) resolve(samples)
      else send()
    })
    socket.once('connect', send)
  })
}
