/** What a person wants of the plan, and the edits that say it: move is away there and keep here, swap is both twice (model/hand_edit.h). */
import type { EditInput, ScheduledAiring, ScheduledSession } from '@/api/types'

export interface PlacedAiring {
  readonly airing: ScheduledAiring
  readonly session: ScheduledSession
}

export type Wish =
  | { readonly kind: 'pin'; readonly placed: PlacedAiring }
  | { readonly kind: 'remove'; readonly placed: PlacedAiring }
  | { readonly kind: 'move'; readonly placed: PlacedAiring; readonly to?: string; readonly position?: number }
  | { readonly kind: 'swap'; readonly placed: PlacedAiring; readonly with?: PlacedAiring }
  | { readonly kind: 'insert'; readonly to: string; readonly item?: string; readonly position?: number }

const keep = (session_id: string, item_id: string, position?: number): EditInput => ({
  session_id,
  item_id,
  kind: 'keep',
  ...(position !== undefined && { position }),
})
const away = (session_id: string, item_id: string): EditInput => ({ session_id, item_id, kind: 'away' })

/** Null while the wish lacks something: a session to move to, an item to insert. */
export function editsOf(wish: Wish): EditInput[] | null {
  switch (wish.kind) {
    case 'pin':
      return [keep(wish.placed.session.id, wish.placed.airing.item_id)]
    case 'remove':
      return [away(wish.placed.session.id, wish.placed.airing.item_id)]
    case 'insert':
      return wish.item === undefined ? null : [keep(wish.to, wish.item, wish.position)]
    case 'move': {
      const { session, airing } = wish.placed
      if (wish.to === undefined) return null
      if (wish.to !== session.id)
        return [away(session.id, airing.item_id), keep(wish.to, airing.item_id, wish.position)]
      return wish.position === undefined ? null : [keep(session.id, airing.item_id, wish.position)]
    }
    case 'swap': {
      if (wish.with === undefined) return null
      const [a, b] = [wish.placed, wish.with]
      return [
        away(a.session.id, a.airing.item_id),
        keep(b.session.id, a.airing.item_id),
        away(b.session.id, b.airing.item_id),
        keep(a.session.id, b.airing.item_id),
      ]
    }
  }
}

/** Where an airing stands now, after a reload: its session may have changed meanwhile. */
export function findPlaced(
  sessions: readonly ScheduledSession[],
  airingId: string,
): PlacedAiring | undefined {
  for (const session of sessions) {
    const airing = session.items.find((candidate) => candidate.airing_id === airingId)
    if (airing !== undefined) return { airing, session }
  }
  return undefined
}

/** The same item in another session, at any place; null of a wish that has no session to choose. */
export function elsewhere(wish: Wish, to: string): Wish | null {
  switch (wish.kind) {
    case 'move':
    case 'pin':
      return { kind: 'move', placed: wish.placed, to }
    case 'insert':
      return { kind: 'insert', to, ...(wish.item !== undefined && { item: wish.item }) }
    default:
      return null
  }
}
