/** Sessions that rules or special days ask for and that do not take place: without this, a day without its session looks like a fault. */
import { Alert } from 'antd'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router-dom'
import type { SessionRefusal } from '@/api/types'
import { useRefusals } from '@/app/queries'
import { ProblemNotice } from '@/components/page'
import { useBilingual } from '@/components/words'
import { refusalGroups } from '@/lib/refusals'
import { showDayMonth } from '@/lib/time'
import { usePlanning } from './planning'

const mostDates = 5

interface RefusalsProps {
  readonly from: string
  readonly to: string
}

export function Refusals({ from, to }: RefusalsProps) {
  const { t } = useTranslation()
  const { station } = usePlanning()
  const refusals = useRefusals(station.id, from, to)
  if (refusals.error !== null) return <ProblemNotice error={refusals.error} />
  const groups = refusalGroups(refusals.data ?? [])
  if (groups.length === 0) return null
  return (
    <Alert
      className="refusals"
      type="warning"
      showIcon
      message={t('refusal.title')}
      description={
        <>
          <ul>
            {groups.map((group) => (
              <RefusalGroup key={`${group[0].rule_id}/${group[0].cause}`} group={group} />
            ))}
          </ul>
          <Link to={`/hours?station=${station.id}`}>{t('schedule.see_rules')}</Link>
        </>
      }
    />
  )
}

function RefusalGroup({ group }: { readonly group: readonly [SessionRefusal, ...SessionRefusal[]] }) {
  const { t } = useTranslation()
  const say = useBilingual()
  const [first] = group
  const dates = group.flatMap(({ local_date }) => (local_date === null ? [] : [showDayMonth(local_date)]))
  const shown = dates.slice(0, mostDates).join(', ') + (dates.length > mostDates ? '…' : '')
  return (
    <li data-refusal={first.cause}>
      <strong>
        {dates.length === 0
          ? t('refusal.rule', { title: first.title })
          : t('refusal.sessions', { title: first.title, count: dates.length, dates: shown })}
      </strong>
      <br />
      {say(first.reason)}
    </li>
  )
}
