import type { Code } from '../../contract/codes.ts'
import type { Refusal } from '../consensus/effects.ts'

/** What a client is told when the protocol did not take its request. */
export const codeOfRefusal: Record<Refusal, Code> = {
  'not-leader': 'NOT_LEADER',
  'no-leader': 'NO_LEADER',
  overloaded: 'OVERLOADED',
  'not-ready': 'OFFSET_NOT_AVAILABLE',
}
