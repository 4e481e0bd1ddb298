import { Client, credentials, type StatusObject, type status } from '@grpc/grpc-js'
import { grpcOptions } from '../../contract/services.ts'
import { wallClock } from '../../os/clock.ts'

const CALL_MS_MAX = 5_000

/** Calls of the contract that a node need not offer yet. */
export const laterCalls = [
  'Transfer',
  'ChangeMembers',
  'Snapshot',
  'SetFaults',
  'ReadBack',
] as const

/** Makes one call with an empty request, and resolves to how it ends. */
export function callNode(
  address: string,
  method: (typeof laterCalls)[number],
): Promise<Pick<StatusObject, 'code' | 'details'>> {
  const client = new Client(address, credentials.createInsecure(), grpcOptions)
  const path = `/raftmark.v1.Node/${method}`
  const bytes = (value: Buffer): Buffer => value
  const options = { deadline: wallClock.nowMs() + CALL_MS_MAX }
  const stream = client.makeServerStreamRequest(path, bytes, bytes, Buffer.alloc(0), options)
  stream.on('data', () => undefined)
  stream.on('error', () => undefined) // 'status' follows, and says the same
  return new Promise((resolve) => {
    stream.on('status', ({ code, details }: { code: status; details: string }) => {
      client.close()
      resolve({ code, details })
    })
  })
}
