import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { refusalOf } from './system-error.ts'

const refused = (code: string, path?: string) =>
  Object.assign(new Error(`${code}: said the system`), { code, ...(path && { path }) })

test.each([
  ['ENOSPC', 'directory-unusable', /Free some space/],
  ['EROFS', 'directory-unusable', /can be written/],
  ['EMFILE', 'environment-lacking', /ulimit -n/],
])('%s is a mistake of the code %s with a next step', (code, expected, nextStep) => {
  expect(refusalOf(refused(code, '/results/run.json'))).toMatchObject({
    code: expected,
    message: `the system refused: ${code}: said the system`,
    nextStep: expect.stringMatching(nextStep),
    place: { file: '/results/run.json' },
  })
})

test('a file that is not there, where one should be, is a bug', () => {
  expect(refusalOf(errorOf(() => readFileSync('/not/there')))).toBeUndefined()
  expect(refusalOf(new Error('ENOSPC'))).toBeUndefined()
  expect(refusalOf('ENOSPC')).toBeUndefined()
})

function errorOf(action: () => unknown): unknown {
  try {
    return action()
  } catch (error) {
    return error
  }
}
