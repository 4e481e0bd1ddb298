/**
 * What an acknowledgement promises. D0: memory. D1: page cache, never synced. D2: synced on a
 * majority before the ack, one sync for a group of appends. D3: the same, one sync per append.
 */
export type Durability = 'D0' | 'D1' | 'D2' | 'D3'
