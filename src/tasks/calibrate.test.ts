import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { calibrateMachine, calibrationLines } from './calibrate.ts'

test('a full calibration is printed and kept', async () => {
  const resultsDirectory = mkdtempSync(join(tmpdir(), 'raftmark-calibrate-'))
  onTestFinished(() => rmSync(resultsDirectory, { recursive: true }))

  const calibration = await calibrateMachine({ resultsDirectory })

  const sizes = calibration.syncs.map(({ bytes }) => bytes / 1_024)
  expect(sizes).toEqual([4, 16, 64, 256, 1_024])
  expect(calibration.writtenBytesPerSecond).toBeGreaterThan(1_000_000)
  const lines = calibrationLines(calibration)
  expect(lines).toContainEqual(expect.stringMatching(/^sync of 1024 KiB +p50 \d+\.\d+ ms/))
  expect(lines).toContainEqual(expect.stringMatching(/^fio/))
  expect(readdirSync(resultsDirectory)).toEqual(['calibrations'])
  const [kept = ''] = readdirSync(join(resultsDirectory, 'calibrations'))
  const text = readFileSync(join(resultsDirectory, 'calibrations', kept), 'utf8')
  expect(JSON.parse(text)).toEqual(calibration)
})
