import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkStore } from '../../../src/experiment/conformance/check-store.ts'
import { adapter as leveldb } from '../../store/leveldb/index.ts'
import { adapter as lmdb } from '../../store/lmdb/index.ts'
import { adapter as sqlite } from '../../store/sqlite/index.ts'

test.each([sqlite, leveldb, lmdb])(
  '$name keeps all rules that can be put to a database',
  async (adapter) => {
    const directory = join(tmpdir(), `raftmark-${process.pid}-${adapter.name}`)

    const { rules } = await checkStore(adapter, { directory })

    expect(rules.filter(({ verdict }) => verdict === 'broken')).toEqual([])
    expect(rules.filter(({ verdict }) => verdict === 'held').length).toBeGreaterThanOrEqual(20)
  },
  120_000,
)
