import { titleOf } from '../experiment/workload/cases.ts'
import type { Suite, Workload } from '../experiment/workload/workload.ts'
import { shippedWorkloads } from './shipped-workloads.ts'

export type WorkloadList = {
  readonly schema: 'raftmark/workloads/1'
  readonly suites: readonly Suite[]
  readonly workloads: readonly {
    readonly name: string
    readonly question: string
    /** More than one when the file has a sweep. */
    readonly cases: readonly string[]
  }[]
}

export type WorkloadDetail =
  | { readonly schema: 'raftmark/suite/1'; readonly suite: Suite }
  | { readonly schema: 'raftmark/workload/1'; readonly cases: readonly Workload[] }

export async function listWorkloads(): Promise<WorkloadList> {
  const library = shippedWorkloads()
  const names = await library.names()
  const suites = await Promise.all(names.suites.map((name) => library.suite(name)))
  const workloads = await Promise.all(
    names.workloads.map(async (name) => {
      const cases = await library.workloads(name)
      return { name, question: cases[0]?.question ?? '', cases: cases.map(titleOf) }
    }),
  )
  return { schema: 'raftmark/workloads/1', suites, workloads }
}

/** A suite, or a workload with all its defaults, by name or file. */
export async function showWorkload(name: string): Promise<WorkloadDetail> {
  const library = shippedWorkloads()
  const { suites } = await library.names()
  if (suites.includes(name)) return { schema: 'raftmark/suite/1', suite: await library.suite(name) }
  return { schema: 'raftmark/workload/1', cases: await library.workloads(name) }
}
