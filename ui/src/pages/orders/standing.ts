/** What an order has come to, over all its stations. */
import type { Order, OrderStation } from '@/api/types'
import type { Tone } from '@/lib/tones'

export type Standing = OrderStation['standing']

const tones: Record<Standing, Tone> = {
  waiting: 'info',
  accepted: 'info',
  playing: 'good',
  done: 'good',
  refused: 'bad',
  cancelled: 'idle',
  expired: 'bad',
}

/** Done, but not as it was meant: cut off, stopped, one output down. */
export function toneOfStation(station: OrderStation): Tone {
  if (station.standing === 'done' && station.reason !== '') return 'warn'
  return tones[station.standing]
}

const underWay: readonly Standing[] = ['waiting', 'accepted', 'playing']

export const isUnderWay = (order: Order): boolean =>
  order.stations.some((station) => underWay.includes(station.standing))

/** Those that need someone first, then those that are under way. */
const ranks: Record<Standing, number> = {
  refused: 0,
  expired: 0,
  waiting: 1,
  accepted: 2,
  playing: 3,
  done: 4,
  cancelled: 5,
}

export function sorted(stations: readonly OrderStation[]): OrderStation[] {
  return [...stations].sort(
    (a, b) => ranks[a.standing] - ranks[b.standing] || a.station_name.localeCompare(b.station_name, 'vi'),
  )
}

export function counts(order: Order): [standing: Standing, count: number][] {
  const all = new Map<Standing, number>()
  for (const { standing } of sorted(order.stations)) all.set(standing, (all.get(standing) ?? 0) + 1)
  return [...all.entries()]
}
