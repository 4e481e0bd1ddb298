/** What one node says about one group, now or after a change. */
export type GroupView = {
  readonly group: number
  readonly term: number
  readonly role: 'follower' | 'preCandidate' | 'candidate' | 'leader'
  readonly leader: number | undefined
  readonly commitIndex: number
  readonly appliedIndex: number
  readonly highWatermark: number
  /** Why the group does not serve; absent while it does. */
  readonly failure?: string
}

/** What a node counted since it started, over all groups. Names are those of `CountersReply`. */
export type NodeCounters = {
  readonly syncs: number
  readonly bytesWritten: number
  readonly writes: number
  readonly produced: number
  readonly campaigns: number
  readonly messagesSent: number
  readonly takes: number
  readonly entriesPersisted: number
  readonly framesReceived: number
  readonly requestsReceived: number
  readonly gcPauses: number
  readonly gcPauseMsTotal: number
  readonly gcPauseMsMax: number
  /** NaN when no delay was injected. */
  readonly syncDelayMsP50: number
  /** One way; NaN when no delay was injected. */
  readonly linkDelayMsP50: number
}

/** How the harness looks into one running node: the calls Watch and Counters of the contract. */
export interface NodeProbe {
  /**
   * Every group's state now, then each change, until `close` or the connection's end. `onEnd` is
   * called once in the latter case.
   */
  watch(onState: (state: GroupView) => void, onEnd: (reason: Error) => void): void
  /** Rejects with `NoAnswer` after `timeoutMs`, with another error when the call is refused. */
  counters(timeoutMs: number): Promise<NodeCounters>
  close(): void
}

/** The node may run, but it did not answer in time. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
}

export type OpenNodeProbe = (target: {
  readonly node: number
  readonly address: string
  readonly runId: string
}) => NodeProbe
