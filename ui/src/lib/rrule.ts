/** The one shape of RFC 5545 rule that the form writes: every week on some days. Others are shown as they stand. */
import { weekdays, type Weekday } from './time'

const names = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const

export function ruleOfDays(days: readonly number[]): string {
  const chosen = names.filter((_, index) => days.includes(index))
  return chosen.length === names.length ? 'FREQ=DAILY' : `FREQ=WEEKLY;BYDAY=${chosen.join(',')}`
}

/** Days of the week, 0 is Monday; null when the rule says more than that. */
export function daysOfRule(rule: string): Weekday[] | null {
  const parts = new Map(
    rule.split(';').map((part) => {
      const [name = '', value = ''] = part.split('=')
      return [name.toUpperCase(), value.toUpperCase()] as const
    }),
  )
  const all = [...weekdays]
  if (parts.size === 1 && parts.get('FREQ') === 'DAILY') return all
  if (parts.size !== 2 || parts.get('FREQ') !== 'WEEKLY') return null
  const days = (parts.get('BYDAY') ?? '').split(',')
  if (!days.every((day) => (names as readonly string[]).includes(day))) return null
  return all.filter((index) => days.includes(names[index]))
}
