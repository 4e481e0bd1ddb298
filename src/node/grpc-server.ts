import type { Http2Server, ServerHttp2Session } from 'node:http2'
import { Server, ServerCredentials } from '@grpc/grpc-js'
import { assert } from '../base/assert.ts'
import { grpcOptions } from '../contract/services.ts'

const WINDOW_BYTES = grpcOptions['grpc-node.flow_control_window']

/** What grpc-js 1.14 keeps to itself, and has an option for in its client only. */
type Internals = {
  readonly commonServerOptions?: { settings?: { initialWindowSize?: number } }
  readonly http2Servers?: ReadonlyMap<Http2Server, unknown>
}

/**
 * A server that lets several large frames be on their way. Why: with HTTP/2's 64 KiB a frame of
 * 1,024 requests of 100 bytes waits three times for the permission to go on, and both processes
 * were idle for 70 % of the time.
 */
export function createGrpcServer(): Server {
  const server = new Server(grpcOptions)
  const { settings } = (server as unknown as Internals).commonServerOptions ?? {}
  assert(settings !== undefined, 'this version of grpc-js keeps its HTTP/2 settings elsewhere')
  settings.initialWindowSize = WINDOW_BYTES
  return server
}

/** Somebody else listens at the address. */
export class AddressInUse extends Error {
  override readonly name = 'AddressInUse'
}

/** Resolves to host:port. Rejects with `AddressInUse` when the port is taken. */
export function listenAt(server: Server, address: string): Promise<string> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) {
        widenConnections(server)
        resolve(`${address.slice(0, address.lastIndexOf(':'))}:${port}`)
      } else if (error.message.includes('EADDRINUSE')) reject(new AddressInUse(error.message))
      else reject(error)
    })
  })
}

function widenConnections(server: Server): void {
  const { http2Servers } = server as unknown as Internals
  assert(http2Servers !== undefined, 'this version of grpc-js keeps its HTTP/2 servers elsewhere')
  for (const http2Server of http2Servers.keys()) {
    http2Server.on('session', (session: ServerHttp2Session) => {
      session.setLocalWindowSize(WINDOW_BYTES)
    })
  }
}
