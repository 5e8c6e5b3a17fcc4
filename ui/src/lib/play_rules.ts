/** An item's play rules (model/play_rules.h) and the fields of the form that edits them. An empty field binds nothing. */
import type { PlayPeriod, PlayRules } from '@/api/types'

export const noPlayRules: PlayRules = {
  least_gap_minutes: 0,
  most_plays_a_day: 0,
  most_plays: null,
  not_before: null,
  series: null,
  pair_with: null,
  not_beside: [],
  forbidden_at: [],
  may_fade: false,
}

export const playPeriods: readonly PlayPeriod[] = ['week', 'month', 'quarter', 'year', 'once']

export interface PlayRuleFields {
  gap_hours: number | null
  plays_a_day: number | null
  plays: number | null
  period: PlayPeriod
  not_before: string
  series: string
  episode: number | null
  pair_with: string | null
  not_beside: string[]
  forbidden_at: string[]
  may_fade: boolean
}

export function fieldsOfRules(rules: PlayRules): PlayRuleFields {
  return {
    gap_hours: rules.least_gap_minutes === 0 ? null : rules.least_gap_minutes / 60,
    plays_a_day: rules.most_plays_a_day === 0 ? null : rules.most_plays_a_day,
    plays: rules.most_plays?.plays ?? null,
    period: rules.most_plays?.period ?? 'week',
    not_before: rules.not_before ?? '',
    series: rules.series?.name ?? '',
    episode: rules.series?.episode ?? null,
    pair_with: rules.pair_with,
    not_beside: rules.not_beside,
    forbidden_at: rules.forbidden_at,
    may_fade: rules.may_fade,
  }
}

export function rulesOfFields(fields: PlayRuleFields): PlayRules {
  const series = fields.series.trim()
  const clock = /^(\d{1,2}):(\d\d)$/.exec(fields.not_before.trim())
  return {
    least_gap_minutes: Math.round((fields.gap_hours ?? 0) * 60),
    most_plays_a_day: fields.plays_a_day ?? 0,
    most_plays: fields.plays === null ? null : { plays: fields.plays, period: fields.period },
    not_before: clock === null ? null : `${clock[1]?.padStart(2, '0') ?? ''}:${clock[2] ?? ''}`,
    series: series === '' ? null : { name: series, episode: fields.episode ?? 1 },
    pair_with: fields.pair_with ?? null,
    not_beside: fields.not_beside,
    forbidden_at: fields.forbidden_at,
    may_fade: fields.may_fade,
  }
}

/** How many of the rules bind. */
export function countRules(rules: PlayRules): number {
  return [
    rules.least_gap_minutes > 0,
    rules.most_plays_a_day > 0,
    rules.most_plays !== null,
    rules.not_before !== null,
    rules.series !== null,
    rules.pair_with !== null,
    rules.not_beside.length > 0,
    rules.forbidden_at.length > 0,
    rules.may_fade,
  ].filter(Boolean).length
}
