import { PerformanceObserver } from 'node:perf_hooks'

/** Stops of this process's JavaScript for garbage collection, since counting began. */
export interface GcPauses {
  read(): { readonly count: number; readonly msTotal: number; readonly msMax: number }
  stop(): void
}

export function countGcPauses(): GcPauses {
  let count = 0
  let msTotal = 0
  let msMax = 0
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      count += 1
      msTotal += duration
      msMax = Math.max(msMax, duration)
    }
  })
  observer.observe({ entryTypes: ['gc'] })
  return { read: () => ({ count, msTotal, msMax }), stop: () => observer.disconnect() }
}
