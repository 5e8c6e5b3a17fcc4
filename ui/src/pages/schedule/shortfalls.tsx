import { Alert } from 'antd'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router-dom'
import type { Shortfall } from '@/api/types'
import { useObligations } from '@/app/queries'
import { useBilingual, useVietnamese } from '@/components/words'
import { showDate } from '@/lib/time'

/** What the plan cannot fulfil, and why: above everything else, because someone must act. */
export function Shortfalls({ shortfalls }: { readonly shortfalls: readonly Shortfall[] }) {
  const { t } = useTranslation()
  const say = useBilingual()
  const vietnamese = useVietnamese()
  const obligations = useObligations().data
  if (shortfalls.length === 0) return null
  const nameOf = (id: string) => {
    const obligation = obligations?.find((candidate) => candidate.id === id)
    if (obligation === undefined) return id
    return vietnamese ? obligation.title_vi : obligation.title_en
  }
  return (
    <Alert
      className="shortfalls"
      type="warning"
      showIcon
      message={t('schedule.shortfalls')}
      description={
        <ul>
          {shortfalls.map((shortfall) => (
            <li key={`${shortfall.obligation_id}/${shortfall.period.first}`}>
              <strong>
                {t('schedule.shortfall', {
                  count: shortfall.required - shortfall.completed - shortfall.planned,
                  required: shortfall.required,
                  first: showDate(shortfall.period.first),
                  last: showDate(shortfall.period.last),
                })}
              </strong>
              <br />
              {say(shortfall.reason)}
              <br />
              <span className="quiet">{nameOf(shortfall.obligation_id)}</span>
            </li>
          ))}
        </ul>
      }
      action={<Link to="/library">{t('schedule.to_library')}</Link>}
    />
  )
}
