import { Flags } from '@oclif/core'

export const profile = Flags.string({
  summary: 'For whom: a name under scorecards/profiles, or a YAML file.',
  default: 'chronik',
  helpValue: 'NAME',
})

export const evidence = Flags.string({
  summary: 'Folder with one RAFT.yaml each, instead of what raftmark ships and has measured.',
  helpValue: 'DIR',
})
