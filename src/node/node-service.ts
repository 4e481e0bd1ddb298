import { create } from '@bufbuild/protobuf'
import {
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import {
  type CountersReply,
  CountersReplySchema,
  type CountersRequest,
  type GroupState,
  GroupStateSchema,
  Node,
  Role,
  type WatchRequest,
} from '../contract/gen/raftmark_pb.ts'
import { generatedService } from '../contract/services.ts'
import type { GroupId } from '../contract/types.ts'
import type { GcPauses } from '../os/gc-pauses.ts'
import type { Replica, ReplicaCounters, ReplicaStatus } from '../replica/engine/replica.ts'
import { asBuffer, type Intake } from './log-service.ts'

const NS_PER_MS = 1_000_000

export type NodeServiceOptions = {
  readonly replicas: ReadonlyMap<GroupId, Replica>
  readonly members: readonly number[]
  readonly intake: Intake
  readonly gcPauses: GcPauses
  readonly linkDelayNsP50?: () => number | undefined
}

export const nodeService = generatedService(Node, asBuffer) as unknown as ServiceDefinition

const roles = {
  follower: Role.FOLLOWER,
  preCandidate: Role.PRE_CANDIDATE,
  candidate: Role.CANDIDATE,
  leader: Role.LEADER,
} as const satisfies Record<ReplicaStatus['role'], Role>

/** What the harness asks a node beside records. */
export function nodeHandlers(options: NodeServiceOptions): UntypedServiceImplementation {
  return {
    Watch: (call: ServerWritableStream<WatchRequest, GroupState>) => watch(options, call),
    Counters: (
      _: ServerUnaryCall<CountersRequest, CountersReply>,
      done: sendUnaryData<CountersReply>,
    ) => done(null, countersOf(options)),
    ReadBack: (call: ServerWritableStream<unknown, unknown>) => {
      call.emit('error', unsupported('ReadBack'))
    },
    SetFaults: refuse('SetFaults'),
    Transfer: refuse('Transfer'),
    ChangeMembers: refuse('ChangeMembers'),
    Snapshot: refuse('Snapshot'),
  }
}

function watch(
  { replicas, members }: NodeServiceOptions,
  call: ServerWritableStream<WatchRequest, GroupState>,
): void {
  const tell = (group: GroupId, state: ReplicaStatus): void => {
    if (!call.cancelled && call.writable) call.write(groupStateOf(group, state, members))
  }
  const stops = [...replicas].map(([group, replica]) => {
    tell(group, replica.status())
    return replica.watch((state) => tell(group, state))
  })
  const stop = (): void => {
    for (const end of stops) end()
  }
  call.on('cancelled', stop)
  call.on('error', stop)
  call.on('close', stop)
}

const groupStateOf = (
  group: GroupId,
  state: ReplicaStatus,
  members: readonly number[],
): GroupState =>
  create(GroupStateSchema, {
    group,
    term: BigInt(state.term),
    role: roles[state.role],
    leader: state.leader ?? 0,
    members: [...members],
    commitIndex: BigInt(state.commitIndex),
    appliedIndex: BigInt(state.appliedIndex),
    highWatermark: BigInt(state.highWatermark),
    failure: state.failure ?? '',
  })

function countersOf({
  replicas,
  intake,
  gcPauses,
  linkDelayNsP50,
}: NodeServiceOptions): CountersReply {
  const counters = [...replicas.values()].map((replica) => replica.counters())
  const sum = (name: keyof ReplicaCounters): bigint =>
    BigInt(counters.reduce((total, each) => total + (each[name] ?? 0), 0))
  const pauses = gcPauses.read()
  return create(CountersReplySchema, {
    syncs: sum('syncs'),
    bytesWritten: sum('bytesWritten'),
    writes: sum('writes'),
    produced: sum('produced'),
    campaigns: sum('campaigns'),
    messagesSent: sum('messagesSent'),
    takes: sum('takes'),
    entriesPersisted: sum('entriesPersisted'),
    framesReceived: BigInt(intake.frames),
    requestsReceived: BigInt(intake.requests),
    gcPauses: BigInt(pauses.count),
    gcPauseMsTotal: pauses.msTotal,
    gcPauseMsMax: pauses.msMax,
    syncDelayMsP50: syncDelayMsP50(counters),
    linkDelayMsP50: (linkDelayNsP50?.() ?? Number.NaN) / NS_PER_MS,
  })
}

/** Of the group whose delays came out longest; NaN when nothing was injected. */
function syncDelayMsP50(counters: readonly ReplicaCounters[]): number {
  const medians = counters.flatMap(({ syncDelayNsP50 }) => syncDelayNsP50 ?? [])
  return medians.length === 0 ? Number.NaN : Math.max(...medians) / NS_PER_MS
}

const refuse =
  (method: string) =>
  (_: ServerUnaryCall<unknown, unknown>, done: sendUnaryData<unknown>): void =>
    done(unsupported(method))

const unsupported = (method: string) => ({
  code: status.UNIMPLEMENTED,
  details: `UNSUPPORTED: ${method} is not offered by this node`,
})
