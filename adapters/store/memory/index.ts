import { memoryAdapter, type StoreAdapter } from 'raftmark/adapter'

export const adapter: StoreAdapter = memoryAdapter
