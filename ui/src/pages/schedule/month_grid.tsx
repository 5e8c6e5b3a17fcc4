/** A month: on a desk every session with its items, on a phone the fill of each day, to tap. */
import { useTranslation } from 'react-i18next'
import type { Schedule } from '@/api/types'
import { useNarrow } from '@/lib/hooks'
import { addDays, showDate, weekdays } from '@/lib/time'
import { SessionCard } from './session_card'

interface MonthGridProps {
  readonly schedule: Schedule
  /** "2026-12" */
  readonly month: string
  readonly first: string
  readonly weeks: number
  readonly today: string
  readonly onDay: (day: string) => void
}

export function MonthGrid({ schedule, month, first, weeks, today, onDay }: MonthGridProps) {
  const { t } = useTranslation()
  const narrow = useNarrow()
  const days = Array.from({ length: weeks * 7 }, (_, index) => addDays(first, index))
  return (
    <div className={narrow ? 'month month-narrow' : 'month'}>
      {weekdays.map((day) => (
        <span key={day} className="month-weekday" aria-hidden="true">
          {t(`weekday_short.${day}`)}
        </span>
      ))}
      {days.map((date) => {
        const sessions = schedule.sessions.filter((session) => session.local_date === date)
        const classes = [
          'month-day',
          date.slice(0, 7) !== month && 'month-other',
          date === today && 'month-today',
        ]
        return (
          <section key={date} className={classes.filter(Boolean).join(' ')} data-day={date}>
            <button
              type="button"
              className="month-number"
              aria-label={t('schedule.open_day', { date: showDate(date), count: sessions.length })}
              onClick={() => onDay(date)}
            >
              {Number(date.slice(8))}
              {narrow &&
                sessions.map((session) => (
                  <span key={session.id} className="session-fill" aria-hidden="true">
                    <span
                      style={{ width: `${(100 * session.used_ms) / Math.max(1, session.capacity_ms)}%` }}
                    />
                  </span>
                ))}
            </button>
            {!narrow &&
              sessions.map((session) => (
                <SessionCard key={session.id} session={session} zone={schedule.time_zone} compact />
              ))}
          </section>
        )
      })}
    </div>
  )
}
