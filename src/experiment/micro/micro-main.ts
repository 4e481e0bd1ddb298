import { assert } from '../../base/assert.ts'
import { importModule } from '../../os/import-module.ts'
import { storeAdapterOf } from '../../replica/store/store-module.ts'
import { measureEngine } from './measure-engine.ts'
import { microEngines } from './micro-engines.ts'
import type { MicroPlan } from './micro-plan.ts'
import type { MicroEngine } from './micro-task.ts'
import { storeEngine } from './store-engine.ts'

/** One engine in a process of its own: `node micro-main.js PLAN`, a line of JSON out. */
const plan: MicroPlan = JSON.parse(process.argv[2] ?? '')
const tasks = await measureEngine(await engineOf(plan), plan)
process.stdout.write(`${JSON.stringify({ engine: plan.engine, tasks })}\n`)

async function engineOf({ engine, module, directory }: MicroPlan): Promise<MicroEngine> {
  if (module !== undefined) {
    return storeEngine(storeAdapterOf(await importModule(module), module), directory)
  }
  const create = microEngines[engine]
  assert(create !== undefined, 'the command asks for engines that there are')
  return create()
}
