import { type StoreAdapter, walAdapter } from 'raftmark/adapter'

export const adapter: StoreAdapter = walAdapter()
