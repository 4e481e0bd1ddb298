/** A broken invariant: a bug in raftmark or in an adapter. Never caught, only reported. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError'
}

/** Checks what must be true if the code is correct. User mistakes are `RaftmarkError`s instead. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantError(message)
}

/** Closes a `switch` over a union: a new member of the union makes this a compile error. */
export function unreachable(value: never): never {
  throw new InvariantError(`unreachable: ${JSON.stringify(value)}`)
}
