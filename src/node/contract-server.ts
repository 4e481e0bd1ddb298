import { type ServiceDefinition, status, type UntypedServiceImplementation } from '@grpc/grpc-js'
import type { GcPauses } from '../os/gc-pauses.ts'
import { createGrpcServer, listenAt } from './grpc-server.ts'
import { type Intake, type LogServiceOptions, logHandlers, logService } from './log-service.ts'
import { nodeHandlers, nodeService } from './node-service.ts'

export type ContractServerOptions = LogServiceOptions & {
  readonly members: readonly number[]
  readonly gcPauses: GcPauses
  /** The median of the injected link delays as they came out; undefined without any. */
  readonly linkDelayNsP50?: () => number | undefined
  /** Peer traffic of a replica with a network; `null` has none. */
  readonly peers:
    | { readonly service: ServiceDefinition; readonly handlers: UntypedServiceImplementation }
    | undefined
}

/** What a call that stays open has in common with the others. */
type OpenCall = {
  emit(event: 'error', status: { readonly code: status; readonly details: string }): boolean
  once(event: 'close' | 'cancelled' | 'error', listener: () => void): unknown
}

/** One node's side of the contract, over gRPC. */
export class ContractServer {
  readonly #server = createGrpcServer()
  readonly #open = new Set<OpenCall>()

  constructor(options: ContractServerOptions) {
    const intake: Intake = { frames: 0, requests: 0 }
    this.#add(logService, logHandlers(options, intake))
    this.#add(nodeService, nodeHandlers({ ...options, intake }))
    if (options.peers) this.#add(options.peers.service, options.peers.handlers)
  }

  /** Resolves to host:port. Rejects with `AddressInUse` when the port is taken. */
  listen(address: string): Promise<string> {
    return listenAt(this.#server, address)
  }

  /** Ends every stream at once, and says why. */
  close(): void {
    for (const call of this.#open) {
      call.emit('error', { code: status.UNAVAILABLE, details: 'the node is closing' })
    }
    this.#server.tryShutdown(() => undefined)
  }

  /** Remembers the calls that are open: grpc-js ends a server, but not what it serves. */
  #add(service: ServiceDefinition, handlers: UntypedServiceImplementation): void {
    const remembered = Object.entries(handlers).map(([name, handle]) => [
      name,
      (call: OpenCall, ...rest: unknown[]) => {
        // A unary call has a callback as well, and ends by itself.
        if (rest.length === 0) this.#remember(call)
        ;(handle as (...given: unknown[]) => void)(call, ...rest)
      },
    ])
    this.#server.addService(service, Object.fromEntries(remembered))
  }

  #remember(call: OpenCall): void {
    this.#open.add(call)
    const forget = (): void => {
      this.#open.delete(call)
    }
    call.once('close', forget)
    call.once('cancelled', forget)
    call.once('error', forget)
  }
}
