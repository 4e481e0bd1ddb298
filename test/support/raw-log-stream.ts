import { Client, credentials, type StatusObject } from '@grpc/grpc-js'
import { type Hello, writeHello } from '../../src/contract/frames/hello.ts'
import { writeProduce } from '../../src/contract/frames/produce-frame.ts'
import { WireWriter } from '../../src/contract/frames/wire-writer.ts'
import type { ProduceRequest } from '../../src/contract/log-client.ts'

/** Sends what no client of ours would send, in one frame, and resolves to how the stream ends. */
export function openRaw(
  address: string,
  hello: Omit<Hello, 'contract'>,
  requests: readonly ProduceRequest[],
): Promise<StatusObject> {
  const client = new Client(address, credentials.createInsecure())
  const stream = client.makeBidiStreamRequest<Buffer, Buffer>(
    '/raftmark.v1.Log/Produce',
    (bytes) => bytes,
    (bytes) => bytes,
  )
  const writer = new WireWriter()
  writeHello(writer, { contract: 1, ...hello })
  for (const [at, request] of requests.entries()) writeProduce(writer, at + 1, request)
  stream.write(Buffer.from(writer.take()))
  stream.on('data', () => undefined)
  stream.on('error', () => undefined)
  return new Promise((resolve) => {
    stream.on('status', (status) => {
      client.close()
      resolve(status)
    })
  })
}
