import { assert } from '../../base/assert.ts'
import type { Code } from '../../contract/codes.ts'
import type { FetchRequest, FetchResult, ProduceResult } from '../../contract/log-client.ts'
import type { LogIndex, NodeId, Term } from '../../contract/types.ts'
import type { Token } from '../consensus/effects.ts'
import type { Applied } from '../log/partition-log.ts'

export type PendingFetch = {
  readonly request: FetchRequest
  readonly done: (result: FetchResult) => void
  readonly deadlineNs: number
}

type ProduceDone = (result: ProduceResult) => void

/** No proposal waits for the entry at this place. */
const NOBODY = -1

/**
 * Who waits for what: proposals from their arrival to their answer, reads until they may be
 * served. A token is a slot here. A proposal that timed out is answered but keeps its slot until
 * the core settles the token, so that no token means two things at once.
 */
export class PendingOperations {
  readonly #done: (ProduceDone | undefined)[] = []
  readonly #deadlineNs: number[] = []
  readonly #fetch: (PendingFetch | undefined)[] = []
  readonly #free: Token[] = []
  /** By log index, from `#firstIndex` on: whose proposal became that entry, and in which term. */
  #waiting: Token[] = []
  #waitingTerm: Term[] = []
  #head = 0
  #firstIndex = 0
  /** Where a token's proposal stands in the log; 0 before it was accepted. */
  readonly #indexOf: number[] = []
  #produces = 0

  /** Proposals that are not answered yet. */
  get produces(): number {
    return this.#produces
  }

  addProduce(done: ProduceDone, deadlineNs: number): Token {
    const token = this.#slot()
    this.#done[token] = done
    this.#deadlineNs[token] = deadlineNs
    this.#produces += 1
    return token
  }

  addRead(fetch: PendingFetch): Token {
    const token = this.#slot()
    this.#fetch[token] = fetch
    return token
  }

  /** Takes a read out; `undefined` if the token is a proposal's. */
  takeRead(token: Token): PendingFetch | undefined {
    const fetch = this.#fetch[token]
    if (fetch === undefined) return undefined
    this.#fetch[token] = undefined
    this.#free.push(token)
    return fetch
  }

  /** The proposals became consecutive entries. Later ones of the log are no longer waited for. */
  accepted(firstIndex: LogIndex, term: Term, tokens: readonly Token[]): void {
    const length = this.#waiting.length - this.#head
    if (length === 0) {
      this.#waiting = []
      this.#waitingTerm = []
      this.#head = 0
      this.#firstIndex = firstIndex
    } else {
      this.#padTo(firstIndex)
    }
    for (let at = 0; at < tokens.length; at += 1) {
      const token = tokens[at] as Token
      this.#indexOf[token] = firstIndex + at
      this.#waiting.push(token)
      this.#waitingTerm.push(term)
    }
  }

  /** The entry at `index` was applied: answers whoever proposed exactly it. */
  applied(index: LogIndex, term: Term, applied: Applied, leader: NodeId | undefined): void {
    const at = this.#head + index - this.#firstIndex
    if (at < this.#head || at >= this.#waiting.length) return
    const token = this.#waiting[at] as Token
    const proposedTerm = this.#waitingTerm[at] as Term
    this.#head = at + 1
    this.#firstIndex = index + 1
    this.#compact()
    if (token === NOBODY) return
    // The place alone says nothing: another leader's entry may have come to stand there.
    if (proposedTerm !== term) {
      this.settle(token, 'LEADERSHIP_LOST', term, leader)
      return
    }
    const isRefused = typeof applied === 'string'
    this.#answer(token, {
      code: isRefused ? applied : 'OK',
      baseOffset: isRefused ? undefined : applied,
      term,
      index,
      leader,
    })
    this.#release(token)
  }

  /** Ends a proposal without an outcome of its entry. */
  settle(token: Token, code: Code, term: Term, leader: NodeId | undefined): void {
    const index = this.#indexOf[token] ?? 0
    if (index !== 0) {
      const at = this.#head + index - this.#firstIndex
      if (at >= this.#head && this.#waiting[at] === token) this.#waiting[at] = NOBODY
    }
    this.#answer(token, { code, baseOffset: undefined, term, index: undefined, leader })
    this.#release(token)
  }

  /** Answers proposals that waited too long; the core has not settled them yet. */
  timeOut(nowNs: number, term: Term, leader: NodeId | undefined): void {
    for (let token = 0; token < this.#done.length; token += 1) {
      if (this.#done[token] === undefined || (this.#deadlineNs[token] as number) > nowNs) continue
      this.#answer(token, {
        code: 'TIMED_OUT',
        baseOffset: undefined,
        term,
        index: undefined,
        leader,
      })
    }
  }

  /** Answers everything that waits, because this replica ends. */
  failAll(code: Code, term: Term): void {
    for (let token = 0; token < this.#done.length; token += 1) {
      this.#answer(token, {
        code,
        baseOffset: undefined,
        term,
        index: undefined,
        leader: undefined,
      })
    }
  }

  takeAllReads(): PendingFetch[] {
    const reads = this.#fetch.filter((fetch) => fetch !== undefined)
    this.#fetch.fill(undefined)
    return reads
  }

  #answer(token: Token, result: ProduceResult): void {
    const done = this.#done[token]
    if (done === undefined) return
    this.#done[token] = undefined
    this.#produces -= 1
    done(result)
  }

  #slot(): Token {
    const token = this.#free.pop()
    if (token !== undefined) return token
    this.#done.push(undefined)
    this.#deadlineNs.push(0)
    this.#fetch.push(undefined)
    this.#indexOf.push(0)
    return this.#done.length - 1
  }

  #release(token: Token): void {
    this.#indexOf[token] = 0
    this.#free.push(token)
  }

  /** Makes `index` the next place: entries nobody waits for lie between, or a rewritten suffix. */
  #padTo(index: LogIndex): void {
    const length = index - this.#firstIndex
    while (this.#waiting.length - this.#head > length) {
      assert(this.#waiting.pop() === NOBODY, 'a rewritten suffix was lost before it is rewritten')
      this.#waitingTerm.pop()
    }
    while (this.#waiting.length - this.#head < length) {
      this.#waiting.push(NOBODY)
      this.#waitingTerm.push(0 as Term)
    }
  }

  /** Forgets what lies before the head, now and then, so that both ends stay cheap. */
  #compact(): void {
    if (this.#head < 1_024 || this.#head * 2 < this.#waiting.length) return
    this.#waiting.splice(0, this.#head)
    this.#waitingTerm.splice(0, this.#head)
    this.#head = 0
  }
}
