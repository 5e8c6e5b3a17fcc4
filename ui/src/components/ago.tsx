import { Tooltip } from 'antd'
import { useTranslation } from 'react-i18next'
import { useNow } from '@/lib/hooks'
import { dateTimeOf, defaultZone } from '@/lib/time'

const steps: readonly [limitSeconds: number, unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  [90, 'second', 1],
  [90 * 60, 'minute', 60],
  [36 * 3600, 'hour', 3600],
  [Infinity, 'day', 86_400],
]

export function relative(instant: string, now: Date, language: string): string {
  const seconds = (new Date(instant).getTime() - now.getTime()) / 1000
  const [, unit, size] = steps.find(([limit]) => Math.abs(seconds) < limit) ?? [0, 'day', 86_400]
  return new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(Math.round(seconds / size), unit)
}

interface AgoProps {
  readonly instant: string
  readonly zone?: string
}

/** "3 phút trước"; the exact time on hover. */
export function Ago({ instant, zone = defaultZone }: AgoProps) {
  const { i18n } = useTranslation()
  const now = useNow()
  return (
    <Tooltip title={dateTimeOf(instant, zone)}>
      <time dateTime={instant}>{relative(instant, now, i18n.language)}</time>
    </Tooltip>
  )
}
