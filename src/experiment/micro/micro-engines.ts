import {
  checksumEngine,
  frameCodecEngine,
  recordBatchEngine,
  walFramingEngine,
} from './codec-engines.ts'
import type { MicroEngine } from './micro-task.ts'
import { protocolEngine } from './protocol-engine.ts'

/** Everything that is measured but stores, which are found as folders. */
export const microEngines: Readonly<Record<string, () => MicroEngine>> = {
  'record-batch': recordBatchEngine,
  checksum: checksumEngine,
  'wal-framing': walFramingEngine,
  'protocol-step': protocolEngine,
  'frame-codec': frameCodecEngine,
}
