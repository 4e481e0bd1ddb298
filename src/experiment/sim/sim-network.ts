import type { Prng } from '../../base/prng.ts'
import type { GroupId, NodeId } from '../../contract/types.ts'
import { describeMessage } from '../../replica/consensus/describe.ts'
import type { Message } from '../../replica/consensus/message.ts'
import { type Lane, laneOf } from '../../replica/transport/transport.ts'
import { eventKinds, type Happening } from './event-heap.ts'
import type { World } from './world.ts'

/** What happens to messages from one node to another. */
export type Link = {
  isCut: boolean
  lossRatio: number
  repeatRatio: number
  /** Whether messages of one lane may overtake each other. */
  reorders: boolean
  extraNs: number
  /** Messages come a second time within so long; 0: none does. */
  echoNsMax: number
}

class Delivery implements Happening {
  readonly #network: SimNetwork
  readonly #group: GroupId
  readonly #message: Message

  constructor(network: SimNetwork, group: GroupId, message: Message) {
    this.#network = network
    this.#group = group
    this.#message = message
  }

  happen(): void {
    this.#network.arrived(this.#group, this.#message)
  }
}

type Receive = (group: GroupId, message: Message) => void

/** Carries messages between nodes and between clients and nodes; every delay comes from a seed. */
export class SimNetwork {
  readonly #world: World
  readonly #prng: Prng
  readonly #nodes: number
  readonly #links: Link[] = []
  readonly #laneFreeNs: number[] = []
  readonly #receivers: (Receive | undefined)[] = []
  readonly #delayNsMax: number
  readonly #onDelivery: (message: Message) => void
  /** Ratio of answers to clients that are lost, by node. */
  readonly lostReplies: number[] = []

  constructor(
    world: World,
    prng: Prng,
    nodes: number,
    delayNsMax: number,
    onDelivery: (message: Message) => void,
  ) {
    this.#onDelivery = onDelivery
    this.#world = world
    this.#prng = prng
    this.#nodes = nodes
    this.#delayNsMax = delayNsMax
    const count = (nodes + 1) * (nodes + 1)
    for (let at = 0; at < count; at += 1) {
      this.#links.push(healthyLink())
      this.#laneFreeNs.push(0, 0)
    }
    for (let node = 0; node <= nodes; node += 1) this.lostReplies.push(0)
  }

  link(from: number, to: number): Link {
    return this.#links[from * (this.#nodes + 1) + to] as Link
  }

  /** Heals every link. */
  heal(): void {
    for (let at = 0; at < this.#links.length; at += 1) this.#links[at] = healthyLink()
    this.lostReplies.fill(0)
  }

  /** `undefined`: the node is down, and what arrives is lost. */
  connect(node: number, receive: Receive | undefined): void {
    this.#receivers[node] = receive
  }

  send(group: GroupId, message: Message): void {
    const { from, to } = message
    const link = this.link(from, to)
    if (link.isCut || this.#happens(link.lossRatio)) {
      this.#world.note(() => `lost      ${describeMessage(message)}`)
      return
    }
    this.#deliver(group, message, link)
    if (this.#happens(link.repeatRatio)) this.#deliver(group, message, link)
    if (link.echoNsMax > 0) this.#arrive(group, message, this.#prng.below(link.echoNsMax))
  }

  /** How long a client's request or answer takes; every one takes its own time. */
  clientDelayNs(): number {
    return this.#delayNs()
  }

  loseReply(node: NodeId): boolean {
    return this.#happens(this.lostReplies[node] as number)
  }

  #deliver(group: GroupId, message: Message, link: Link): void {
    const { from, to } = message
    const lane: Lane = laneOf(message)
    const slot = (from * (this.#nodes + 1) + to) * 2 + (lane === 'append' ? 1 : 0)
    let atNs = this.#world.nowNs + this.#delayNs() + link.extraNs
    if (link.reorders) atNs += this.#prng.below(4) * this.#delayNsMax
    else atNs = Math.max(atNs, this.#laneFreeNs[slot] as number)
    this.#laneFreeNs[slot] = Math.max(atNs, this.#laneFreeNs[slot] as number)
    this.#arrive(group, message, atNs - this.#world.nowNs)
  }

  #arrive(group: GroupId, message: Message, inNs: number): void {
    const delivery = new Delivery(this, group, message)
    this.#world.plan(this.#world.nowNs + inNs, eventKinds.delivery, message.to, delivery)
  }

  /** A message is at its end: lost, if nobody is there. */
  arrived(group: GroupId, message: Message): void {
    const receive = this.#receivers[message.to]
    if (receive === undefined) return
    this.#world.mix(message.term * 7 + message.from)
    if (this.#world.trace !== undefined) this.#world.note(() => describeMessage(message))
    this.#onDelivery(message)
    receive(group, message)
  }

  #delayNs(): number {
    return 50_000 + this.#prng.below(this.#delayNsMax)
  }

  #happens(ratio: number): boolean {
    return ratio > 0 && this.#prng.ratio() < ratio
  }
}

const healthyLink = (): Link => ({
  isCut: false,
  lossRatio: 0,
  repeatRatio: 0,
  reorders: false,
  extraNs: 0,
  echoNsMax: 0,
})
