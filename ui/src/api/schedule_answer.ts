/**
 * The schedule as pages see it. A scheduler that takes no edits by hand tells neither revision nor room: its sessions then stand as they
 * are, closed to editing, with their length as room.
 */
import type { components } from './openapi'
import type { Schedule, ScheduledAiring, ScheduledSession } from './plan_types'

type Served = components['schemas']['Schedule']
type ServedSession = Served['sessions'][number]
type Optional<T, Known> = Known & Partial<Omit<T, keyof Known>>

export type ServedSchedule = Omit<Served, 'sessions'> &
  Partial<Pick<Schedule, 'revision' | 'frozen_until'>> & {
    sessions: (Omit<Optional<ScheduledSession, ServedSession>, 'items'> & {
      items: Optional<ScheduledAiring, ServedSession['items'][number]>[]
    })[]
  }

export function scheduleOf(served: ServedSchedule): Schedule {
  return {
    ...served,
    revision: served.revision ?? null,
    frozen_until: served.frozen_until ?? '',
    sessions: served.sessions.map((session) => ({
      ...session,
      capacity_ms:
        session.capacity_ms ?? new Date(session.ends_at).getTime() - new Date(session.starts_at).getTime(),
      used_ms: session.used_ms ?? session.items.reduce((sum, { duration_ms }) => sum + duration_ms, 0),
      frozen: session.frozen ?? true,
      segments: session.segments ?? [],
      parts: session.parts ?? [],
      away: session.away ?? [],
      items: session.items.map((airing) => ({
        ...airing,
        part: airing.part ?? 0,
        edited: airing.edited ?? null,
        edit_id: airing.edit_id ?? null,
      })),
    })),
  }
}
