import { distance } from 'fastest-levenshtein'

/** The name that was probably meant: at most two, or a third of its letters, differ. */
function nearestName(wrong: string, names: Iterable<string>): string | undefined {
  const close = [...names]
    .map((name) => ({ name, edits: distance(wrong.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, edits }) => edits <= Math.max(2, Math.ceil(name.length / 3)))
    .sort((one, other) => one.edits - other.edits || (one.name < other.name ? -1 : 1))
  return close[0]?.name
}

/** The next step for a name that nobody has: the nearest one, else all there are. */
export function didYouMean(wrong: string, names: Iterable<string>): string {
  const all = [...names].sort()
  const near = nearestName(wrong, all)
  if (near !== undefined) return `did you mean ${near}?`
  return all.length === 0 ? 'there is none to choose from' : `choose one of: ${all.join(', ')}`
}
