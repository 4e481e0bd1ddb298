/** How long a measurement counts: a new version or harness deserves a new one anyway. */
const FRESH_DAYS = 365

/** The last day on which what was measured on `date` counts. */
export const staleAfter = (date: string): string =>
  new Date(Date.parse(date) + FRESH_DAYS * 86_400_000).toISOString().slice(0, 10)
