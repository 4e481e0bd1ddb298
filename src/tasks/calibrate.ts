import { join } from 'node:path'
import { calibrateInFull } from '../experiment/calibrate/calibrate.ts'
import type {
  FioSecondOpinion,
  FullCalibration,
  Quantiles,
} from '../experiment/calibrate/calibration.ts'
import { makeDirectories, writeFileAtomic } from '../os/files.ts'
import { createGuard } from '../os/guard.ts'

/**
 * Calibrates in the results directory, which is made if needed, and keeps the document in its
 * `calibrations/`.
 */
export async function calibrateMachine(options: {
  readonly resultsDirectory: string
}): Promise<FullCalibration> {
  const { resultsDirectory } = options
  const guard = await createGuard()
  try {
    const calibration = await calibrateInFull({ directory: resultsDirectory, guard })
    const folder = join(resultsDirectory, 'calibrations')
    makeDirectories(folder)
    const name = `${calibration.takenAt.replaceAll(':', '')}.json`
    await writeFileAtomic(join(folder, name), `${JSON.stringify(calibration, undefined, 2)}\n`)
    return calibration
  } finally {
    await guard.close()
  }
}

/** The calibration as lines of plain text, warnings last. */
export function calibrationLines(calibration: FullCalibration): readonly string[] {
  const { fileSystem, writtenBytesPerSecond } = calibration
  const percent = (ratio: number) => `${(ratio * 100).toFixed(2)} %`
  const sizes = calibration.syncs.map(
    ({ bytes, syncMs }) => `${`sync of ${bytes / 1_024} KiB`.padEnd(21)}${quantiles(syncMs)}`,
  )
  return [
    `file system          ${fileSystem.type} on ${fileSystem.device}`,
    ...sizes,
    `written in a row     ${(writtenBytesPerSecond / 2 ** 20).toFixed(0)} MiB/s`,
    `loopback round trip  ${quantiles(calibration.roundTripMs)}`,
    `timer lateness       ${quantiles(calibration.timerLatenessMs)}`,
    `one core             ${calibration.coreScore.toFixed(0)} rounds/µs`,
    `no core free         ${percent(calibration.runDelayRatio)} of the time`,
    `stolen by the host   ${percent(calibration.stealRatio)} of the time`,
    ...fioLines(calibration.fio),
    ...calibration.warnings.map((warning) => `warning: ${warning}`),
  ]
}

function fioLines(fio: FioSecondOpinion): readonly string[] {
  if (fio.state === 'failed') return [`fio                  failed: ${fio.reason}`]
  if (fio.state === 'not-installed') {
    return [`fio                  not installed; compared would be ${fio.wouldCompare.join('; ')}`]
  }
  const { version, syncs, writtenBytesPerSecond, bandwidthRatio } = fio
  const ours = (ratio: number) => `ours is ${ratio.toFixed(2)} × that`
  const bandwidth = `${(writtenBytesPerSecond / 2 ** 20).toFixed(0)} MiB/s`
  return [
    ...syncs.map(
      ({ bytes, fdatasyncMs, writeMsP50, ratio }) =>
        `${`${version}, ${bytes / 1_024} KiB`.padEnd(21)}write p50 ${writeMsP50.toFixed(3)} ms + ` +
        `fdatasync ${quantiles(fdatasyncMs)}; ${ours(ratio)}`,
    ),
    `${`${version}, in a row`.padEnd(21)}${bandwidth}; ${ours(bandwidthRatio)}`,
  ]
}

const quantiles = ({ p50, p99, count }: Quantiles): string =>
  `p50 ${p50.toFixed(3)} ms, p99 ${p99.toFixed(3)} ms (${count} samples)`
