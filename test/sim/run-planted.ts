import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Worker } from 'node:worker_threads'
import { bundle } from '../mutants/bundle.ts'
import type { Change } from '../mutants/row.ts'
import type { Answer, Task } from './planted.ts'

const ENTRY = resolve(import.meta.dirname, 'planted.ts')

/** Does `task` in a thread around our sources with `changes`. */
export async function runPlanted(changes: readonly Change[], task: Task): Promise<Answer> {
  const folder = mkdtempSync(join(tmpdir(), 'raftmark-planted-'))
  try {
    const program = join(folder, 'planted.mjs')
    await bundle(changes, program, ENTRY)
    return await new Promise<Answer>((resolveAnswer, reject) => {
      const worker = new Worker(program, { workerData: task })
      worker.on('message', resolveAnswer)
      worker.on('error', reject)
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
}
