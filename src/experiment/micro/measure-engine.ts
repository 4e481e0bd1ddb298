import { Bench, type Task } from 'tinybench'
import { assert } from '../../base/assert.ts'
import type { MicroFigures } from '../../judgement/history/micro-record.ts'
import type { MicroEngine, MicroTask } from './micro-task.ts'

export type MicroTimes = {
  /** Each task runs so long, ms, and at least 64 samples. */
  readonly timeMs: number
  /** Before it is measured, ms. */
  readonly warmUpMs: number
}

const NS_PER_MS = 1e6

/** What a warning's reason of tinybench means (BenchEvent.reason). */
const reasons: Readonly<Record<string, string>> = {
  'low-distinct': 'few different times were seen: the timer is too coarse for this task',
  'zero-dominated': 'most samples took no time at all: the timer is too coarse for this task',
  'zero-mad': 'half of the samples took the same time: the timer is too coarse for this task',
}

/** One task after the other, in the order of the list. */
export async function measureEngine(
  engine: MicroEngine,
  times: MicroTimes,
): Promise<readonly MicroFigures[]> {
  const bench = new Bench({ time: times.timeMs, warmupTime: times.warmUpMs, throws: true })
  const warnings = new Map<string, string[]>()
  bench.addEventListener('warning', ({ task, reason }) => {
    const text = reasons[reason ?? ''] ?? `tinybench warns: ${reason ?? 'it does not say of what'}`
    warnings.set(task.name, [...(warnings.get(task.name) ?? []), text])
  })
  for (const task of engine.tasks) bench.add(task.name, task.run)
  try {
    await bench.run()
    return engine.tasks.map((task) => {
      const measured = bench.getTask(task.name)
      assert(measured !== undefined, 'every task was added')
      return figuresOf(task, measured, [...new Set(warnings.get(task.name) ?? [])])
    })
  } finally {
    await engine.close?.()
  }
}

function figuresOf(
  { name, operations }: MicroTask,
  { result }: Task,
  warnings: readonly string[],
): MicroFigures {
  assert(result.state === 'completed', 'tinybench throws what a task throws')
  const { latency } = result
  const perOperation = (ms: number): number => (ms * NS_PER_MS) / operations
  return {
    task: name,
    operations,
    samples: latency.samplesCount,
    p50Ns: perOperation(latency.p50),
    p99Ns: perOperation(latency.p99),
    meanNs: perOperation(latency.mean),
    marginPercent: latency.rme,
    warnings,
  }
}
