/** What a plan does otherwise than another: added, moved, removed, each with its reason. */
import { useTranslation } from 'react-i18next'
import type { PlanChange, PlanChanges, PlanPlace } from '@/api/types'
import { showDayMonth, timeOf } from '@/lib/time'
import { Mark } from './mark'
import { useBilingual } from './words'
import '@/styles/changes.css'

const kinds = ['added', 'moved', 'removed'] as const
const tones = { added: 'good', moved: 'info', removed: 'bad' } as const

interface ChangeListProps {
  readonly changes: PlanChanges
  /** The station's zone. */
  readonly zone: string
}

export function countOf(changes: PlanChanges): number {
  return changes.added.length + changes.moved.length + changes.removed.length
}

export function ChangeList({ changes, zone }: ChangeListProps) {
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
                zone={zone}
              />
            ))}
          </ul>
        </section>
      ),
  )
}

function ChangeEntry({ change, zone }: { readonly change: PlanChange; readonly zone: string }) {
  const { t } = useTranslation()
  const say = useBilingual()
  const place = (at: PlanPlace | null) =>
    at === null ? '' : `${showDayMonth(at.local_date)} ${timeOf(at.starts_at, zone)} ${at.session_title}`
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
