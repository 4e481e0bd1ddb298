import { Server, ServerCredentials } from '@grpc/grpc-js'
import { afterEach, expect, test } from 'vitest'
import { GroupId, LogIndex, NodeId, Term } from '../../contract/types.ts'
import { systemClock } from '../../os/clock.ts'
import { freePorts } from '../../os/ports.ts'
import type { Message } from '../consensus/message.ts'
import { GrpcTransport } from './grpc-transport.ts'

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0).reverse()) close()
})

test('messages of a lane arrive whole and in order, also those sent before the peer was there', async () => {
  const [sender, receiverAddress] = await pair()
  const early = appendOf(1, 10)
  sender.send(GroupId(3), early)

  const { arrived } = await nodeTwo(receiverAddress)
  const late = [appendOf(2, 300_000), appendOf(3, 0)]
  for (const message of late) sender.send(GroupId(3), message)

  expect(await arrived(3)).toEqual([early, ...late].map((message) => [3, message]))
})

test('a peer that comes back is found again', async () => {
  const [sender, address] = await pair()
  const first = await nodeTwo(address)
  sender.send(GroupId(0), appendOf(1, 1))
  await first.arrived(1)

  first.close()
  const second = await nodeTwo(address)
  const again = systemClock
  const resend = () => {
    sender.send(GroupId(0), appendOf(2, 1))
    closers.push(again.wakeAt(again.nowNs() + 50_000_000, resend).cancel)
  }
  resend()

  expect(await second.arrived(1)).toEqual([[0, appendOf(2, 1)]])
})

test('a node of another run is not heard', async () => {
  const [stranger, address] = await pair('another run')
  const friend = transportOf(1, 'r', new Map([[NodeId(2), address]]))
  const { arrived } = await nodeTwo(address)

  stranger.send(GroupId(0), appendOf(1, 1))
  await new Promise<void>((resolve) => {
    systemClock.wakeAt(systemClock.nowNs() + 100_000_000, resolve)
  })
  friend.send(GroupId(0), appendOf(2, 1))

  expect(await arrived(1)).toEqual([[0, appendOf(2, 1)]])
})

const appendOf = (index: number, bytes: number): Message => ({
  kind: 'AppendEntries',
  from: NodeId(1),
  to: NodeId(2),
  term: Term(1),
  previous: { term: Term(1), index: LogIndex(index) },
  commitIndex: LogIndex(0),
  entries: [
    {
      term: Term(1),
      index: LogIndex(index + 1),
      kind: 'records',
      payload: Buffer.alloc(bytes, index),
    },
  ],
})

async function pair(runId = 'r'): Promise<[GrpcTransport, string]> {
  const [port] = await freePorts(1)
  const address = `127.0.0.1:${port}`
  return [transportOf(1, runId, new Map([[NodeId(2), address]])), address]
}

function transportOf(
  node: number,
  runId: string,
  peers: ReadonlyMap<NodeId, string>,
): GrpcTransport {
  const transport = new GrpcTransport({ clock: systemClock, runId, node: NodeId(node), peers })
  closers.push(() => transport.close())
  return transport
}

async function nodeTwo(address: string) {
  const transport = transportOf(2, 'r', new Map())
  const seen: [GroupId, Message][] = []
  let notify = (): void => undefined
  transport.receive((group, message) => {
    seen.push([group, message])
    notify()
  })
  const server = new Server()
  server.addService(transport.service, transport.handlers)
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error) =>
      error === null ? resolve() : reject(error),
    )
  })
  const close = (): void => server.forceShutdown()
  closers.push(close)
  const arrived = (count: number): Promise<[GroupId, Message][]> =>
    new Promise((resolve) => {
      notify = () => {
        if (seen.length >= count) resolve(seen)
      }
      notify()
    })
  return { arrived, close }
}
