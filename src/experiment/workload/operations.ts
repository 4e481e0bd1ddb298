import type { Keys } from './workload.ts'

/** Which producer sends the workload's operation number `operation`, from 0: they take turns. */
export const producerOf = (operation: number, producers: number): number => operation % producers

/**
 * The place of its partition among the workload's. `none`: each producer has one partition.
 * `round-robin`: each producer goes from one to the next, and no two start at the same one as long
 * as there are enough.
 */
export function partitionOf(
  operation: number,
  shape: { readonly producers: number; readonly partitions: number; readonly keys: Keys },
): number {
  const producer = operation % shape.producers
  if (shape.keys === 'none') return producer % shape.partitions
  const turn = Math.floor(operation / shape.producers)
  return (producer + turn) % shape.partitions
}
