import { useTranslation } from 'react-i18next'
import type { Schedule } from '@/api/types'
import { showDate, type Weekday } from '@/lib/time'

interface DayStripProps {
  readonly days: readonly { readonly weekday: Weekday; readonly date: string }[]
  readonly day: string
  readonly today: string
  readonly schedule: Schedule
  readonly onDay: (day: string) => void
}

/** The week on a phone: seven days to tap, a dot where something airs. */
export function DayStrip({ days, day, today, schedule, onDay }: DayStripProps) {
  const { t } = useTranslation()
  return (
    <div className="day-strip" role="group" aria-label={t('schedule.days')}>
      {days.map(({ weekday, date }) => {
        const count = schedule.sessions.filter((session) => session.local_date === date).length
        return (
          <button
            key={date}
            type="button"
            className={date === today ? 'day-button day-today' : 'day-button'}
            aria-pressed={date === day}
            aria-label={t('schedule.day_label', {
              weekday: t(`weekday.${weekday}`),
              date: showDate(date),
              count,
            })}
            onClick={() => onDay(date)}
          >
            <small>{t(`weekday_short.${weekday}`)}</small>
            <strong>{Number(date.slice(8))}</strong>
            <span className={count > 0 ? 'day-dot' : 'day-dot day-dot-none'} />
          </button>
        )
      })}
    </div>
  )
}
