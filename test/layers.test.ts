import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

test('every import respects the layer table', () => {
  const json = execFileSync('npx', ['depcruise', 'src', 'adapters', '--output-type', 'json'], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  const { summary } = JSON.parse(json)
  expect(summary.violations).toEqual([])
  // With TypeScript 7, dependency-cruiser 17 reads no .ts file and is happy: so count them.
  expect(summary.totalCruised).toBeGreaterThan(40)
})

test('the pure layers compile without the types of Node', () => {
  execFileSync('npx', ['tsc', '-p', 'tsconfig.pure.json'], { encoding: 'utf8' })
})
