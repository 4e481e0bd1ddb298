import { createServer } from 'node:net'
import { CONTRACT_VERSION } from '../../contract/node-config.ts'
import { systemClock } from '../../os/clock.ts'
import type { Ended, GuardedProcess } from '../../os/guarded-process.ts'
import { EXIT_PORT_TAKEN } from '../../os/ports.ts'
import { within } from '../../os/within.ts'
import { type AdapterLab, nowMs, sleepMs } from './adapter-lab.ts'
import type { AdapterRule } from './adapter-rule.ts'
import { Broken, hold } from './broken.ts'

const HANDSHAKE_MS_MAX = 20_000
const END_MS_MAX = 5_000
/** A second line would have come by then. */
const QUIET_MS = 200
const EXIT_MISTAKE = 2

/** How a node's process starts and ends. */
export const adapterStartRules: readonly AdapterRule[] = [
  {
    name: 'handshake',
    promise: 'prints one JSON line with contract and address when it serves, and nothing else',
    check: async (lab) => {
      const { lines, address } = await served(lab)
      await sleepMs(QUIET_MS)
      const [line = ''] = lines
      const said = parsed(line)
      const wanted = JSON.stringify({ raftmark: CONTRACT_VERSION, address })
      hold(said['raftmark'] === CONTRACT_VERSION && said['address'] === address, wanted, line)
      hold(lines.length === 1, 'one line on standard output', `${lines.length} lines`)
    },
  },
  {
    name: 'configuration-refused',
    promise: 'ends with exit code 2 when it cannot do what its configuration says',
    check: async (lab) => {
      const { exitCode } = await refusal(await lab.process({ contract: 99 }), 'at contract 99')
      hold(exitCode === EXIT_MISTAKE, 'exit code 2 at contract 99', `exit code ${exitCode}`)
    },
  },
  {
    name: 'port-taken',
    promise: 'ends with exit code 98 when somebody else listens at its address',
    check: async (lab) => {
      const [listen, release] = await takenPort()
      try {
        const { exitCode } = await refusal(await lab.process({ listen }), 'at a taken port')
        hold(exitCode === EXIT_PORT_TAKEN, 'exit code 98', `exit code ${exitCode}`)
      } finally {
        release()
      }
    },
  },
  {
    name: 'ends-with-its-input',
    promise: 'ends with exit code 0 within 5 s when its standard input ends',
    check: async (lab) => {
      const { process } = await served(lab)
      lab.transcript.push('closes its standard input')
      process.endInput()
      const { exitCode } = await endOf(process, 'after its input ended', END_MS_MAX)
      hold(exitCode === 0, 'exit code 0', `exit code ${exitCode}`)
    },
  },
  {
    name: 'ends-at-sigterm',
    promise: 'ends with exit code 0 within 5 s at SIGTERM',
    check: async (lab) => {
      const { process } = await served(lab)
      lab.transcript.push('sends SIGTERM')
      process.signal('SIGTERM')
      const { exitCode } = await endOf(process, 'after SIGTERM', END_MS_MAX)
      hold(exitCode === 0, 'exit code 0', `exit code ${exitCode}`)
    },
  },
  {
    name: 'dies-with-its-parent',
    promise: 'ends within 5 s when the process that started it is killed',
    check: async (lab) => {
      const { process, childPid } = await lab.grandchild(HANDSHAKE_MS_MAX)
      lab.transcript.push(`kills the parent of node process ${childPid} with SIGKILL`)
      lab.killAlone(process)
      const untilMs = nowMs() + END_MS_MAX
      while (lab.isAlive(childPid)) {
        hold(nowMs() < untilMs, 'no process 5 s after its parent was killed', `it still runs`)
        await sleepMs(20)
      }
    },
  },
]

type Started = Awaited<ReturnType<AdapterLab['process']>>

async function served(lab: AdapterLab): Promise<Started> {
  const node = await lab.process()
  const untilMs = nowMs() + HANDSHAKE_MS_MAX
  while (node.lines.length === 0) {
    const end = node.process.end
    hold(end === undefined, 'a node that serves', `its end with exit code ${end?.exitCode}`)
    hold(nowMs() < untilMs, `a line within ${HANDSHAKE_MS_MAX} ms`, 'nothing')
    await sleepMs(10)
  }
  return node
}

/** The end of a process that must not serve. */
async function refusal(node: Started, when: string): Promise<Ended> {
  const untilMs = nowMs() + HANDSHAKE_MS_MAX
  for (;;) {
    const { end } = node.process
    if (end !== undefined) return end
    hold(node.lines.length === 0, `its end ${when}`, `its handshake: ${node.lines[0]}`)
    hold(nowMs() < untilMs, `its end within ${HANDSHAKE_MS_MAX} ms ${when}`, 'it still runs')
    await sleepMs(10)
  }
}

const endOf = (process: GuardedProcess, when: string, limitMs: number): Promise<Ended> =>
  within(process.ended, {
    clock: systemClock,
    limitMs,
    late: () => new Broken(`its end within ${limitMs} ms ${when}`, 'it still runs'),
  })

function parsed(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line)
  } catch {
    // What is no JSON is no handshake: the rule says what the line was.
    return {}
  }
}

function takenPort(): Promise<[string, () => void]> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen({ host: '127.0.0.1', port: 0 }, () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      resolve([`127.0.0.1:${port}`, () => server.close()])
    })
  })
}
