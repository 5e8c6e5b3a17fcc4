/** Days on which the session rules do not hold: calendars of the station's unit and those above. */
import { DeleteOutlined, EditOutlined, PlusOutlined } from '@ant-design/icons'
import { useMutation } from '@tanstack/react-query'
import { Button, Popconfirm } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { deleteSpecialCalendar } from '@/api/endpoints'
import type { SpecialCalendar, Station } from '@/api/types'
import { hoursChanged, useSpecialCalendars, useUnits } from '@/app/queries'
import { useUser } from '@/app/session'
import { Answer, Empty, ProblemNotice } from '@/components/page'
import { useUnitNames } from '@/components/words'
import { lineage, mayFor } from '@/lib/roles'
import { showDate } from '@/lib/time'
import { SpecialDayForm } from './special_day_form'

export function SpecialDays({ station }: { readonly station: Station }) {
  const { t } = useTranslation()
  const user = useUser()
  const units = useUnits().data ?? []
  const calendars = useSpecialCalendars(station.unit_id)
  const [edited, setEdited] = useState<SpecialCalendar | 'new' | null>(null)
  const mayAdd = lineage(station.unit_id, units).some((unit) => mayFor(user, 'rules', unit, units))
  return (
    <section className="panel" aria-labelledby="special-heading">
      <h2 id="special-heading">{t('special.title')}</h2>
      <p className="quiet">{t('special.lead')}</p>
      <Answer query={calendars}>
        {(data) =>
          data.length === 0 && edited === null ? (
            <Empty title={t('special.empty')} hint={t('special.empty_hint')} />
          ) : (
            <ul className="policy-list">
              {data.map((calendar) => (
                <CalendarEntry
                  key={calendar.id}
                  calendar={calendar}
                  {...(mayFor(user, 'rules', calendar.unit_id, units) && {
                    onEdit: () => setEdited(calendar),
                  })}
                />
              ))}
            </ul>
          )
        }
      </Answer>
      {edited !== null ? (
        <SpecialDayForm
          key={edited === 'new' ? 'new' : edited.id}
          station={station}
          base={edited === 'new' ? null : edited}
          onDone={() => setEdited(null)}
        />
      ) : (
        mayAdd && (
          <Button icon={<PlusOutlined />} onClick={() => setEdited('new')}>
            {t('special.add')}
          </Button>
        )
      )}
    </section>
  )
}

interface CalendarEntryProps {
  readonly calendar: SpecialCalendar
  readonly onEdit?: () => void
}

function CalendarEntry({ calendar, onEdit }: CalendarEntryProps) {
  const { t } = useTranslation()
  const unitName = useUnitNames()
  const remove = useMutation({
    mutationFn: () => deleteSpecialCalendar(calendar.id, calendar.revision),
    onSuccess: hoursChanged,
  })
  return (
    <li className="policy" data-calendar={calendar.id}>
      <h3>{calendar.name}</h3>
      <p className="quiet">{unitName(calendar.unit_id)}</p>
      <ul className="plain-list">
        {calendar.days.map((day) => (
          <li key={day.date} data-day={day.date}>
            <strong>{showDate(day.date)}</strong> {day.name} –{' '}
            {day.kind === 'sessions'
              ? day.sessions.map(({ title, start_time }) => `${start_time.slice(0, 5)} ${title}`).join(', ')
              : t(`special.kinds.${day.kind}`)}
          </li>
        ))}
      </ul>
      {calendar.decision !== '' && <p className="quiet policy-decision">{calendar.decision}</p>}
      {remove.error !== null && <ProblemNotice error={remove.error} />}
      {onEdit !== undefined && (
        <div className="action-buttons">
          <Button
            icon={<EditOutlined />}
            aria-label={t('special.edit_name', { name: calendar.name })}
            onClick={onEdit}
          >
            {t('special.edit')}
          </Button>
          <Popconfirm
            title={t('special.delete_sure')}
            okText={t('special.delete')}
            okButtonProps={{ danger: true }}
            onConfirm={() => remove.mutate()}
          >
            <Button
              danger
              type="text"
              icon={<DeleteOutlined />}
              aria-label={t('special.delete_name', { name: calendar.name })}
              loading={remove.isPending}
            />
          </Popconfirm>
        </div>
      )}
    </li>
  )
}
