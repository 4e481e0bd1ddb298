import { CONTRACT_VERSION, type NodeConfig } from '../contract/node-config.ts'

/** Why a configuration is refused: the key, as a dotted path, and what is wrong with it. */
export type ConfigFault = { readonly key: string; readonly fault: string }

export const isConfigFault = (value: NodeConfig | ConfigFault): value is ConfigFault =>
  'fault' in value

type Check = (value: unknown, key: string) => ConfigFault | undefined

const UINT32_MAX = 2 ** 32 - 1
const DAY_MS = 86_400_000
const GROUPS_MAX = 65_536

const integer =
  (min: number, max: number): Check =>
  (value, key) =>
    Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max
      ? undefined
      : { key, fault: `must be a whole number from ${min} to ${max}, is ${show(value)}` }

const number =
  (min: number, max: number): Check =>
  (value, key) =>
    typeof value === 'number' && value >= min && value <= max
      ? undefined
      : { key, fault: `must be a number from ${min} to ${max}, is ${show(value)}` }

const text: Check = (value, key) =>
  typeof value === 'string' && value !== ''
    ? undefined
    : { key, fault: `must be a text that is not empty, is ${show(value)}` }

const anyText: Check = (value, key) =>
  typeof value === 'string' ? undefined : { key, fault: `must be a text, is ${show(value)}` }

const address: Check = (value, key) =>
  typeof value === 'string' && /^\S+:\d{1,5}$/.test(value)
    ? undefined
    : { key, fault: `must be host:port, is ${show(value)}` }

const oneOf =
  (...values: readonly unknown[]): Check =>
  (value, key) =>
    values.includes(value)
      ? undefined
      : { key, fault: `must be ${values.map(show).join(' or ')}, is ${show(value)}` }

const listOf =
  (check: Check, max: number): Check =>
  (value, key) => {
    if (!Array.isArray(value) || value.length === 0 || value.length > max) {
      return { key, fault: `must be a list of 1 to ${max}, is ${show(value)}` }
    }
    return first(value.map((item, at) => check(item, `${key}.${at}`)))
  }

const object =
  (required: Readonly<Record<string, Check>>, optional: Record<string, Check> = {}): Check =>
  (value, key) => {
    if (!isRecord(value)) return { key, fault: `must be an object, is ${show(value)}` }
    const path = (name: string) => (key === '' ? name : `${key}.${name}`)
    const shape = { ...required, ...optional }
    const unknown = Object.keys(value).find((name) => !Object.hasOwn(shape, name))
    if (unknown !== undefined) return { key: path(unknown), fault: 'is no key of the contract' }
    return first(
      Object.entries(shape).map(([name, check]) =>
        Object.hasOwn(value, name)
          ? check(value[name], path(name))
          : name in optional
            ? undefined
            : { key: path(name), fault: 'is missing' },
      ),
    )
  }

const scalars: Check = (value, key) => {
  if (!isRecord(value)) return { key, fault: `must be an object, is ${show(value)}` }
  const kinds = ['string', 'number', 'boolean']
  const bad = Object.keys(value).find((name) => !kinds.includes(typeof value[name]))
  if (bad === undefined) return undefined
  return { key: `${key}.${bad}`, fault: 'must be a text, number or boolean' }
}

const optionalShape = { volatileTail: oneOf(true) } as const

const shape = {
  contract: oneOf(CONTRACT_VERSION),
  runId: text,
  node: integer(1, UINT32_MAX),
  raft: text,
  listen: address,
  nodes: listOf(object({ node: integer(1, UINT32_MAX), address }), 100),
  groups: listOf(integer(0, UINT32_MAX), GROUPS_MAX),
  firstLeader: integer(1, UINT32_MAX),
  directory: text,
  store: anyText,
  durability: oneOf('D0', 'D1', 'D2', 'D3'),
  syncDelayMs: number(0, DAY_MS),
  linkDelayMs: number(0, DAY_MS),
  timing: object({
    heartbeatMs: number(1, DAY_MS),
    electionMinMs: number(1, DAY_MS),
    electionMaxMs: number(1, DAY_MS),
  }),
  tuning: scalars,
  batchBytesMax: integer(1, 2 ** 30),
  threads: integer(1, 1024),
  seed: integer(0, Number.MAX_SAFE_INTEGER),
} as const satisfies Record<Exclude<keyof NodeConfig, keyof typeof optionalShape>, Check>

/**
 * Reads the JSON of a node's configuration; every key must be there but `volatileTail`, and no
 * other one.
 */
export function readNodeConfig(json: string): NodeConfig | ConfigFault {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (error) {
    // The mistake is the writer's of the file: it is shown as a value, like any other.
    return { key: '', fault: `is no JSON: ${error instanceof Error ? error.message : error}` }
  }
  const fault = object(shape, optionalShape)(value, '')
  return fault ?? contradictionOf(value as NodeConfig) ?? (value as NodeConfig)
}

function contradictionOf(config: NodeConfig): ConfigFault | undefined {
  const nodes = config.nodes.map(({ node }) => node)
  const { heartbeatMs, electionMinMs, electionMaxMs } = config.timing
  if (new Set(nodes).size !== nodes.length) return { key: 'nodes', fault: 'names a node twice' }
  if (!nodes.includes(config.node)) return { key: 'node', fault: 'is not in nodes' }
  if (!nodes.includes(config.firstLeader)) return { key: 'firstLeader', fault: 'is not in nodes' }
  if (new Set(config.groups).size !== config.groups.length) {
    return { key: 'groups', fault: 'names a group twice' }
  }
  if (electionMinMs <= heartbeatMs) {
    return { key: 'timing.electionMinMs', fault: 'must be above heartbeatMs' }
  }
  if (electionMaxMs < electionMinMs) {
    return { key: 'timing.electionMaxMs', fault: 'must not be below electionMinMs' }
  }
  return undefined
}

const first = (faults: readonly (ConfigFault | undefined)[]): ConfigFault | undefined =>
  faults.find((fault) => fault !== undefined)

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const show = (value: unknown): string => JSON.stringify(value) ?? 'nothing'
