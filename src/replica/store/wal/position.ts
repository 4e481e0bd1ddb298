/** A place in the log's files. Positions only grow: what is cut was never known to be durable. */
export type Position = { readonly segment: number; readonly byte: number }

export const START: Position = { segment: 0, byte: 0 }

/** Negative when `a` is before `b`, 0 when they are the same. */
export const comparePositions = (a: Position, b: Position): number =>
  a.segment === b.segment ? a.byte - b.byte : a.segment - b.segment

export const laterOf = (a: Position, b: Position): Position => (comparePositions(a, b) < 0 ? b : a)
