import { createGuard, type Guard } from '../os/guard.ts'
import { type Interruption, listenForInterrupts } from '../os/interrupt.ts'

/**
 * Does `work` with a guard for all that it starts, and lets Ctrl-C end it: the first one aborts the
 * signal after `onFirst`, the second one ends everything at once. Nothing is left afterwards,
 * however `work` ends.
 */
export async function underGuard<Result>(
  onFirst: (name: NodeJS.Signals) => void,
  work: (guard: Guard, interruption: Interruption) => Promise<Result>,
): Promise<Result> {
  const guard = await createGuard()
  const interruption = listenForInterrupts({ onFirst, lastAct: () => guard.killAll() })
  try {
    return await work(guard, interruption)
  } finally {
    interruption.dispose()
    await guard.close()
  }
}
