/**
 * The layers of raftmark, bottom first, and what each may import beside itself. This table is the
 * architecture: docs/ARCHITECTURE.md shows the same one, and a change needs a decision record.
 */
const layers = {
  base: [],
  contract: ['base'],
  os: ['base', 'replica/store/disk'],
  'replica/consensus': ['base', 'contract'],
  'replica/log': ['base', 'contract', 'replica/consensus'],
  'replica/store': ['base', 'contract', 'replica/consensus'],
  'replica/transport': ['base', 'contract', 'replica/consensus'],
  'replica/engine': [
    'base',
    'contract',
    'replica/consensus',
    'replica/log',
    'replica/store',
    'replica/transport',
  ],
  'replica/adapter': ['base', 'contract', 'replica'],
  node: ['base', 'contract', 'os', 'replica'],
  'judgement/history': ['base', 'contract'],
  'judgement/check': ['base', 'contract', 'judgement/history'],
  'judgement/stats': ['base', 'contract'],
  'judgement/score': ['base', 'contract', 'judgement'],
  'experiment/workload': ['base', 'contract'],
  'experiment/load': ['base', 'contract', 'os', 'judgement', 'experiment/workload'],
  'experiment/fault': ['base', 'contract'],
  'experiment/cluster': ['base', 'contract', 'os', 'replica', 'experiment/fault'],
  'experiment/conformance': [
    'base',
    'contract',
    'os',
    'replica',
    'judgement',
    'experiment/cluster',
  ],
  'experiment/sim': [
    'base',
    'contract',
    'replica',
    'judgement',
    'experiment/workload',
    'experiment/fault',
  ],
  'experiment/calibrate': ['base', 'contract', 'os', 'judgement'],
  'experiment/micro': ['base', 'contract', 'os', 'replica', 'judgement'],
  'experiment/sync-probe': [
    'base',
    'contract',
    'os',
    'judgement',
    'experiment/load',
    'experiment/cluster',
  ],
  'experiment/power-cut': [
    'base',
    'contract',
    'os',
    'judgement',
    'experiment/load',
    'experiment/cluster',
  ],
  archive: ['base', 'contract', 'os', 'judgement'],
  report: ['base', 'contract', 'judgement'],
  tasks: ['base', 'contract', 'os', 'replica', 'judgement', 'experiment', 'archive', 'report'],
  cli: ['base', 'contract', 'os', 'replica', 'judgement', 'experiment', 'report', 'tasks'],
}

/** Layers whose every result follows from their arguments: no Node module and no package. */
const pure = [
  'base',
  'replica/consensus',
  'replica/log',
  'replica/store',
  'judgement',
  'experiment/workload',
  'experiment/fault',
]

const not = { pathNot: '\\.test\\.ts$' }
const boundary = (layer) => `${layer}(/|\\.ts$)`
const anyOf = (names) => `^src/(${names.map(boundary).join('|')})`

export default {
  forbidden: [
    ...Object.entries(layers).map(([layer, allowed]) => ({
      name: `layer-${layer}`,
      comment: `src/${layer} may import: ${[layer, ...allowed].join(', ')}`,
      severity: 'error',
      from: { path: `^src/${boundary(layer)}`, ...not },
      to: { path: '^src/', pathNot: anyOf([layer, ...allowed]) },
    })),
    {
      name: 'pure-layers-do-no-io',
      severity: 'error',
      from: { path: anyOf(pure), ...not },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev'] },
    },
    {
      name: 'the-contract-knows-protobuf-alone',
      severity: 'error',
      from: { path: '^src/contract/', ...not },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev'], pathNot: '@bufbuild/protobuf' },
    },
    {
      name: 'the-simulator-has-no-os',
      severity: 'error',
      from: { path: '^src/experiment/sim/', ...not },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'only-the-archive-opens-sqlite',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/archive/' },
      to: { path: 'better-sqlite3' },
    },
    {
      name: 'only-the-cli-and-node-know-the-shipped-adapters',
      comment: 'The node is told by name which store to open: see decisions/0002.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/(cli|node)/', not.pathNot] },
      to: { path: '^adapters/' },
    },
    {
      name: 'an-adapter-sees-the-public-door-only',
      comment: 'An adapter can move to a repository of its own without changing a line.',
      severity: 'error',
      from: { path: '^adapters/', ...not },
      to: { path: '^src/', pathNot: '^src/replica/adapter\\.ts$' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'every-layer-is-listed',
      severity: 'error',
      from: {},
      to: { path: '^src/', pathNot: anyOf(Object.keys(layers)) },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['raftmark-source', 'import', 'types'],
    },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^adapters/templates' },
  },
}
