// A command line that starts one node through a guard, makes a temporary directory, prints both
// ids and then does what its first argument says: it is there to be killed.
// usage: guard-parent.ts wait|exit|crash|close DIRECTORY NODE-SCRIPT
import { createGuard } from '../../src/os/guard.ts'

const [way, directory, script] = process.argv.slice(2) as [string, string, string]
const guard = await createGuard()
await guard.makeTemporary(`${directory}/temporary`)
const node = await guard.start({
  argv: [process.execPath, script],
  directory,
  stderrFile: `${directory}/stderr.log`,
})
node.onLine((grandchild) => {
  console.log(JSON.stringify({ node: node.pid, grandchild: Number(grandchild) }))
  if (way === 'exit') process.exit(0)
  if (way === 'crash') throw new Error('a bug')
  if (way === 'close') void guard.close()
})
