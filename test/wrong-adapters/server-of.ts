import type { ServerDuplexStream, UntypedServiceImplementation } from '@grpc/grpc-js'
import { writeHello } from '../../src/contract/frames/hello.ts'
import { readProduceFrame, writeProduce } from '../../src/contract/frames/produce-frame.ts'
import { isFrameFault } from '../../src/contract/frames/wire-reader.ts'
import { WireWriter } from '../../src/contract/frames/wire-writer.ts'
import type { ContractServerOptions } from '../../src/node/contract-server.ts'
import { createGrpcServer, listenAt } from '../../src/node/grpc-server.ts'
import { logHandlers, logService } from '../../src/node/log-service.ts'
import { nodeHandlers, nodeService } from '../../src/node/node-service.ts'
import type { Wrong } from './wrongs.ts'

type Stream = ServerDuplexStream<Uint8Array, Uint8Array>
type Handle = (stream: Stream) => void

/** The contract's server, with what is wrong about its streams and calls. */
export class ServerOf {
  readonly #server = createGrpcServer()

  constructor(wrong: Wrong, options: ContractServerOptions) {
    const intake = { frames: 0, requests: 0 }
    const log = logHandlers(options, intake)
    const produce = log['Produce'] as Handle
    const fetch = log['Fetch'] as Handle
    const altered: UntypedServiceImplementation = {
      Fetch: (stream: Stream) => fetch(wrong.fetchStream?.(stream) ?? stream),
      Produce: (stream: Stream) => produce(wrong.stream?.(stream, options.runId) ?? stream),
    }
    this.#server.addService(logService, altered)
    const calls = { ...nodeHandlers({ ...options, intake }), ...wrong.calls }
    this.#server.addService(nodeService, calls)
    if (options.peers) this.#server.addService(options.peers.service, options.peers.handlers)
  }

  listen(address: string): Promise<string> {
    return listenAt(this.#server, address)
  }
}

/** A stream whose first frame always says what the node wants to hear. */
export function believing(stream: Stream, hello: { runId?: string; window?: number }): Stream {
  let isFirst = true
  return altering(stream, (bytes) => {
    const frame = readProduceFrame(bytes)
    if (isFrameFault(frame) || !isFirst) return bytes
    isFirst = false
    const said = frame.hello
    const windowRequests = hello.window ?? said?.windowRequests ?? 100
    const windowBytes = hello.window ?? said?.windowBytes ?? 1_000_000
    const writer = new WireWriter()
    writeHello(writer, {
      contract: hello.runId === undefined ? (said?.contract ?? 0) : 1,
      runId: hello.runId ?? said?.runId ?? '',
      windowRequests,
      windowBytes,
    })
    for (const request of frame.requests) writeProduce(writer, request.id, request)
    return writer.take()
  })
}

/** The same stream, with every frame that arrives replaced; an absent one never arrived. */
export function altering(
  stream: Stream,
  replace: (bytes: Uint8Array) => Uint8Array | undefined,
): Stream {
  const on = stream.on.bind(stream)
  stream.on = ((event: string, listener: (value: unknown) => void) => {
    if (event !== 'data') return on(event, listener)
    return on('data', (bytes: Uint8Array) => {
      const replaced = replace(bytes)
      if (replaced !== undefined) listener(replaced)
    })
  }) as Stream['on']
  return stream
}
