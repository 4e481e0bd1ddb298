import { assert } from '../../src/base/assert.ts'
import { NodeId, Term } from '../../src/contract/types.ts'
import {
  describeEffects,
  describeEntries,
  describeMessage,
} from '../../src/replica/consensus/describe.ts'
import type { Message } from '../../src/replica/consensus/message.ts'
import {
  type ClusterOptions,
  CoreCluster,
  type Disk,
  defaultOptions,
  emptyDisk,
  type Member,
} from './core-cluster.ts'
import { entriesOf } from './core-entries.ts'
import type { Directive } from './datadriven.ts'

/** Rounds of `stabilize` before a script is taken for one that never ends. */
const ROUNDS_MAX = 1000

/**
 * A golden file's cluster. Commands, after etcd's; times are milliseconds. After each, the nodes
 * that it touched are taken from, unless it says `hold`; `quiet` hides the output.
 *
 * add-nodes count=3 [pre-vote=no check-quorum=no leader-disk=serial window-messages= window-bytes=
 *   message-entries= message-bytes= cache-bytes= uncommitted-bytes=], and lines
 *   `node 1 term=2 vote=1 log=(1,1,2)` with the terms of the entries that a node starts with
 * campaign node=1 · propose node=1 [count= bytes=] · read node=1 [consistency=lease]
 * persisted node=1 [id=] · loaded node=1 · wake at= [node=] · take node=1
 * deliver [from= to= kind= count=] [drop duplicate reverse] · stabilize [nodes=(1,2)]
 * isolate node=1 · heal · crash node=1 · restart node=1 · show
 */
export class CoreScript {
  #cluster = new CoreCluster([], defaultOptions)
  #token = 0
  #lines: string[] = []
  readonly #onRules: (rules: readonly string[]) => void

  constructor(onRules: (rules: readonly string[]) => void) {
    this.#onRules = onRules
  }

  run(directive: Directive): string {
    this.#lines = []
    const command = this.#commands[directive.command]
    assert(command !== undefined, `no command is called ${directive.command}`)
    const touched = command(directive)
    if (!directive.args.has('hold')) for (const member of touched) this.#take(member)
    return directive.args.has('quiet') || this.#lines.length === 0 ? 'ok' : this.#lines.join('\n')
  }

  readonly #commands: Record<string, (directive: Directive) => readonly Member[]> = {
    'add-nodes': (directive) => {
      this.#cluster = new CoreCluster(disksOf(directive), optionsOf(directive))
      return []
    },
    campaign: (directive) => this.#step(directive, () => ({ kind: 'campaign' })),
    propose: (directive) => {
      const count = numberOf(directive, 'count') ?? 1
      const payload = new Uint8Array(numberOf(directive, 'bytes') ?? 8)
      const touched = new Set<Member>()
      for (let proposal = 0; proposal < count; proposal += 1) {
        this.#token += 1
        const input = { kind: 'propose', token: this.#token, payload } as const
        for (const member of this.#step(directive, () => input)) touched.add(member)
      }
      return [...touched]
    },
    read: (directive) => {
      this.#token += 1
      const consistency = directive.args.get('consistency')?.[0] === 'lease' ? 'lease' : 'quorum'
      return this.#step(directive, () => ({ kind: 'read', token: this.#token, consistency }))
    },
    persisted: (directive) => {
      const member = this.#member(directive)
      this.#cluster.persist(member, numberOf(directive, 'id'))
      return [member]
    },
    loaded: (directive) => {
      const member = this.#member(directive)
      this.#cluster.load(member)
      return [member]
    },
    wake: (directive) => {
      const cluster = this.#cluster
      cluster.nowNs = (numberOf(directive, 'at') ?? 0) * 1e6
      const only = numberOf(directive, 'node')
      const due = cluster.members.filter(
        ({ id, alive, core }) =>
          alive && (only === undefined || only === id) && core.deadlineNs <= cluster.nowNs,
      )
      for (const member of due) cluster.step(member, { kind: 'wake' })
      return due
    },
    take: (directive) => [this.#member(directive)],
    deliver: (directive) => this.#deliver(directive),
    stabilize: (directive) => {
      this.#stabilize(directive.args.get('nodes')?.map(Number))
      return []
    },
    isolate: (directive) => {
      this.#cluster.cutOff.add(this.#member(directive).id)
      return []
    },
    heal: () => {
      this.#cluster.cutOff.clear()
      return []
    },
    crash: (directive) => {
      this.#cluster.crash(this.#member(directive))
      return []
    },
    restart: (directive) => {
      const member = this.#member(directive)
      this.#cluster.restart(member)
      return [member]
    },
    show: () => {
      for (const member of this.#cluster.members) this.#lines.push(describeMember(member))
      return []
    },
  }

  #member(directive: Directive): Member {
    return this.#cluster.member(numberOf(directive, 'node') ?? 0)
  }

  #step(directive: Directive, input: () => Parameters<CoreCluster['step']>[1]): readonly Member[] {
    const member = this.#member(directive)
    this.#cluster.step(member, input())
    return [member]
  }

  /** Takes until there is nothing to take: applying may free what the next take sends. */
  #take(member: Member): boolean {
    const effects = this.#cluster.take(member)
    if (effects === undefined) return false
    this.#onRules(effects.trace)
    for (const line of describeEffects(effects)) this.#lines.push(`${member.id}  ${line}`)
    return true
  }

