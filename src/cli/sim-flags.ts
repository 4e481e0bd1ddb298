import { Flags } from '@oclif/core'

export const scenario = Flags.string({
  summary: 'What the seeds draw their lives from: short, long, swarm, or the name of a design.',
  default: 'short',
  helpValue: 'NAME',
})

export const design = Flags.string({
  summary: 'This design instead of the scenario’s; give it once for each.',
  multiple: true,
  multipleNonGreedy: true,
  helpValue: 'NAME',
})
