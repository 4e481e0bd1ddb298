import { type DescMethod, type DescService, fromBinary, toBinary } from '@bufbuild/protobuf'

/** One method as gRPC libraries for Node want it described; `B` is their byte type. */
export type MethodDescription<B extends Uint8Array> = {
  readonly path: string
  readonly requestStream: boolean
  readonly responseStream: boolean
  readonly requestSerialize: (value: never) => B
  readonly requestDeserialize: (bytes: B) => unknown
  readonly responseSerialize: (value: never) => B
  readonly responseDeserialize: (bytes: B) => unknown
}

/** The methods of a service by name, as in `Produce`. */
export type ServiceDescription<B extends Uint8Array> = Record<string, MethodDescription<B>>

/** For all channels and servers of the contract. */
export const grpcOptions = {
  /** A fetched batch may be larger than a frame wants to be. */
  'grpc.max_receive_message_length': 64 * 1024 * 1024,
  'grpc.max_send_message_length': 64 * 1024 * 1024,
  'grpc.max_concurrent_streams': 1024,
  /** A retry would send a request twice; and what might be retried is kept in memory. */
  'grpc.enable_retries': 0,
  'grpc.enable_channelz': 0,
  /** So that several 256 KiB frames can be on the way. */
  'grpc-node.flow_control_window': 4 * 1024 * 1024,
  /** One connection per channel, not one shared by all to the same address. */
  'grpc.use_local_subchannel_pool': 1,
  'grpc.initial_reconnect_backoff_ms': 20,
  'grpc.max_reconnect_backoff_ms': 500,
} as const

/** Frames stay bytes: the hot frames have a codec of their own. */
export function rawService<B extends Uint8Array>(
  service: DescService,
  asBuffer: (bytes: Uint8Array) => B,
): ServiceDescription<B> {
  const same = (bytes: B): B => bytes
  return describe(service, () => ({
    requestSerialize: asBuffer,
    requestDeserialize: same,
    responseSerialize: asBuffer,
    responseDeserialize: same,
  }))
}

/** Messages of the generated code: for all but the hot frames. */
export function generatedService<B extends Uint8Array>(
  service: DescService,
  asBuffer: (bytes: Uint8Array) => B,
): ServiceDescription<B> {
  return describe(service, ({ input, output }) => ({
    requestSerialize: (message: never) => asBuffer(toBinary(input, message)),
    requestDeserialize: (bytes: B) => fromBinary(input, bytes),
    responseSerialize: (message: never) => asBuffer(toBinary(output, message)),
    responseDeserialize: (bytes: B) => fromBinary(output, bytes),
  }))
}

type Codec<B extends Uint8Array> = Pick<
  MethodDescription<B>,
  'requestSerialize' | 'requestDeserialize' | 'responseSerialize' | 'responseDeserialize'
>

function describe<B extends Uint8Array>(
  service: DescService,
  codecOf: (method: DescMethod) => Codec<B>,
): ServiceDescription<B> {
  return Object.fromEntries(
    service.methods.map((method) => [
      method.name,
      {
        path: `/${service.typeName}/${method.name}`,
        requestStream: isRequestStream(method),
        responseStream: method.methodKind.endsWith('streaming') && !isClientOnly(method),
        ...codecOf(method),
      },
    ]),
  )
}

const isRequestStream = ({ methodKind }: DescMethod): boolean =>
  methodKind === 'bidi_streaming' || methodKind === 'client_streaming'

const isClientOnly = ({ methodKind }: DescMethod): boolean => methodKind === 'client_streaming'
