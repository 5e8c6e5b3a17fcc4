import { describe, expect, test } from 'vitest'
import type { ScheduledAiring, ScheduledSession } from '@/api/types'
import { editsOf, findPlaced, type PlacedAiring } from '@/lib/edits'
import { countRules, fieldsOfRules, noPlayRules, rulesOfFields } from '@/lib/play_rules'
import { percentOf } from '@/lib/percent'

const placed = (session: string, item: string): PlacedAiring => {
  const airing = { airing_id: `${session}/${item}`, item_id: item } as ScheduledAiring
  return { airing, session: { id: session, items: [airing] } as unknown as ScheduledSession }
}

describe('what a person wants becomes edits', () => {
  const here = placed('s1', 'a')

  test('a move is away there and keep here', () => {
    expect(editsOf({ kind: 'move', placed: here, to: 's2', position: 0 })).toEqual([
      { session_id: 's1', item_id: 'a', kind: 'away' },
      { session_id: 's2', item_id: 'a', kind: 'keep', position: 0 },
    ])
  })

  test('a move within its session is a place in it, and nothing without one', () => {
    expect(editsOf({ kind: 'move', placed: here, to: 's1', position: 2 })).toEqual([
      { session_id: 's1', item_id: 'a', kind: 'keep', position: 2 },
    ])
    expect(editsOf({ kind: 'move', placed: here, to: 's1' })).toBeNull()
    expect(editsOf({ kind: 'move', placed: here })).toBeNull()
  })

  test('a swap is two moves', () => {
    expect(editsOf({ kind: 'swap', placed: here, with: placed('s2', 'b') })).toEqual([
      { session_id: 's1', item_id: 'a', kind: 'away' },
      { session_id: 's2', item_id: 'a', kind: 'keep' },
      { session_id: 's2', item_id: 'b', kind: 'away' },
      { session_id: 's1', item_id: 'b', kind: 'keep' },
    ])
    expect(editsOf({ kind: 'swap', placed: here })).toBeNull()
  })

  test('pin and insert keep, remove does not', () => {
    expect(editsOf({ kind: 'pin', placed: here })?.[0]?.kind).toBe('keep')
    expect(editsOf({ kind: 'remove', placed: here })?.[0]?.kind).toBe('away')
    expect(editsOf({ kind: 'insert', to: 's1' })).toBeNull()
    expect(editsOf({ kind: 'insert', to: 's1', item: 'c' })).toEqual([
      { session_id: 's1', item_id: 'c', kind: 'keep' },
    ])
  })

  test('an airing is found where it stands now', () => {
    const other = placed('s2', 'b')
    expect(findPlaced([here.session, other.session], 's2/b')).toEqual(other)
    expect(findPlaced([here.session], 's2/b')).toBeUndefined()
  })
})

describe('play rules', () => {
  test('come back from the form as they went in', () => {
    const rules = {
      least_gap_minutes: 90,
      most_plays_a_day: 2,
      most_plays: { plays: 5, period: 'month' as const },
      not_before: '06:30',
      series: { name: 'Một cửa', episode: 3 },
      pair_with: 'item-2',
      not_beside: ['item-3'],
      forbidden_at: ['station-1'],
      may_fade: true,
    }
    expect(rulesOfFields(fieldsOfRules(rules))).toEqual(rules)
    expect(countRules(rules)).toBe(9)
  })

  test('empty fields bind nothing', () => {
    expect(rulesOfFields(fieldsOfRules(noPlayRules))).toEqual(noPlayRules)
    expect(countRules(noPlayRules)).toBe(0)
  })

  test('times of day get their two digits', () => {
    expect(rulesOfFields({ ...fieldsOfRules(noPlayRules), not_before: '6:05' }).not_before).toBe('06:05')
  })
})

test('a chance is never rounded to certainty', () => {
  expect([1, 0.999, 0.5, 0.001, 0].map(percentOf)).toEqual(['100', '>99', '50', '<1', '0'])
})
