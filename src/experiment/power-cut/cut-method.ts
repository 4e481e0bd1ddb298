import { RaftmarkError } from '../../base/errors.ts'
import type { PowerCutMethod } from '../../judgement/history/power-cut-record.ts'
import type { Guard } from '../../os/guard.ts'
import { openNodeVolumes } from '../../os/node-volumes.ts'
import type { ClusterNode, ClusterOptions } from '../cluster/cluster.ts'

/** How one cluster's nodes lose power. */
export type CutMeans = {
  readonly settings: { readonly volatileTail?: true }
  readonly house?: NonNullable<ClusterOptions['house']>
  /** Takes from these nodes what they have not synced; they are killed right after it. */
  cut(nodes: readonly ClusterNode[]): Promise<void>
}

/** The method that this machine allows. */
export type ChosenMethod = {
  readonly name: PowerCutMethod
  /** By which program, or why nothing better is possible. */
  readonly detail: string
  /**
   * Means for one cluster. `directory` exists and is removed with all that is in it;
   * `dataDirectory` is the cluster's.
   */
  open(directory: string, dataDirectory: string): Promise<CutMeans>
}

/**
 * Tries once whether file systems can be shut down here; a volatile tail otherwise. `directory`
 * exists.
 */
export async function chooseCutMethod(guard: Guard, directory: string): Promise<ChosenMethod> {
  const tried = await openNodeVolumes({ guard, directory })
  if ('lacking' in tried) return volatileTail(tried.lacking)
  return {
    name: 'filesystem-shutdown',
    detail: `each node on ext4 of its own, shut down by ${tried.shutDownBy}, then killed`,
    open: (directory, dataDirectory) => openVolumes(guard, directory, dataDirectory),
  }
}

function volatileTail(why: string): ChosenMethod {
  return {
    name: 'volatile-tail',
    detail: `no file system could be shut down here: ${why}`,
    open: async () => ({ settings: { volatileTail: true }, cut: async () => undefined }),
  }
}

async function openVolumes(
  guard: Guard,
  directory: string,
  dataDirectory: string,
): Promise<CutMeans> {
  const volumes = await openNodeVolumes({ guard, directory })
  if ('lacking' in volumes) {
    throw new RaftmarkError('environment-lacking', volumes.lacking, {
      nextStep: 'It was possible a moment ago: look what else uses loop devices, and try again.',
    })
  }
  return {
    settings: {},
    house: (node, at, argv) => volumes.house(node, at, argv),
    cut: (nodes) =>
      volumes.shutDown(
        nodes.map(({ node, pid }) => ({ pid, directory: `${dataDirectory}/${node}` })),
      ),
  }
}
