/** Days shown on which a calendar replaces the session rules: without this, an empty holiday looks like a fault. */
import { useTranslation } from 'react-i18next'
import { useSpecialDays } from '@/app/queries'
import { showDate } from '@/lib/time'

interface SpecialDayNotesProps {
  readonly unit: string
  readonly from: string
  readonly to: string
}

export function SpecialDayNotes({ unit, from, to }: SpecialDayNotesProps) {
  const { t } = useTranslation()
  const days = useSpecialDays(unit, from, to).data ?? []
  if (days.length === 0) return null
  return (
    <ul className="plain-list special-days">
      {days.map((day) => (
        <li key={day.date} data-special-day={day.date}>
          {t('special.note', {
            date: showDate(day.date),
            name: day.name,
            kind: t(`special.kinds.${day.kind}`),
            calendar: day.calendar_name,
          })}
        </li>
      ))}
    </ul>
  )
}
