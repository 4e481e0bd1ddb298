import type { StoreAdapter } from 'raftmark/adapter'
import { databaseAdapter } from '../../hosts/node/database-adapter.ts'

export const adapter: StoreAdapter = databaseAdapter('sqlite')
