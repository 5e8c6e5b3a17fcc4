/** A template's parts as a form shows them, and as the scheduler has them. */
import type { TemplatePart } from '@/api/types'

export const partKinds = [
  'signature',
  'time_signal',
  'relay',
  'notices',
  'bulletin',
  'reform_column',
  'music',
  'items',
  'closing',
] as const satisfies readonly TemplatePart['kind'][]
export type PartKind = (typeof partKinds)[number]

export const hasTune = (kind: PartKind): boolean =>
  kind === 'signature' || kind === 'time_signal' || kind === 'closing'
export const takesItems = (kind: PartKind): boolean => !hasTune(kind) && kind !== 'relay'
/** Music with a recording of its own: a bed. */
export const isBed = (kind: PartKind, tune: string | null | undefined): boolean =>
  kind === 'music' && (tune ?? null) !== null

const framesASecond = 48_000

export interface PartFields {
  id?: string
  kind: PartKind
  title?: string
  /** Minutes and seconds, "05:00"; empty: none. */
  at?: string
  most?: string
  least?: string
  source?: string
  /** A relay's source; absent: another device fills the time. */
  relay_id?: string | null
  tune_item_id?: string | null
  accepts?: string[]
  cut_order?: number
  /** Seconds. */
  mark?: number | null
  crossfade?: number | null
  duck_db?: number | null
}

/** "05:00" from the start of a session: 300; null for what is no such time. */
export function secondOf(text: string): number | null {
  const match = /^(\d{1,4}):([0-5]\d)$/.exec(text.trim())
  return match === null ? null : Number(match[1]) * 60 + Number(match[2])
}

export const minuteText = (seconds: number): string =>
  `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`

/** Parts that are new get a name; those that were keep theirs, so that planned sessions stay theirs. */
export function partsOf(rows: readonly PartFields[]): TemplatePart[] {
  const taken = new Set(rows.map(({ id }) => id))
  const nameFor = (kind: PartKind) => {
    for (let number = 1; ; ++number) {
      const name = `${kind.replaceAll('_', '-')}-${number}`
      if (taken.has(name)) continue
      taken.add(name)
      return name
    }
  }
  return rows.map((row) => ({
    id: row.id ?? nameFor(row.kind),
    kind: row.kind,
    title: row.title?.trim() ?? '',
    at: secondOf(row.at ?? ''),
    tune_item_id: hasTune(row.kind) || row.kind === 'music' ? (row.tune_item_id ?? null) : null,
    source: row.kind === 'relay' ? (row.source?.trim() ?? '') : '',
    relay_id: row.kind === 'relay' ? (row.relay_id ?? null) : null,
    least_seconds: hasTune(row.kind) ? 0 : (secondOf(row.least ?? '') ?? 0),
    most_seconds: hasTune(row.kind) ? 0 : (secondOf(row.most ?? '') ?? 0),
    accepts: takesItems(row.kind) && !isBed(row.kind, row.tune_item_id) ? (row.accepts ?? []) : [],
    cut_order: row.cut_order ?? 0,
    mark_frames: row.kind === 'time_signal' ? Math.round((row.mark ?? 0) * framesASecond) : 0,
    crossfade_ms: row.kind === 'relay' ? 0 : Math.round((row.crossfade ?? 0) * 1000),
    duck_db: row.kind === 'relay' || isBed(row.kind, row.tune_item_id) ? 0 : (row.duck_db ?? 0),
  }))
}

export const rowsOf = (parts: readonly TemplatePart[]): PartFields[] =>
  parts.map((part) => ({
    id: part.id,
    kind: part.kind,
    title: part.title,
    at: part.at === null ? '' : minuteText(part.at),
    most: part.most_seconds === 0 ? '' : minuteText(part.most_seconds),
    least: part.least_seconds === 0 ? '' : minuteText(part.least_seconds),
    source: part.source,
    relay_id: part.relay_id,
    tune_item_id: part.tune_item_id,
    accepts: part.accepts,
    cut_order: part.cut_order,
    mark: part.mark_frames / framesASecond,
    crossfade: part.crossfade_ms / 1000,
    duck_db: part.duck_db,
  }))
