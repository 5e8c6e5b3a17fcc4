/** Where a person does what a remedy says: a page with the right thing before it. */
import type { Remedy } from '@/api/types'

interface Place {
  readonly station: string
  /** The station's unit: what is made for it is meant for it. */
  readonly unit: string
}

const query = (values: Readonly<Record<string, string | null>>): string => {
  const given = Object.entries(values).filter((entry): entry is [string, string] => (entry[1] ?? '') !== '')
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`
}

/** A new item that serves the duty: its topic groups, and days on which it must be valid. */
export const newItemLink = (
  remedy: Pick<Remedy, 'topic_groups' | 'from' | 'until'>,
  { unit }: Place,
): string =>
  `/library/new${query({ groups: remedy.topic_groups.join(','), from: remedy.from, until: remedy.until, unit })}`

export const itemsLink = (status: string, groups: readonly string[]): string =>
  `/library${query({ status, groups: groups.join(',') })}`

/** A fuller answer than a page that merely belongs to the matter. */
export function remedyLink(remedy: Remedy, place: Place): string {
  switch (remedy.kind) {
    case 'approve_items':
      return remedy.item_id === null ? newItemLink(remedy, place) : `/library/${remedy.item_id}`
    case 'extend_validity':
    case 'shorten_item':
    case 'relax_rule':
      return remedy.item_id === null ? '/library' : `/library/${remedy.item_id}`
    case 'add_room':
      return `/hours${query({ station: place.station, add: 'rule', from: remedy.from })}`
    case 'allow_session':
    case 'lengthen_session':
      return `/hours${query({ station: place.station })}`
    case 'take_back_edit':
      return `/schedule${query({ station: place.station, show: 'edits' })}`
    case 'choose_session':
      return `/schedule${query({ station: place.station, day: remedy.from })}`
    case 'lower_duty':
      return '/obligations'
  }
}

/** The words of that link. */
export const remedyAction = ({ kind, item_id, topic_groups }: Remedy) => {
  if (kind !== 'approve_items') return kind
  if (item_id !== null) return 'open_item'
  return topic_groups.length === 0 ? 'new_item' : kind
}
