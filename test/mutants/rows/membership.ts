import type { Row } from '../row.ts'

const family = 'membership'
const membership = 'the members of a group are fixed: there is no change of membership yet'
const learners = 'there are no learners yet: every member votes'
const transfer = 'leadership cannot be transferred yet'

const absent = (number: number, name: string, why: string): Row => ({
  number,
  name,
  family,
  kind: 'not-yet-possible',
  why,
})

export const membershipRows: readonly Row[] = [
  absent(79, 'a change of one member before a commit in the own term', membership),
  absent(80, 'two changes of membership at once', membership),
  absent(81, 'a configuration counts from its commit, not from its append', membership),
  absent(82, 'joint consensus asks one of its two majorities', membership),
  absent(83, 'learners count in the quorum', learners),
  absent(84, 'a configuration stays when its entry is truncated', membership),
  absent(85, 'a removed server disrupts the others', membership),
  absent(86, 'a removed leader never steps down', membership),
  absent(87, 'a replica comes back empty under its old id and votes', membership),
  absent(88, 'the target of a transfer campaigns with a log that is behind', transfer),
]
