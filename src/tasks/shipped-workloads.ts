import { join } from 'node:path'
import { packageRoot } from '../os/package-root.ts'
import { WorkloadLibrary } from './read-workload.ts'

/** The workloads and suites that come with raftmark. */
export const shippedWorkloads = (): WorkloadLibrary =>
  new WorkloadLibrary(join(packageRoot, 'workloads'))
