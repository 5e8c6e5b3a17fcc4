/** What a plan does otherwise than another: added, moved, removed, each with its reason. */
import { useTranslation } from 'react-i18next'
import type { PlanChange, PlanChanges, PlanPlace } from '@/api/types'
import { Mark } from '@/components/mark'
import { useBilingual } from '@/components/words'
import { showDayMonth, timeOf } from '@/lib/time'
import { usePlanning } from './planning'

const kinds = ['added', 'moved', 'removed'] as const
const tones = { added: 'good', moved: 'info', removed: 'bad' } as const

export function ChangeList({ changes }: { readonly changes: PlanChanges }) {
  const { t } = useTranslation()
  return kinds.map(
    (kind) =>
      changes[kind].length > 0 && (
        <section key={kind} className="difference" data-kind={kind}>
          <h3>
            <Mark tone={tones[kind]}>{t(`difference.${kind}`, { count: changes[kind].length })}</Mark>
          </h3>
          <ul className="plain-list">
            {changes[kind].map((change) => (
              <ChangeEntry
                key={`${change.item_id}/${change.from?.starts_at ?? ''}/${change.to?.starts_at ?? ''}`}
                change={change}
              />
            ))}
          </ul>
        </section>
      ),
  )
}

function ChangeEntry({ change }: { readonly change: PlanChange }) {
  const { t } = useTranslation()
  const say = useBilingual()
  const { station } = usePlanning()
  const place = (at: PlanPlace | null) =>
    at === null
      ? ''
      : `${showDayMonth(at.local_date)} ${timeOf(at.starts_at, station.time_zone)} ${at.session_title}`
  return (
    <li className="change">
      <strong>{change.title}</strong>
      <br />
      {change.from !== null && change.to !== null
        ? t('difference.from_to', { from: place(change.from), to: place(change.to) })
        : place(change.to ?? change.from)}
      <br />
      <span className="quiet">{say(change.reason)}</span>
    </li>
  )
}
