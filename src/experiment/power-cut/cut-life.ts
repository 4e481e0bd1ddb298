import { type Clock, sleepUntil } from '../../base/clock.ts'
import { RaftmarkError } from '../../base/errors.ts'
import type { Prng } from '../../base/prng.ts'
import { GroupId, type NodeId } from '../../contract/types.ts'
import { judgeHistory } from '../../judgement/check/judge-history.ts'
import type { PowerCutLife } from '../../judgement/check/judge-power-cut.ts'
import type { PowerCut } from '../../judgement/history/power-cut-record.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { GrpcLogClient } from '../load/grpc-log-client.ts'
import { readBack, readWholeLog, type WholeLog } from '../load/read-back.ts'
import { Routes } from '../load/routes.ts'
import { CutJournal } from './cut-journal.ts'
import type { CutMeans } from './cut-method.ts'
import { type PlannedCut, victimsOf } from './cut-plan.ts'
import { CutProducers } from './cut-producers.ts'

const NS_PER_MS = 1_000_000
const GROUP = GroupId(0)
const WINDOW_REQUESTS = 1_000
const WINDOW_BYTES = 16 * 1024 * 1024
/** For the first answers after a start or a cut; without them nothing was at stake. */
const ANSWERS_MS_MAX = 20_000
const ANSWERS_MIN = 10
/** For a leader that answers a linearizable read of the whole log. */
const READ_MS_MAX = 20_000
const READ_RETRY_MS = 20
const STOP_MS_MAX = 5_000

export type CutLifeOptions = {
  readonly clock: Clock
  readonly cluster: Cluster
  readonly means: CutMeans
  readonly runId: string
  readonly subject: string
  readonly prng: Prng
  readonly plan: readonly PlannedCut[]
  readonly signal: AbortSignal
  readonly onCut: (cut: PowerCut) => void
}

/**
 * Loads a running cluster, and cuts its power as planned, until something is lost or broken. After
 * each cut all that was ever acknowledged is read from the leader; at the end from every node, and
 * what the clients saw is judged.
 */
export async function liveThroughCuts(options: CutLifeOptions): Promise<PowerCutLife> {
  const life = new CutLife(options)
  try {
    return await life.live()
  } finally {
    life.close()
  }
}

class CutLife {
  readonly #options: CutLifeOptions
  readonly #journal: CutJournal
  readonly #routes: Routes
  readonly #producers: CutProducers
  readonly #cuts: PowerCut[] = []
  readonly #broken: string[] = []
  readonly #undecided: string[] = []
  /** Acknowledged batches that earlier cuts have counted. */
  #counted = 0

