const HOSTILE = `"'><img src=x onerror="alert(1)"><script>alert(1)</script>`

/** Words that programs decide by: a reader never sees them but as they are. */
const KEYWORDS = ['verdict', 'loop', 'kind', 'schema', 'outcome', 'role', 'metric', 'startedAt']

/** The same value with markup at the end of every text: what a malicious file could contain. */
export function hostile<T>(value: T): T {
  return altered(value, '') as T
}

function altered(value: unknown, key: string): unknown {
  if (typeof value === 'string') return KEYWORDS.includes(key) ? value : `${value}${HOSTILE}`
  if (Array.isArray(value)) return value.map((one) => altered(one, key))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, altered(inner, name)]),
  )
}
