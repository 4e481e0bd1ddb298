import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { devNull } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../os/clock.ts'
import type { Guard } from '../../os/guard.ts'
import { packageRoot } from '../../os/package-root.ts'

const MESSAGE_BYTES = 100

/** Untimed: both ends compile and the connection opens its window. */
const WARM_UP_ROUNDS = 200

/** How long 100 bytes take to another process and back, one at a time, for `forMs`. */
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
  const port = await new Promise<number>((resolve, reject) => {
    echo.onLine((line) => resolve(Number(line)))
    void echo.ended.then(() => reject(new Error('the echo process ended before it listened')))
  })
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  await once(socket, 'connect')
  const samples = await pingPong(socket, forMs)
  socket.destroy()
  echo.endInput()
  await echo.ended
  return samples
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
    socket.on('error', reject)
    socket.on('data', (bytes) => {
      missing -= bytes.length
      if (missing > 0) return
      const nowNs = systemClock.nowNs()
      round += 1
      if (round > WARM_UP_ROUNDS) samples.push((nowNs - sentNs) / 1e6)
      if (nowNs >= endNs && samples.length > 0) resolve(samples)
      else send()
    })
    send()
  })
}
