/** A session: its room and fill, its parts, its items; a place to drop an item on. */
import { PlusOutlined, UndoOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import type { Outcome, ScheduledSession } from '@/api/types'
import { Mark } from '@/components/mark'
import { useReasonWord } from '@/components/reason_word'
import { useBilingual } from '@/components/words'
import { useNow } from '@/lib/hooks'
import { showDuration, timeOf } from '@/lib/time'
import { toneOfOutcome } from '@/lib/tones'
import { AiringEntry } from './airing_entry'
import { DropVerdict, useDropTarget } from './drop_target'
import { usePlanning } from './planning'

interface SessionCardProps {
  readonly session: ScheduledSession
  readonly zone: string
  /** In a month: times and titles alone. */
  readonly compact?: boolean
}

export function SessionCard({ session, zone, compact = false }: SessionCardProps) {
  const { t } = useTranslation()
  const now = useNow()
  const { mayEdit, setWish } = usePlanning()
  const live = new Date(session.starts_at) <= now && now < new Date(session.ends_at)
  const percent =
    session.capacity_ms > 0 ? Math.min(100, Math.round((100 * session.used_ms) / session.capacity_ms)) : 0
  const { takes, isOver, handlers } = useDropTarget(session.id, !session.frozen)
  const classes = [
    'session',
    live && 'session-live',
    session.frozen && 'session-frozen',
    compact && 'session-compact',
    takes && 'session-takes',
    isOver && 'session-over',
  ]
  return (
    <article
      className={classes.filter(Boolean).join(' ')}
      data-session={session.id}
      data-frozen={session.frozen}
      aria-label={t('schedule.session_label', {
        time: timeOf(session.starts_at, zone),
        title: session.title,
        count: session.items.length,
      })}
      {...handlers}
    >
      <header>
        <strong className="session-time">
          {timeOf(session.starts_at, zone)}–{timeOf(session.ends_at, zone)}
        </strong>
        {live && <span className="on-air">{t('schedule.on_air')}</span>}
        <span className="session-title">{session.title}</span>
        <span className="session-fill" aria-hidden="true">
          <span style={{ width: `${percent}%` }} />
        </span>
        <small className="quiet session-figures">
          {t('schedule.filled', {
            used: showDuration(session.used_ms),
            capacity: showDuration(session.capacity_ms),
          })}
        </small>
      </header>
      {isOver && <DropVerdict sessionId={session.id} />}
      <Items session={session} zone={zone} now={now} />
      {session.cuts.length > 0 && !compact && <Cuts cuts={session.cuts} />}
      {session.away.length > 0 && !compact && <Away session={session} />}
      {mayEdit && !session.frozen && !compact && (
        <Button
          className="session-add"
          type="text"
          size="small"
          icon={<PlusOutlined />}
          aria-label={t('edit.insert_into', { time: timeOf(session.starts_at, zone), title: session.title })}
          onClick={() => setWish({ kind: 'insert', to: session.id })}
        >
          {t('edit.insert')}
        </Button>
      )}
    </article>
  )
}

interface ItemsProps {
  readonly session: ScheduledSession
  readonly zone: string
  readonly now: Date
}

function Items({ session, zone, now }: ItemsProps) {
  const { t } = useTranslation()
  const entry = (index: number) => {
    const airing = session.items[index]
    return airing && <AiringEntry key={airing.airing_id} placed={{ airing, session }} zone={zone} now={now} />
  }
  const isLaidOut =
    session.parts.length > 1 || session.relays.length > 0 || session.items.some(({ tune }) => tune)
  if (isLaidOut) {
    const tunes = (before: number) => {
      const here = session.items.flatMap((airing, at) => (airing.tune && airing.part === before ? [at] : []))
      return here.length > 0 && <ol className="airing-list">{here.map(entry)}</ol>
    }
    // A relay stands before the first part whose time begins after it.
    const startOf = (segment: number) =>
      new Date(session.starts_at).getTime() + (session.segments[segment]?.offset_ms ?? 0)
    const relays = (from: number, until: number) =>
      session.relays
        .filter(({ starts_at }) => {
          const at = new Date(starts_at).getTime()
          return from <= at && at < until
        })
        .map((relay) => <RelayEntry key={relay.id} relay={relay} zone={zone} />)
    const starts = session.parts.map((part) => startOf(part.segment))
    const sections = session.parts.map((part, index) => {
      const here = session.items.flatMap((airing, at) => (!airing.tune && airing.part === index ? [at] : []))
      const used = here.reduce((sum, at) => sum + (session.items[at]?.duration_ms ?? 0), 0)
      return (
        <section key={part.id} className="session-part" data-part={part.kind}>
          {relays(starts[index - 1] ?? 0, starts[index] ?? 0)}
          {tunes(index)}
          <h4>
            {t(`part.${part.kind}`)}
            <small className="quiet">
              {t('schedule.filled', { used: showDuration(used), capacity: showDuration(part.most_ms) })}
            </small>
          </h4>
          {here.length > 0 && <ol className="airing-list">{here.map(entry)}</ol>}
        </section>
      )
    })
    return (
      <>
        {sections}
        {tunes(session.parts.length)}
        {relays(starts.at(-1) ?? 0, Infinity)}
      </>
    )
  }
  return session.items.length === 0 ? (
    <p className="quiet session-empty">{t('schedule.empty_session')}</p>
  ) : (
    <ol className="airing-list">{session.items.map((_, index) => entry(index))}</ol>
  )
}

interface RelayEntryProps {
  readonly relay: ScheduledSession['relays'][number]
  readonly zone: string
}

function RelayEntry({ relay, zone }: RelayEntryProps) {
  const { t } = useTranslation()
  return (
    <p className="session-relay" data-relay={relay.id}>
      <strong>{timeOf(relay.starts_at, zone)}</strong> {t('template.relay_of', { source: relay.source })}
      <small className="quiet"> {showDuration(relay.duration_ms)}</small>
      {relay.outcome !== null && <RelayFilling relay={relay} outcome={relay.outcome} />}
    </p>
  )
}

/** What sounded in a relay's time, by the log. */
function RelayFilling({ relay, outcome }: Pick<RelayEntryProps, 'relay'> & { readonly outcome: Outcome }) {
  const { t } = useTranslation()
  const reasonWord = useReasonWord()
  const words = (relay.filled ?? []).map(({ source, duration_ms }) =>
    source === 'standby'
      ? t('relay.filled_by_standby', { time: showDuration(duration_ms) })
      : t('relay.filled_by_address', {
          number: Number(source.slice('address-'.length)),
          time: showDuration(duration_ms),
        }),
  )
  if (relay.log_reason) words.push(reasonWord(relay.log_reason))
  return (
    <span className="relay-filling">
      <Mark tone={toneOfOutcome(outcome)}>{t(`outcome.${outcome}`)}</Mark>{' '}
      <small className="quiet">{words.join(' · ')}</small>
    </span>
  )
}

function Cuts({ cuts }: { readonly cuts: ScheduledSession['cuts'] }) {
  const { t } = useTranslation()
  const say = useBilingual()
  return (
    <ul className="away" aria-label={t('template.when_short')}>
      {cuts.map((cut) => (
        <li key={cut.id} data-cut={cut.id}>
          {say(cut.reason)}
        </li>
      ))}
    </ul>
  )
}

function Away({ session }: { readonly session: ScheduledSession }) {
  const { t } = useTranslation()
  const { mayEdit, setTakenBack } = usePlanning()
  return (
    <ul className="away" aria-label={t('edit.away')}>
      {session.away.map((entry) => (
        <li key={entry.edit_id} data-away={entry.item_id}>
          <span>
            <s>{entry.title}</s>
          </span>
          {mayEdit && !session.frozen && (
            <Button
              type="text"
              size="small"
              icon={<UndoOutlined />}
              aria-label={t('edit.take_back_name', { title: entry.title })}
              title={t('edit.take_back')}
              onClick={() => setTakenBack({ id: entry.edit_id, title: entry.title })}
            />
          )}
        </li>
      ))}
    </ul>
  )
}
