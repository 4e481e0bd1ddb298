import type { GroupView } from './node-probe.ts'

type Claim = { readonly node: number; readonly term: number }

/** Who leads which group, as told by the nodes' Watch streams. */
export class Leadership {
  readonly #groups: readonly number[]
  readonly #claims = new Map<number, Claim>()
  readonly #highestTerm = new Map<number, number>()
  #takeovers = 0
  #waiting: (() => void)[] = []

  constructor(groups: readonly number[]) {
    this.#groups = groups
  }

  /** How many times a node announced itself as the leader of a group in a new term. */
  get takeovers(): number {
    return this.#takeovers
  }

  /** The leader of the highest term that was announced, unless it has stepped down since. */
  leaderOf(group: number): number | undefined {
    return this.#claims.get(group)?.node
  }

  /** Groups that `node` leads, in the order in which the cluster was given them. */
  ledBy(node: number): readonly number[] {
    return this.#groups.filter((group) => this.leaderOf(group) === node)
  }

  /** Groups without a leader. */
  get leaderless(): readonly number[] {
    return this.#groups.filter((group) => this.leaderOf(group) === undefined)
  }

  /** Resolves as soon as every group has a leader. */
  untilLed(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      this.#wakeIfLed()
    })
  }

  observe(node: number, view: GroupView): void {
    const claim = this.#claims.get(view.group)
    if (view.role === 'leader') this.#claim(node, view)
    else if (claim?.node === node && view.term >= claim.term) this.#claims.delete(view.group)
  }

  /** The node is gone or stopped: it leads nothing that anybody could reach. */
  forget(node: number): void {
    for (const group of this.ledBy(node)) this.#claims.delete(group)
  }

  #claim(node: number, view: GroupView): void {
    const highest = this.#highestTerm.get(view.group) ?? -1
    if (view.term < highest) return
    if (view.term > highest) {
      this.#highestTerm.set(view.group, view.term)
      this.#takeovers += 1
    }
    this.#claims.set(view.group, { node, term: view.term })
    this.#wakeIfLed()
  }

  #wakeIfLed(): void {
    if (this.leaderless.length > 0) return
    for (const wake of this.#waiting.splice(0)) wake()
  }
}
