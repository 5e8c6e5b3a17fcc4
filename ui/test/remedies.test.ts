import { describe, expect, it } from 'vitest'
import type { Remedy, SessionRefusal } from '@/api/types'
import { refusalGroups } from '@/lib/refusals'
import { remedyAction, remedyLink } from '@/lib/remedies'
import { isDate } from '@/lib/time'

const place = { station: 'dai', unit: 'xa' }
const remedy = (values: Partial<Remedy>): Remedy => ({
  vi: 'Làm',
  en: 'Do',
  kind: 'add_room',
  count: 1,
  topic_groups: [],
  item_id: null,
  session_id: null,
  edit_id: null,
  from: null,
  until: null,
  duration_ms: 0,
  ...values,
})

describe('a remedy', () => {
  it('leads to the page where it is done, with what it is about', () => {
    const kinds = {
      approve_items: '/library/new?groups=cchc-a%2Ccchc-e&from=2026-12-01&until=2026-12-31&unit=xa',
      extend_validity: '/library/tin',
      shorten_item: '/library/tin',
      relax_rule: '/library/tin',
      add_room: '/hours?station=dai&add=rule&from=2026-12-01',
      allow_session: '/hours?station=dai',
      lengthen_session: '/hours?station=dai',
      take_back_edit: '/schedule?station=dai&show=edits',
      choose_session: '/schedule?station=dai&day=2026-12-01',
      lower_duty: '/obligations',
    } as const satisfies Record<Remedy['kind'], string>
    for (const [kind, link] of Object.entries(kinds))
      expect(
        remedyLink(
          remedy({
            kind: kind as Remedy['kind'],
            topic_groups: ['cchc-a', 'cchc-e'],
            item_id: kind === 'approve_items' ? null : 'tin',
            from: '2026-12-01',
            until: '2026-12-31',
          }),
          place,
        ),
      ).toBe(link)
    expect(remedyLink(remedy({ kind: 'add_room' }), place)).toBe('/hours?station=dai&add=rule')
    expect(remedyLink(remedy({ kind: 'approve_items', item_id: 'tin' }), place)).toBe('/library/tin')
  })

  it('names what is done there', () => {
    expect(remedyAction(remedy({ kind: 'approve_items', item_id: 'tin' }))).toBe('open_item')
    expect(remedyAction(remedy({ kind: 'approve_items' }))).toBe('new_item')
    expect(remedyAction(remedy({ kind: 'approve_items', topic_groups: ['cchc-a'] }))).toBe('approve_items')
    expect(remedyAction(remedy({ kind: 'extend_validity', item_id: 'tin' }))).toBe('extend_validity')
  })

  it('is believed only where a link holds a date', () => {
    expect(isDate('2026-12-31')).toBe(true)
    for (const wrong of ['', '2026-13-01', '31/12/2026', '2026-12-31T00:00', 'x'])
      expect(isDate(wrong)).toBe(false)
  })
})

it('puts refusals of one rule for one cause together, in their order', () => {
  const refusal = (rule_id: string, cause: SessionRefusal['cause'], local_date: string): SessionRefusal => ({
    session_id: null,
    rule_id,
    title: rule_id,
    cause,
    local_date,
    starts_at: null,
    reason: { vi: '', en: '' },
  })
  const groups = refusalGroups([
    refusal('sang', 'outside_hours', '2026-12-05'),
    refusal('chieu', 'no_room', '2026-12-05'),
    refusal('sang', 'outside_hours', '2026-12-06'),
    refusal('sang', 'no_policy', '2026-12-07'),
  ])
  expect(groups.map((group) => group.map(({ local_date }) => local_date))).toEqual([
    ['2026-12-05', '2026-12-06'],
    ['2026-12-05'],
    ['2026-12-07'],
  ])
})
