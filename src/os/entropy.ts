import { randomBytes, randomInt } from 'node:crypto'

/** A seed that nobody chose, in [0, 2^32): what a run without `--seed` uses, prints and records. */
export const freshSeed = (): number => randomInt(2 ** 32)

/** `digits` hexadecimal digits that no other process has drawn, for ids and tokens. */
export const freshToken = (digits: number): string =>
  randomBytes(Math.ceil(digits / 2))
    .toString('hex')
    .slice(0, digits)
