import {
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import { grpcOptions } from '../contract/services.ts'
import type { GcPauses } from '../os/gc-pauses.ts'
import { type Intake, type LogServiceOptions, logHandlers, logService } from './log-service.ts'
import { nodeHandlers, nodeService } from './node-service.ts'

export type ContractServerOptions = LogServiceOptions & {
  readonly members: readonly number[]
  readonly gcPauses: GcPauses
  /** Peer traffic of a replica with a network; `null` has none. */
  readonly peers:
    | { readonly service: ServiceDefinition; readonly handlers: UntypedServiceImplementation }
    | undefined
}

/** Somebody else listens at the address. */
export class AddressInUse extends Error {
  override readonly name = 'AddressInUse'
}

/** One node's side of the contract, over gRPC. */
export class ContractServer {
  readonly #server = new Server(grpcOptions)

  constructor(options: ContractServerOptions) {
    const intake: Intake = { frames: 0, requests: 0 }
    this.#server.addService(logService, logHandlers(options, intake))
    this.#server.addService(nodeService, nodeHandlers({ ...options, intake }))
    if (options.peers) this.#server.addService(options.peers.service, options.peers.handlers)
  }

  /** Resolves to host:port. Rejects with `AddressInUse` when the port is taken. */
  listen(address: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
        if (error === null) resolve(`${address.slice(0, address.lastIndexOf(':'))}:${port}`)
        else if (error.message.includes('EADDRINUSE')) reject(new AddressInUse(error.message))
        else reject(error)
      })
    })
  }

  /** Ends every stream at once. */
  close(): void {
    this.#server.forceShutdown()
  }
}
