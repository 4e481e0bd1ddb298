// A command that obeys the first interrupt only when its input ends, and prints what happens.
import { listenForInterrupts } from '../../src/os/interrupt.ts'

const interruption = listenForInterrupts({
  onFirst: (name) => console.log(`first ${name}`),
  lastAct: () => console.log('last act'),
})
process.stdin.resume().on('end', () => {
  interruption.dispose()
  console.log(`${interruption.signal.reason} ${interruption.exitCode}`)
  process.exitCode = interruption.exitCode
})
console.log('ready')