  #deliver(directive: Directive): readonly Member[] {
    const { args } = directive
    const matches = (message: Message): boolean =>
      [message.from, undefined].includes(numberOf(directive, 'from') as NodeId | undefined) &&
      [message.to, undefined].includes(numberOf(directive, 'to') as NodeId | undefined) &&
      [message.kind, undefined].includes(args.get('kind')?.[0] as Message['kind'] | undefined)
    const { network } = this.#cluster
    const count = numberOf(directive, 'count') ?? network.length
    const picked = network.filter(matches)
    if (args.has('reverse')) picked.reverse()
    const touched = new Set<Member>()
    for (const message of picked.slice(0, count)) {
      if (!args.has('duplicate')) network.splice(network.indexOf(message), 1)
      this.#lines.push(`${args.has('drop') ? 'lost' : 'arrives'} ${describeMessage(message)}`)
      if (args.has('drop')) continue
      this.#cluster.deliver(message)
      const member = this.#cluster.member(message.to)
      if (member.alive) touched.add(member)
    }
    return [...touched]
  }

  /** Writes, loads and delivers among `nodes`, or all, until nothing happens any more. */
  #stabilize(nodes: readonly number[] | undefined): void {
    const cluster = this.#cluster
    const inScope = (id: number): boolean => nodes === undefined || nodes.includes(id)
    const members = cluster.members.filter(({ id, alive }) => alive && inScope(id))
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      let busy = false
      for (const member of members) busy = this.#take(member) || busy
      for (const member of members) busy = cluster.persist(member) || cluster.load(member) || busy
      const due = cluster.network.filter(({ from, to }) => inScope(from) && inScope(to))
      for (const message of due) {
        cluster.network.splice(cluster.network.indexOf(message), 1)
        this.#lines.push(`arrives ${describeMessage(message)}`)
        cluster.deliver(message)
      }
      if (!busy && due.length === 0) return
    }
    assert(false, `not stable after ${ROUNDS_MAX} rounds`)
  }
}

function numberOf({ args }: Directive, key: string): number | undefined {
  const value = args.get(key)?.[0]
  return value === undefined ? undefined : Number(value)
}

function optionsOf(directive: Directive): ClusterOptions {
  const { window } = defaultOptions
  const isOn = (key: string): boolean => directive.args.get(key)?.[0] !== 'no'
  return {
    ...defaultOptions,
    preVote: isOn('pre-vote'),
    checkQuorum: isOn('check-quorum'),
    leaderDisk: directive.args.get('leader-disk')?.[0] === 'serial' ? 'serial' : 'parallel',
    cacheBytesMax: numberOf(directive, 'cache-bytes') ?? defaultOptions.cacheBytesMax,
    uncommittedBytesMax:
      numberOf(directive, 'uncommitted-bytes') ?? defaultOptions.uncommittedBytesMax,
    window: {
      messagesMax: numberOf(directive, 'window-messages') ?? window.messagesMax,
      bytesMax: numberOf(directive, 'window-bytes') ?? window.bytesMax,
      messageEntriesMax: numberOf(directive, 'message-entries') ?? window.messageEntriesMax,
      messageBytesMax: numberOf(directive, 'message-bytes') ?? window.messageBytesMax,
    },
  }
}

function disksOf(directive: Directive): Disk[] {
  const disks = Array.from({ length: numberOf(directive, 'count') ?? 0 }, emptyDisk)
  for (const line of directive.input.split('\n').filter((text) => text !== '')) {
    const [, id, rest = ''] = /^node (\d+)(.*)$/.exec(line) ?? []
    const disk = disks[Number(id) - 1]
    assert(disk !== undefined, `not a node of this cluster: ${line}`)
    const log = /log=\(([\d,]*)\)/.exec(rest)?.[1] ?? ''
    const terms = log === '' ? [] : log.split(',').map(Number)
    const vote = /vote=(\d+)/.exec(rest)?.[1]
    disk.entries = entriesOf(terms, 8)
    disk.hardState = {
      term: Term(Number(/term=(\d+)/.exec(rest)?.[1] ?? terms[terms.length - 1] ?? 0)),
      votedFor: vote === undefined ? undefined : NodeId(Number(vote)),
    }
  }
  return disks
}

function describeMember({ id, core, alive, written }: Member): string {
  if (!alive) return `${id}  down, log=[${describeEntries(written.entries)}]`
  const { role, term } = core.status
  const log = describeEntries(written.entries)
  const { commitIndex, durableIndex } = core
  return `${id}  ${role} term=${term} commit=${commitIndex} durable=${durableIndex} log=[${log}]`
}