  constructor(options: CutLifeOptions) {
    const { clock, cluster, runId } = options
    this.#options = options
    this.#journal = new CutJournal(options)
    const addresses = new Map<number, string>(
      cluster.nodes.map(({ node, address }) => [node, address]),
    )
    const window = { windowRequests: WINDOW_REQUESTS, windowBytes: WINDOW_BYTES }
    this.#routes = new Routes({
      connect: (node: NodeId) =>
        new GrpcLogClient({ clock, address: addresses.get(node) ?? '', runId, ...window }),
      nodes: [...addresses.keys()],
      firstLeader: cluster.leaderOf(GROUP) ?? 1,
      partitions: 1,
    })
    const { routes, journal } = { routes: this.#routes, journal: this.#journal }
    this.#producers = new CutProducers({ clock, routes, journal, group: GROUP })
    cluster.onFailure((failure) => this.#broken.push(inOneLine(failure.message)))
  }

  async live(): Promise<PowerCutLife> {
    this.#producers.start()
    for (const planned of this.#options.plan) {
      if (this.#options.signal.aborted) break
      const cut = await this.#cut(planned)
      if (cut === undefined) break
      this.#cuts.push(cut)
      this.#options.onCut(cut)
      if (cut.lost > 0 || this.#broken.length > 0) break
    }
    await this.#producers.stop(STOP_MS_MAX)
    await this.#readBack()
    const { checks } = judgeHistory(this.#journal.finish())
    const [broken, undecided] = [this.#broken, this.#undecided]
    return { cuts: this.#cuts, checks, broken, undecided }
  }

  close(): void {
    this.#routes.close()
  }

  /** Undefined when nothing can be said about this cut. */
  async #cut(planned: PlannedCut): Promise<PowerCut | undefined> {
    const { clock, cluster, means, signal } = this.#options
    const [journal, producers] = [this.#journal, this.#producers]
    const hasMore = () => journal.acked >= this.#counted + ANSWERS_MIN || signal.aborted
    if (!(await producers.until(hasMore, ANSWERS_MS_MAX))) {
      this.#undecided.push(`fewer than ${ANSWERS_MIN} batches were acknowledged within 20 s`)
      return undefined
    }
    await sleepUntil(clock, clock.nowNs() + planned.afterMs * NS_PER_MS)
    await producers.until(() => producers.inFlight > 0, ANSWERS_MS_MAX)
    const nodes = victimsOf(planned, cluster.leaderOf(GROUP))
    const { inFlight } = producers
    const cutPower = () => means.cut(cluster.nodes.filter(({ node }) => nodes.includes(node)))
    await producers.duringCut(() => cluster.killTogether(nodes, cutPower))
    const acked = journal.acked
    for (const node of nodes) journal.node(node, 'crash')
    const cut = {
      scope: planned.scope,
      nodes,
      inFlight,
      acked: acked - this.#counted,
    }
    this.#counted = acked
    const started = await this.#restart(nodes)
    if (started === 0 && nodes.length === cluster.nodes.length) return { ...cut, lost: acked }
    const read = await this.#read()
    if (read === undefined) return undefined
    return { ...cut, lost: journal.lostIn(read.batches, acked) }
  }

  /** Returns how many came back. A node that does not is broken, and the others go on without. */
  async #restart(nodes: readonly number[]): Promise<number> {
    const results = await Promise.all(
      nodes.map(async (node) => {
        try {
          await this.#options.cluster.restart(node)
        } catch (error) {
          if (!(error instanceof RaftmarkError) || this.#options.signal.aborted) throw error
          this.#broken.push(`after a power cut, ${inOneLine(error.message)}`)
          return 0
        }
        this.#journal.node(node, 'restart')
        return 1
      }),
    )
    return results.reduce((sum: number, one) => sum + one, 0)
  }

  /** The whole log as the leader serves it to a linearizable read. */
  async #read(): Promise<WholeLog | undefined> {
    const { clock, cluster, signal } = this.#options
    const endNs = clock.nowNs() + READ_MS_MAX * NS_PER_MS
    let code = 'NO_LEADER'
    while (clock.nowNs() < endNs && !signal.aborted) {
      const leader = cluster.leaderOf(GROUP)
      if (leader !== undefined) {
        const client = this.#routes.client(leader as NodeId)
        const read = await new Promise<WholeLog>((resolve) => {
          readWholeLog(client, GROUP, 'linearizable', resolve)
        })
        if (read.code === 'OK') return read
        code = read.code
      }
      await sleepUntil(clock, clock.nowNs() + READ_RETRY_MS * NS_PER_MS)
    }
    const seconds = READ_MS_MAX / 1_000
    if (!signal.aborted) {
      this.#undecided.push(`the log could not be read within ${seconds} s after a cut: ${code}`)
    }
    return undefined
  }

  #readBack(): Promise<void> {
    const { clock, cluster } = this.#options
    const history = {
      readBack: (node: number, _: number, batches: readonly Uint8Array[]) =>
        this.#journal.readBack(node, batches),
    }
    const options = { clock, routes: this.#routes, nodes: cluster.nodes, groups: [GROUP], history }
    return new Promise((resolve) => readBack(options, resolve))
  }
}

/** What happened, and the node's last word; the command and the folder stand in its log. */
function inOneLine(message: string): string {
  const [what = '', ...lines] = message.split('\n')
  const said = lines.filter((line) => line.trim().startsWith('stderr:'))
  return [what, ...said.map((line) => line.trim())].join('; ')
}
