import { expect, it } from 'vitest'
import type { Presets } from '@/api/types'
import { offersOf } from '@/pages/hours/special_days'

const day = (date: string) => ({ date, name: date, kind: 'silent' as const, sessions: [] })

it('offers each year of a preset from today on, one at a time', () => {
  const presets: Presets = {
    policies: [],
    templates: [],
    special_days: [
      {
        id: 'le',
        name: 'Ngày lễ',
        decision: 'Bộ luật Lao động',
        days: ['2025-01-01', '2026-01-01', '2026-12-30', '2027-01-01'].map(day),
      },
      { id: 'cu', name: 'Đã qua', decision: '', days: [day('2026-01-01')] },
    ],
  }
  const offers = offersOf(presets, '2026-11-28')
  expect(offers.map(({ id, label }) => [id, label])).toEqual([
    ['le/2026', 'Ngày lễ 2026'],
    ['le/2027', 'Ngày lễ 2027'],
  ])
  expect(offers[0]?.draft).toEqual({
    name: 'Ngày lễ 2026',
    decision: 'Bộ luật Lao động',
    days: [day('2026-12-30')],
  })
})
