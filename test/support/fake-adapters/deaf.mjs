// Ignores the end of its input and every signal that can be ignored, and has a child that does the
// same in a session of its own; prints the child's process id.
import { spawn } from 'node:child_process'

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => undefined)
setInterval(() => undefined, 60_000)
if (process.argv[2] !== 'child') {
  const child = spawn(process.execPath, [import.meta.filename, 'child'], {
    detached: true,
    stdio: 'ignore',
  })
  process.stdout.write(`${child.pid}\n`)
}
