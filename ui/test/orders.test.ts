import { describe, expect, test } from 'vitest'
import type { Order, OrderStation } from '@/api/types'
import { counts, isUnderWay, sorted, toneOfStation } from '@/pages/orders/standing'

const station = (name: string, standing: OrderStation['standing'], reason = ''): OrderStation => ({
  id: name,
  station_id: name,
  station_name: name,
  standing,
  reason,
  detail: '',
  airing_id: null,
  answered_at: null,
})

const order = (...stations: OrderStation[]): Order => ({
  id: 'order',
  kind: 'play',
  title: 'Báo động',
  details: {},
  item_id: null,
  unit_id: 'unit',
  station_id: null,
  ordered_by_name: 'Ông Trực',
  ordered_at: '2026-12-01T00:00:00.000000Z',
  valid_until: '2026-12-01T00:10:00.000000Z',
  stations,
})

describe('what an order has come to', () => {
  test('stations that need someone come first, then by name', () => {
    const all = [
      station('C', 'done'),
      station('B', 'waiting'),
      station('Đ', 'refused'),
      station('A', 'waiting'),
    ]
    expect(sorted(all).map((one) => one.station_name)).toEqual(['Đ', 'A', 'B', 'C'])
  })

  test('it is under way while a station may still begin or sounds', () => {
    expect(isUnderWay(order(station('A', 'done'), station('B', 'playing')))).toBe(true)
    expect(isUnderWay(order(station('A', 'done'), station('B', 'expired'), station('C', 'cancelled')))).toBe(
      false,
    )
  })

  test('it is counted by standing', () => {
    expect(counts(order(station('A', 'done'), station('B', 'done'), station('C', 'refused')))).toEqual([
      ['refused', 1],
      ['done', 2],
    ])
  })

  test('done, but not as it was meant, is no good sign', () => {
    expect(toneOfStation(station('A', 'done'))).toBe('good')
    expect(toneOfStation(station('A', 'done', 'pre-empted'))).toBe('warn')
    expect(toneOfStation(station('A', 'refused', 'outside-hours'))).toBe('bad')
  })
})
