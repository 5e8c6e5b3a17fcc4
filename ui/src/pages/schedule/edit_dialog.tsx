/** Move, pin, remove, insert or swap an item: what is meant, what stands against it, and why. Works by keyboard and touch as by drag. */
import { useMutation } from '@tanstack/react-query'
import { Alert, App, Input, Modal, Select } from 'antd'
import { useMemo, useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { makeEdits } from '@/api/endpoints'
import { problemOf } from '@/api/problem'
import type { ScheduledSession } from '@/api/types'
import { queryClient } from '@/app/query_client'
import { planChanged, useItems, useRefusals, useSchedule, useUnits } from '@/app/queries'
import { ChangeList, countOf } from '@/components/change_list'
import { Answer, ProblemNotice } from '@/components/page'
import { editsOf, elsewhere, findPlaced, type Wish } from '@/lib/edits'
import { useNow } from '@/lib/hooks'
import { refusedSessions } from '@/lib/refusals'
import { lineage } from '@/lib/roles'
import { matches } from '@/lib/text'
import { addDays, showDayMonth, showDuration, timeOf, today, weekdayOf } from '@/lib/time'
import { ConflictList } from './conflict_list'
import { useConflicts, usePlanning } from './planning'

interface EditDialogProps {
  readonly wish: Wish
}

export default function EditDialog({ wish }: EditDialogProps) {
  const { t } = useTranslation()
  const { message } = App.useApp()
  const { station, setWish } = usePlanning()
  const now = today(station.time_zone)
  const schedule = useSchedule(station.id, now, addDays(now, 41))
  const [note, setNote] = useState('')
  const [raced, setRaced] = useState(false)
  const revision = schedule.data?.revision ?? 0
  const edits = editsOf(wish)
  const { conflicts, changes, settled, error } = useConflicts(
    station.id,
    revision,
    schedule.data === undefined ? null : edits,
  )
  const blocked = conflicts.some(({ hard }) => hard)
  const close = () => setWish(null)
  const save = useMutation({
    mutationFn: () => makeEdits(station.id, revision, edits ?? [], note.trim()),
    onSuccess: async () => {
      await planChanged(station.id)
      void message.success(t(`edit.done.${wish.kind}`))
      close()
    },
    onError: async (problem) => {
      const { status } = problemOf(problem)
      setRaced(status === 412)
      // Both tell that what was judged here is no longer so: judge again by the plan of now.
      if (status === 412 || status === 409) {
        await queryClient.invalidateQueries({ queryKey: ['edits-check', station.id] })
        await planChanged(station.id)
      }
    },
  })
  const title = 'placed' in wish ? wish.placed.airing.title : ''
  return (
    <Modal
      open
      title={t(`edit.title.${wish.kind}`)}
      okText={t(`edit.ok.${wish.kind}`)}
      okButtonProps={{ disabled: edits === null || !settled || blocked, danger: wish.kind === 'remove' }}
      confirmLoading={save.isPending}
      onOk={() => save.mutate()}
      onCancel={close}
    >
      <div className="edit-dialog">
        {raced ? (
          <Alert
            type="warning"
            showIcon
            role="alert"
            message={t('edit.raced')}
            description={t('edit.raced_hint')}
          />
        ) : (
          save.error !== null && <ProblemNotice error={save.error} />
        )}
        {'placed' in wish && (
          <p>
            <strong>{title}</strong>
            <br />
            <span className="quiet">
              <SessionWords session={wish.placed.session} zone={station.time_zone} />
              {' · '}
              {showDuration(wish.placed.airing.duration_ms)}
            </span>
          </p>
        )}
        <Answer query={schedule} rows={3}>
          {(data) => <Choices wish={wish} sessions={data.sessions} />}
        </Answer>
        {(wish.kind === 'pin' || wish.kind === 'remove') && (
          <p className="quiet">{t(`edit.hint.${wish.kind}`)}</p>
        )}
        <div aria-live="polite" className="edit-verdict" data-settled={settled}>
          {error !== null ? (
            <ProblemNotice error={error} />
          ) : edits === null ? null : !settled ? (
            <p className="quiet">{t('edit.checking')}</p>
          ) : conflicts.length === 0 ? (
            <p className="note tone-good">{t('edit.free')}</p>
          ) : (
            <ConflictList
              conflicts={conflicts}
              links
              {...(elsewhere(wish, '') !== null && {
                onChoose: (to: string) => setWish(elsewhere(wish, to)),
              })}
            />
          )}
        </div>
        {changes !== null && !blocked && countOf(changes) > 0 && (
          <details className="edit-changes">
            <summary>
              {t('edit.changes', {
                added: changes.added.length,
                moved: changes.moved.length,
                removed: changes.removed.length,
              })}
            </summary>
            <ChangeList changes={changes} zone={station.time_zone} />
          </details>
        )}
        <Labelled id="edit-note" label={t('edit.note')}>
          <Input
            id="edit-note"
            maxLength={500}
            value={note}
            placeholder={t('edit.note_example')}
            onChange={(event) => setNote(event.target.value)}
          />
        </Labelled>
      </div>
    </Modal>
  )
}

interface LabelledProps {
  /** Of the field that the label names. */
  readonly id: string
  readonly label: string
  readonly children: ReactNode
}

function Labelled({ id, label, children }: LabelledProps) {
  return (
    <div>
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      {children}
    </div>
  )
}

/** "T4 25/11, 17:00–17:15 Buổi chiều" */
export function useSessionLabel(): (session: ScheduledSession, zone: string) => string {
  const { t } = useTranslation()
  return (session, zone) =>
    `${t(`weekday_short.${weekdayOf(session.local_date) as 0}`)} ${showDayMonth(session.local_date)}, ` +
    `${timeOf(session.starts_at, zone)}–${timeOf(session.ends_at, zone)} ${session.title}`
}

function SessionWords({ session, zone }: { readonly session: ScheduledSession; readonly zone: string }) {
  return <>{useSessionLabel()(session, zone)}</>
}

function Choices({
  wish,
  sessions,
}: {
  readonly wish: Wish
  readonly sessions: readonly ScheduledSession[]
}) {
  const { t } = useTranslation()
  const { station, setWish } = usePlanning()
  const label = useSessionLabel()
  const open = useMemo(() => sessions.filter(({ frozen }) => !frozen), [sessions])
  const zone = station.time_zone
  const now = today(zone)
  const refusals = useRefusals(station.id, now, addDays(now, 41))
  // Whoever wants one of these is told what refuses it.
  const instant = useNow()
  const refused = useMemo(
    () => refusedSessions(refusals.data ?? []).filter(({ starts_at }) => instant < new Date(starts_at)),
    [refusals.data, instant],
  )

  if (wish.kind === 'pin' || wish.kind === 'remove') return null
  if (wish.kind === 'swap') {
    const others = open
      .filter(({ id }) => id !== wish.placed.session.id)
      .map((session) => ({
        label: label(session, zone),
        options: session.items
          .filter(({ item_id }) => item_id !== wish.placed.airing.item_id)
          .map((airing) => ({ value: airing.airing_id, label: airing.title })),
      }))
      .filter(({ options }) => options.length > 0)
    return (
      <Labelled id="edit-other" label={t('edit.swap_with')}>
        <Select
          id="edit-other"
          className="wide"
          showSearch
          placeholder={t('edit.choose_item')}
          value={wish.with?.airing.airing_id ?? null}
          options={others}
          filterOption={(text, option) => matches(text, option?.label ?? '')}
          onChange={(airingId: string) => {
            const other = findPlaced(open, airingId)
            if (other !== undefined) setWish({ ...wish, with: other })
          }}
        />
      </Labelled>
    )
  }

  const target = sessions.find(({ id }) => id === wish.to)
  const moving = wish.kind === 'move' ? wish.placed.airing.item_id : wish.item
  const others = target?.items.filter(({ item_id }) => item_id !== moving) ?? []
  const withoutPosition = (to: string) => elsewhere(wish, to)
  return (
    <>
      {wish.kind === 'insert' && (
        <ItemChoice value={wish.item ?? null} onChange={(item) => setWish({ ...wish, item })} />
      )}
      <Labelled id="edit-session" label={t('edit.session')}>
        <Select
          id="edit-session"
          className="wide"
          showSearch
          placeholder={t('edit.choose_session')}
          value={wish.to ?? null}
          options={[
            ...open.map((session) => ({
              value: session.id,
              label: label(session, zone),
              hint: t('edit.free_time', {
                time: showDuration(Math.max(0, session.capacity_ms - session.used_ms)),
              }),
            })),
            ...refused.map((refusal) => ({
              value: refusal.session_id,
              label:
                `${showDayMonth(refusal.local_date ?? '')}, ` +
                `${timeOf(refusal.starts_at, zone)} ${refusal.title}`,
              hint: t('refusal.short'),
            })),
          ]}
          optionRender={(option) => (
            <span className="session-option">
              <span>{option.label}</span>
              <small className="quiet">{(option.data as { hint: string }).hint}</small>
            </span>
          )}
          filterOption={(text, option) => matches(text, option?.label ?? '')}
          onChange={(to: string) => setWish(withoutPosition(to))}
        />
      </Labelled>
      {target !== undefined && (
        <Labelled id="edit-position" label={t('edit.position')}>
          <Select
            id="edit-position"
            className="wide"
            value={wish.position ?? -1}
            options={[
              ...(wish.kind === 'move' && wish.to === wish.placed.session.id
                ? []
                : [{ value: -1, label: t('edit.any_position') }]),
              { value: 0, label: t('edit.first') },
              ...others.map((airing, index) => ({
                value: index + 1,
                label: t('edit.after', { title: airing.title }),
              })),
            ]}
            onChange={(position: number) =>
              setWish(
                position < 0
                  ? withoutPosition(target.id)
                  : ({ ...withoutPosition(target.id), position } as Wish),
              )
            }
          />
        </Labelled>
      )}
    </>
  )
}

interface ItemChoiceProps {
  readonly value: string | null
  readonly onChange: (item: string) => void
  /** Those that may not sound too, told by their status. */
  readonly all?: boolean
}

/** Approved items that may sound at this station. */
export function ItemChoice({ value, onChange, all = false }: ItemChoiceProps) {
  const { t } = useTranslation()
  const { station } = usePlanning()
  const items = useItems(all ? '' : 'approved', '')
  const units = useUnits().data
  const line = useMemo(() => lineage(station.unit_id, units ?? []), [station, units])
  return (
    <Labelled id="edit-item" label={all ? t('why_not.item') : t('edit.item')}>
      <Select
        id="edit-item"
        className="wide"
        showSearch
        loading={items.isPending}
        placeholder={t('edit.choose_item')}
        value={value}
        options={(items.data ?? [])
          .filter(({ scope_unit_id }) => all || line.includes(scope_unit_id))
          .sort((a, b) => Number(b.status === 'approved') - Number(a.status === 'approved'))
          .map(({ id, title, status }) => ({
            value: id,
            label: status === 'approved' ? title : `${title} (${t(`status.${status}`)})`,
          }))}
        filterOption={(text, option) => matches(text, option?.label ?? '')}
        onChange={onChange}
      />
    </Labelled>
  )
}
