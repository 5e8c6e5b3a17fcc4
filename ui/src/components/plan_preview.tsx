/** What a change would do to the schedules of stations, told before it is made and published. */
import { Button, Modal, type FormInstance } from 'antd'
import { useTranslation } from 'react-i18next'
import type { PlanningChange, PlanPlace, PreviewRequest, Shortfall, StationPreview } from '@/api/types'
import { usePreview } from '@/app/queries'
import { showDate, showDayMonth, timeOf } from '@/lib/time'
import { ChangeList } from './change_list'
import { Mark } from './mark'
import { Answer } from './page'
import { useBilingual } from './words'

interface PlanPreviewProps {
  readonly asked: PreviewRequest
  /** The change is being made, or has been: it is not asked about any more. */
  readonly isMade?: boolean
  /** Each change stands there; else it is a tap away. */
  readonly open?: boolean
}

export function PlanPreview({ asked, isMade = false, open = false }: PlanPreviewProps) {
  const { t } = useTranslation()
  const preview = usePreview(asked, isMade)
  return (
    <div className="plan-preview" aria-live="polite">
      <Answer query={preview} rows={2}>
        {({ concerned, stations }) => (
          <>
            {concerned === 0 && <p className="quiet">{t('preview.no_station')}</p>}
            {stations.map((station) => (
              <StationChanges key={station.station_id} told={station} named={concerned > 1} open={open} />
            ))}
            {concerned > stations.length && (
              <p className="quiet">{t('preview.more', { count: concerned - stations.length })}</p>
            )}
          </>
        )}
      </Answer>
    </div>
  )
}

const counted = ['sessions_added', 'sessions_removed', 'added', 'moved', 'removed'] as const

interface StationChangesProps {
  readonly told: StationPreview
  readonly named: boolean
  readonly open: boolean
}

function StationChanges({ told, named, open }: StationChangesProps) {
  const { t } = useTranslation()
  const counts = counted
    .filter((kind) => told[kind].length > 0)
    .map((kind) => t(`preview.${kind}`, { count: told[kind].length }))
  const words = (named ? `${told.station_name}: ` : '') + counts.join(', ')
  return (
    <section data-preview={told.station_id}>
      {counts.length === 0 ? (
        <p>
          {named && `${told.station_name}: `}
          {t('preview.none')}
        </p>
      ) : (
        <details open={open}>
          <summary>{words}</summary>
          <div className="plan-preview-changes">
            <Sessions kind="sessions_added" told={told} />
            <Sessions kind="sessions_removed" told={told} />
            <ChangeList changes={told} zone={told.time_zone} />
          </div>
        </details>
      )}
      {told.shortfalls_added.map((shortfall) => (
        <Lack key={keyOf(shortfall)} shortfall={shortfall} />
      ))}
      {told.shortfalls_removed
        .filter((before) => told.shortfalls_added.every((after) => keyOf(after) !== keyOf(before)))
        .map((shortfall) => (
          <p key={keyOf(shortfall)} className="note tone-good">
            {t('preview.shortfall_removed', spanOf(shortfall))}
          </p>
        ))}
    </section>
  )
}

const keyOf = ({ obligation_id, period }: Shortfall) => `${obligation_id}/${period.first}`
const spanOf = ({ period }: Shortfall) => ({ first: showDate(period.first), last: showDate(period.last) })

function Lack({ shortfall }: { readonly shortfall: Shortfall }) {
  const { t } = useTranslation()
  const say = useBilingual()
  return (
    <p className="note tone-warn" data-lack={shortfall.obligation_id}>
      {t('preview.shortfall_added', spanOf(shortfall))} {say(shortfall.reason)}
    </p>
  )
}

interface SessionsProps {
  readonly kind: 'sessions_added' | 'sessions_removed'
  readonly told: StationPreview
}

function Sessions({ kind, told }: SessionsProps) {
  const { t } = useTranslation()
  if (told[kind].length === 0) return null
  const label = ({ local_date, starts_at, session_title }: PlanPlace) =>
    `${showDayMonth(local_date)} ${timeOf(starts_at, told.time_zone)} ${session_title}`
  return (
    <section className="difference" data-kind={kind}>
      <h3>
        <Mark tone={kind === 'sessions_added' ? 'good' : 'bad'}>{t(`preview.${kind}_list`)}</Mark>
      </h3>
      <ul className="plain-list">
        {told[kind].map((session) => (
          <li key={session.session_id} className="change">
            {label(session)}
          </li>
        ))}
      </ul>
    </section>
  )
}

interface PreviewButtonProps<Fields> {
  readonly form: FormInstance<Fields>
  /** With what the form says, once it is right. */
  readonly onAsk: (fields: Fields) => void
}

export function PreviewButton<Fields>({ form, onAsk }: PreviewButtonProps<Fields>) {
  const { t } = useTranslation()
  return (
    <Button
      onClick={() => {
        // Its own fields say what is wrong with them.
        form.validateFields().then(onAsk, () => undefined)
      }}
    >
      {t('preview.show')}
    </Button>
  )
}

interface PreviewDialogProps {
  readonly title: string
  readonly okText: string
  readonly danger?: boolean
  readonly change: PlanningChange
  readonly onOk: () => void
  readonly onCancel: () => void
}

/** Asks whether a change is wanted, beside what it would do. */
export function PreviewDialog({ title, okText, danger = false, change, onOk, onCancel }: PreviewDialogProps) {
  return (
    <Modal open title={title} okText={okText} okButtonProps={{ danger }} onOk={onOk} onCancel={onCancel}>
      <PlanPreview asked={{ change }} />
    </Modal>
  )
}
