/**
 * Every answer of the contract, once: its number on the wire and whether it is *definite* (the
 * operation did not happen and never will) or *indefinite* (it may have happened, or may yet).
 * When in doubt indefinite is always safe. Source: Maelstrom's protocol, error codes.
 */
export const codes = {
  OK: { wire: 0, kind: 'ok', meaning: 'It happened, as far as the chosen acks promise.' },
  NOT_LEADER: { wire: 1, kind: 'definite', meaning: 'Refused before it was proposed.' },
  NO_LEADER: { wire: 2, kind: 'definite', meaning: 'Refused: the group has no leader now.' },
  UNKNOWN_PARTITION: { wire: 3, kind: 'definite', meaning: 'This node does not host it.' },
  OFFSET_OUT_OF_RANGE: { wire: 4, kind: 'definite', meaning: 'Before the log or past its end.' },
  OFFSET_NOT_AVAILABLE: {
    wire: 5,
    kind: 'definite',
    meaning: 'A new leader does not know its high watermark yet (KIP-207).',
  },
  BATCH_TOO_LARGE: { wire: 6, kind: 'definite', meaning: 'Larger than the node accepts.' },
  CORRUPT_BATCH: { wire: 7, kind: 'definite', meaning: 'No valid record batch v2.' },
  OVERLOADED: { wire: 8, kind: 'definite', meaning: 'Refused: a queue of the node is full.' },
  OUT_OF_ORDER_SEQUENCE: {
    wire: 9,
    kind: 'definite',
    meaning: 'The sequence leaves a gap after the last one of this producer.',
  },
  FENCED: { wire: 10, kind: 'definite', meaning: 'A newer epoch of this producer exists.' },
  UNSUPPORTED: { wire: 11, kind: 'definite', meaning: 'This adapter does not offer the call.' },
  TIMED_OUT: { wire: 32, kind: 'indefinite', meaning: 'No outcome within the given time.' },
  LEADERSHIP_LOST: {
    wire: 33,
    kind: 'indefinite',
    meaning: 'Proposed, then this node stopped leading before the outcome was known.',
  },
  STORAGE_FAILED: { wire: 34, kind: 'indefinite', meaning: 'The store failed; the node stops.' },
  CONNECTION_LOST: {
    wire: 35,
    kind: 'indefinite',
    meaning: 'The stream ended before the answer. Never on the wire: the client says it.',
  },
} as const satisfies Record<string, CodeRow>

type CodeRow = {
  readonly wire: number
  readonly kind: 'ok' | 'definite' | 'indefinite'
  readonly meaning: string
}

export type Code = keyof typeof codes

/** `definite` and `indefinite` are about one attempt, not about an operation with several. */
export type Definiteness = 'ok' | 'definite' | 'indefinite'

export const definitenessOf = (code: Code): Definiteness => codes[code].kind

const byWire = new Map<number, Code>(
  Object.entries(codes).map(([code, row]) => [row.wire, code as Code]),
)

/** The code with this number; an unknown number may mean anything, so it is indefinite. */
export const codeOfWire = (wire: number): Code => byWire.get(wire) ?? 'TIMED_OUT'
