// Are the fast checker and the exhaustive search of one mind? 200,000 random histories; see
// docs/CHECKS.md, "Who checks the checker".
import { compareCheckers } from './agreement.ts'

const result = compareCheckers(Number(process.argv[2] ?? 200_000))
console.log(JSON.stringify(result))
process.exitCode = result.disagreements.length === 0 ? 0 : 1
