/** Beside the schedule: what differs from the bundle in force, what people changed by hand, and why an item is not there. */
import { UndoOutlined } from '@ant-design/icons'
import { useMutation, useQuery } from '@tanstack/react-query'
import { App, Button, Drawer } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { planNow, readWhyNot } from '@/api/endpoints'
import type { ScheduledSession, WhyNot } from '@/api/types'
import { planChanged, useDifference, useEdits } from '@/app/queries'
import { ChangeList, countOf } from '@/components/change_list'
import { Mark } from '@/components/mark'
import { Answer, Empty, ProblemNotice } from '@/components/page'
import { PlanPreview } from '@/components/plan_preview'
import { useBilingual } from '@/components/words'
import { useNarrow } from '@/lib/hooks'
import { addDays, dateTimeOf, today } from '@/lib/time'
import { type DrawerName } from './drawer_names'
import { ItemChoice, useSessionLabel } from './edit_dialog'
import { usePlanning } from './planning'
import { RemedyList } from './remedy_list'

interface PlanDrawerProps {
  readonly name: DrawerName
  readonly sessions: readonly ScheduledSession[]
  readonly onClose: () => void
}

export default function PlanDrawer({ name, sessions, onClose }: PlanDrawerProps) {
  const { t } = useTranslation()
  const narrow = useNarrow()
  return (
    <Drawer open width={narrow ? '100%' : 540} title={t(`drawer.${name}`)} onClose={onClose}>
      {name === 'difference' && <Difference />}
      {name === 'replan' && <Replan onDone={onClose} />}
      {name === 'edits' && <Edits />}
      {name === 'why_not' && <WhyNotPanel sessions={sessions} />}
    </Drawer>
  )
}

function Difference() {
  const { t } = useTranslation()
  const { station } = usePlanning()
  const difference = useDifference(station.id)
  return (
    <Answer query={difference}>
      {(data) => (
        <>
          <p className="quiet">
            {data.bundle_version === null
              ? t('difference.no_bundle')
              : t('difference.lead', { version: data.bundle_version })}
          </p>
          {countOf(data) === 0 ? (
            <Empty title={t('difference.none')} />
          ) : (
            <ChangeList changes={data} zone={station.time_zone} />
          )}
        </>
      )}
    </Answer>
  )
}

/** What planning now would change, before it is done and published. */
function Replan({ onDone }: { readonly onDone: () => void }) {
  const { t } = useTranslation()
  const { message } = App.useApp()
  const { station, mayEdit } = usePlanning()
  const plan = useMutation({
    mutationFn: () => planNow(today(station.time_zone).slice(0, 7), station.id),
    onSuccess: async ({ stations }) => {
      await planChanged(station.id)
      void message.success(t('replan.done', { version: stations[0]?.bundle_version ?? 0 }))
      onDone()
    },
  })
  return (
    <>
      <p className="quiet">{t('replan.lead')}</p>
      <PlanPreview asked={{ station_ids: [station.id] }} open />
      {plan.error !== null && <ProblemNotice error={plan.error} />}
      {mayEdit && (
        <Button type="primary" loading={plan.isPending} onClick={() => plan.mutate()}>
          {t('replan.do')}
        </Button>
      )}
    </>
  )
}

function Edits() {
  const { t } = useTranslation()
  const { station, mayEdit, setTakenBack } = usePlanning()
  const edits = useEdits(station.id)
  return (
    <Answer query={edits}>
      {(data) =>
        data.items.length === 0 ? (
          <Empty title={t('edit.none')} hint={t('edit.none_hint')} />
        ) : (
          <ul className="plain-list edits">
            {data.items.map((edit) => (
              <li key={edit.id} className="change" data-edit={edit.item_id}>
                <Mark tone={edit.kind === 'keep' ? 'info' : 'warn'}>{t(`edit.kind.${edit.kind}`)}</Mark>
                <br />
                <strong>{edit.title}</strong>
                <br />
                {edit.session_starts_at === null
                  ? t('edit.session_gone')
                  : `${dateTimeOf(edit.session_starts_at, station.time_zone)} ${edit.session_title}`}
                <br />
                <span className="quiet">
                  {edit.made_by_name} · {dateTimeOf(edit.made_at, station.time_zone)}
                  {edit.note !== '' && (
                    <>
                      <br />
                      {edit.note}
                    </>
                  )}
                </span>
                {mayEdit && (
                  <div>
                    <Button
                      size="small"
                      icon={<UndoOutlined />}
                      aria-label={t('edit.take_back_name', { title: edit.title })}
                      onClick={() => setTakenBack({ id: edit.id, title: edit.title })}
                    >
                      {t('edit.take_back')}
                    </Button>
                  </div>
                )}
              </li>
            ))}
          </ul>
        )
      }
    </Answer>
  )
}

function WhyNotPanel({ sessions }: { readonly sessions: readonly ScheduledSession[] }) {
  const { t } = useTranslation()
  const { station, revision } = usePlanning()
  const [item, setItem] = useState<string | null>(null)
  const from = today(station.time_zone)
  const answer = useQuery({
    queryKey: ['schedule', station.id, 'why-not', item, revision],
    queryFn: ({ signal }) => readWhyNot(station.id, item ?? '', from, addDays(from, 31), signal),
    enabled: item !== null,
  })
  return (
    <div className="why-not">
      <p className="quiet">{t('why_not.lead')}</p>
      <ItemChoice all value={item} onChange={setItem} />
      {item !== null && (
        <Answer query={answer} rows={3}>
          {(data) => <WhyNotAnswer answer={data} sessions={sessions} />}
        </Answer>
      )}
    </div>
  )
}

interface WhyNotAnswerProps {
  readonly answer: WhyNot
  readonly sessions: readonly ScheduledSession[]
}

function WhyNotAnswer({ answer, sessions }: WhyNotAnswerProps) {
  const { t } = useTranslation()
  const say = useBilingual()
  const label = useSessionLabel()
  const { station } = usePlanning()
  const known = new Map(sessions.map((session) => [session.id, session]))
  return (
    <>
      {answer.scheduled && <p className="note tone-good">{t('why_not.scheduled')}</p>}
      {answer.reasons.length > 0 && (
        <ul className="plain-list why-not-reasons">
          {answer.reasons.map((reason) => {
            const named = reason.sessions.flatMap((id) => known.get(id) ?? []).slice(0, 4)
            return (
              <li key={reason.code} className="change" data-reason={reason.code}>
                <strong>{say(reason)}</strong>
                {reason.sessions.length > 0 && (
                  <>
                    <br />
                    <span className="quiet">
                      {t('why_not.sessions', { count: reason.sessions.length })}
                      {named.length > 0 &&
                        `: ${named.map((session) => label(session, station.time_zone)).join('; ')}`}
                      {named.length > 0 && named.length < reason.sessions.length && ' …'}
                    </span>
                  </>
                )}
              </li>
            )
          })}
        </ul>
      )}
      {answer.remedies.length > 0 && (
        <>
          <h3>{t('why_not.remedies')}</h3>
          <RemedyList remedies={answer.remedies} />
        </>
      )}
    </>
  )
}
