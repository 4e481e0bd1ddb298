import type { Row } from './row.ts'
import { election } from './rows/election.ts'
import { membershipRows } from './rows/membership.ts'
import { reads } from './rows/reads.ts'
import { replication } from './rows/replication.ts'
import { storage } from './rows/storage.ts'

/** All 88, by number. */
export const rows: readonly Row[] = [
  ...election,
  ...replication,
  ...reads,
  ...storage,
  ...membershipRows,
]
