import { describe, expect, test } from 'vitest'
import type { BoardCell, Unit, User } from '@/api/types'
import { relative } from '@/components/ago'
import { topicsByGroup } from '@/components/words'
import { showBytes } from '@/lib/bytes'
import { normalisedPeaks, playedPart } from '@/lib/peaks'
import { mayAnywhere, mayFor, mayForItem, subtree, unitsFor } from '@/lib/roles'
import { daysOfRule, ruleOfDays } from '@/lib/rrule'
import { matches } from '@/lib/text'
import { boardWord, livenessOf } from '@/lib/tones'

const unit = (id: string, parent_id: string | null): Unit => ({
  id,
  parent_id,
  code: id,
  name: id,
  kind: 'commune',
  valid_from: '2020-01-01',
  valid_until: null,
})
const units = [unit('city', null), unit('district', 'city'), unit('ward', 'district'), unit('other', 'city')]
const person = (...roles: User['roles']): User => ({
  id: 'u',
  username: 'u',
  full_name: 'U',
  roles,
  active: true,
  created_at: '2026-01-01T00:00:00.000000Z',
})

describe('roles', () => {
  const editor = person({ role: 'editor', unit_id: 'district' })
  const approver = person({ role: 'approver', unit_id: 'ward' })

  test('hold for their unit and all below, not above or beside', () => {
    expect(unitsFor(editor, 'edit', units).map(({ id }) => id)).toEqual(['district', 'ward'])
    expect(mayFor(editor, 'edit', 'city', units)).toBe(false)
    expect(mayFor(editor, 'edit', 'other', units)).toBe(false)
  })

  test('do not include one another: an administrator does not approve', () => {
    const administrator = person({ role: 'administrator', unit_id: 'city' })
    expect(mayAnywhere(administrator, 'approve')).toBe(false)
    expect(mayAnywhere(administrator, 'edit')).toBe(false)
    expect(mayAnywhere(administrator, 'audit')).toBe(true)
    expect(mayAnywhere(approver, 'administer')).toBe(false)
  })

  test('an approver answers for the whole scope of an item', () => {
    expect(mayForItem(approver, 'approve', { unit_id: 'ward', scope_unit_id: 'district' }, units)).toBe(false)
    expect(mayForItem(approver, 'approve', { unit_id: 'district', scope_unit_id: 'ward' }, units)).toBe(true)
    expect(mayForItem(editor, 'edit', { unit_id: 'district', scope_unit_id: 'city' }, units)).toBe(false)
    expect(mayForItem(editor, 'withdraw', { unit_id: 'district', scope_unit_id: 'city' }, units)).toBe(true)
  })

  test('a tree that runs in a circle ends', () => {
    expect(mayFor(editor, 'edit', 'a', [unit('a', 'b'), unit('b', 'a')])).toBe(false)
  })

  test('a subtree includes its root', () => {
    expect([...subtree('district', units)]).toEqual(['district', 'ward'])
  })
})

describe('the board', () => {
  const cell = (part: Partial<BoardCell>): BoardCell => ({
    month: '2026-11',
    required: 2,
    completed: 0,
    planned: 0,
    standing: 'at_risk',
    ...part,
  })
  const word = (part: Partial<BoardCell>) => boardWord(cell(part), '2026-11')

  test('tells what is met, what the plan will meet, and what someone must mend', () => {
    expect(word({ completed: 2, standing: 'green' })).toBe('done')
    expect(word({ completed: 1, planned: 1 })).toBe('on_track')
    expect(word({ completed: 1, planned: 0 })).toBe('at_risk')
    expect(word({ month: '2026-10', completed: 1, standing: 'failed' })).toBe('failed')
  })

  test('never calls a planned item done', () => {
    expect(word({ completed: 0, planned: 5 })).toBe('on_track')
  })

  test('does not blame a month to come, nor one without a duty', () => {
    expect(word({ month: '2026-12' })).toBe('future')
    expect(word({ standing: null })).toBe('none')
  })
})

test('a station is live, late, lost or was never heard', () => {
  const now = new Date('2026-11-23T12:00:00Z')
  expect(livenessOf('2026-11-23T11:56:00.000000Z', now)).toBe('live')
  expect(livenessOf('2026-11-23T11:30:00.000000Z', now)).toBe('late')
  expect(livenessOf('2026-11-23T10:00:00.000000Z', now)).toBe('lost')
  expect(livenessOf(null, now)).toBe('never')
})

test('search finds Vietnamese names typed without marks', () => {
  expect(matches('me tri', 'Đài truyền thanh phường Mễ Trì')).toBe(true)
  expect(matches('DAI MO', 'Phường Đại Mỗ')).toBe(true)
  expect(matches('trì mễ', 'Phường Mễ Trì')).toBe(true)
  expect(matches('phu do', 'Phường Mễ Trì')).toBe(false)
  expect(matches('', 'anything')).toBe(true)
})

test('topics stand in the order of the plan: a, b, c, d, đ, e, others', () => {
  const topic = (group: string) => ({ id: group, group, name_vi: group, name_en: group })
  const shuffled = ['other', 'cchc-e', 'new', 'cchc-dd', 'cchc-a', 'cchc-d'].map(topic)
  expect(topicsByGroup(shuffled).map(([group]) => group)).toEqual([
    'cchc-a',
    'cchc-d',
    'cchc-dd',
    'cchc-e',
    'other',
    'new',
  ])
})

test('peaks of any scale fill the height', () => {
  expect(normalisedPeaks([0, -50, 100])).toEqual([0, 0.5, 1])
  expect(normalisedPeaks([0, 0])).toEqual([0, 0])
  expect(normalisedPeaks([])).toEqual([])
})

test('what was heard is the sum of what was played', () => {
  const spans: readonly (readonly [number, number])[] = [
    [0, 10],
    [20, 25],
  ]
  const ranges = {
    length: spans.length,
    start: (index: number) => spans[index]?.[0] ?? 0,
    end: (index: number) => spans[index]?.[1] ?? 0,
  }
  expect(playedPart(ranges, 30)).toBe(0.5)
  expect(playedPart(ranges, 10)).toBe(1)
  expect(playedPart(ranges, 0)).toBe(0)
})

test('session rules that the form writes can be read back, others are left as they stand', () => {
  expect(ruleOfDays([0, 2, 4])).toBe('FREQ=WEEKLY;BYDAY=MO,WE,FR')
  expect(daysOfRule('FREQ=WEEKLY;BYDAY=MO,WE,FR')).toEqual([0, 2, 4])
  expect(daysOfRule(ruleOfDays([0, 1, 2, 3, 4, 5, 6]))).toEqual([0, 1, 2, 3, 4, 5, 6])
  expect(daysOfRule('FREQ=MONTHLY;BYMONTHDAY=1')).toBeNull()
  expect(daysOfRule('FREQ=WEEKLY;INTERVAL=2;BYDAY=MO')).toBeNull()
  expect(daysOfRule('FREQ=WEEKLY')).toBeNull()
})

test('sizes and spans of time read as people say them', () => {
  expect(showBytes(4_200_000, 'vi')).toBe('4,2 MB')
  expect(showBytes(999, 'en')).toBe('999 B')
  const now = new Date('2026-11-23T12:00:00Z')
  expect(relative('2026-11-23T11:57:00Z', now, 'vi')).toBe('3 phút trước')
  expect(relative('2026-11-23T22:00:00Z', now, 'en')).toBe('in 10 hours')
})
