/** A broken invariant: a bug in raftmark or in an adapter. Never caught, only reported. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError'
}

/**
 * Checks what must be true if the code is correct. User mistakes are `RaftmarkError`s instead.
 * What was `found`, and `instead` of what, is put into words only when the check fails: on the
 * path of every request, building the text of a message costs more than the request.
 */
export function assert(
  condition: boolean,
  message: string,
  found?: number,
  instead?: number,
): asserts condition {
  if (condition) return
  const seen = found === undefined ? '' : `: ${found}`
  throw new InvariantError(`${message}${seen}${instead === undefined ? '' : `, not ${instead}`}`)
}

/** Closes a `switch` over a union: a new member of the union makes this a compile error. */
export function unreachable(value: never): never {
  throw new InvariantError(`unreachable: ${JSON.stringify(value)}`)
}
