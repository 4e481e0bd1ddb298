import type { Arrival, Sweep, Workload, WorkloadFile } from './workload.ts'

/** What a workload file asks for: itself, or one workload for each crossing of its sweep. */
export function casesOf(file: WorkloadFile): readonly Workload[] {
  const { sweep, ...workload } = file
  if (sweep === undefined) return [workload]
  return variantsOf(sweep).map((variant) => withVariant(workload, variant))
}

/** A workload's name with its variant, as a reader sees it: `engine-only inFlight=64`. */
export function titleOf(workload: Workload): string {
  const values = Object.entries(workload.variant ?? {}).map(([key, value]) => `${key}=${value}`)
  return [workload.name, ...values].join(' ')
}

type Variant = {
  readonly [Key in keyof Sweep]?: NonNullable<Sweep[Key]>[number]
}

function variantsOf(sweep: Sweep): Variant[] {
  let variants: Variant[] = [{}]
  for (const [key, values] of Object.entries(sweep)) {
    variants = variants.flatMap((variant) => values.map((value) => ({ ...variant, [key]: value })))
  }
  return variants
}

function withVariant(workload: Workload, variant: Variant): Workload {
  const { inFlight, ratePerSecond, measureRatio, ...others } = variant
  return {
    ...workload,
    ...others,
    arrival: withArrival(workload.arrival, { inFlight, ratePerSecond, measureRatio }),
    variant: variant as Record<string, number | string>,
  }
}

/** A sweep's key that the arrival does not have was refused when the file was read. */
function withArrival(
  arrival: Arrival,
  values: Readonly<Record<'inFlight' | 'ratePerSecond' | 'measureRatio', number | undefined>>,
): Arrival {
  if (arrival.kind === 'search') {
    return { ...arrival, measureRatio: values.measureRatio ?? arrival.measureRatio }
  }
  if (arrival.kind === 'closed')
    return { ...arrival, inFlight: values.inFlight ?? arrival.inFlight }
  if (!('ratePerSecond' in arrival)) return arrival
  return { ...arrival, ratePerSecond: values.ratePerSecond ?? arrival.ratePerSecond }
}
