/** A line of standard output that is longer than this is cut: nobody means such a line. */
const LINE_CHARACTERS_MAX = 65_536

/**
 * Cuts a stream of text into lines, without their ends. `finish` hands on a last line that has no
 * end.
 */
export function lineSplitter(onLine: (line: string) => void): {
  push(text: string): void
  finish(): void
} {
  let rest = ''
  return {
    push(text) {
      const lines = (rest + text).split('\n')
      rest = (lines.pop() ?? '').slice(0, LINE_CHARACTERS_MAX)
      for (const line of lines) onLine(line)
    },
    finish() {
      if (rest !== '') onLine(rest)
      rest = ''
    },
  }
}
