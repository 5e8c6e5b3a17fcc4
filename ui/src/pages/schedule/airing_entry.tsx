/** One item in a session: why it is there on hover or tap, what came of it, and what may be done with it. */
import {
  DeleteOutlined,
  PushpinFilled,
  PushpinOutlined,
  SwapOutlined,
  UndoOutlined,
  VerticalAlignMiddleOutlined,
} from '@ant-design/icons'
import { Button, Drawer, Popover } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router-dom'
import { Mark, toneIcon } from '@/components/mark'
import { useBilingual, useTopicNames } from '@/components/words'
import type { PlacedAiring, Wish } from '@/lib/edits'
import { useTouch } from '@/lib/hooks'
import { showDuration, timeOf, timeWithSecondsOf } from '@/lib/time'
import { toneOfOutcome } from '@/lib/tones'
import { PriorityTag } from '@/pages/library/priority_tag'
import { usePlanning } from './planning'

type Word = 'complete' | 'partial' | 'missed' | 'unknown' | 'awaiting' | 'planned'

interface AiringEntryProps {
  readonly placed: PlacedAiring
  readonly zone: string
  readonly now: Date
}

export function AiringEntry({ placed, zone, now }: AiringEntryProps) {
  const { airing, session } = placed
  const { t } = useTranslation()
  const byTouch = useTouch()
  const { mayEdit, dragged, setDragged, setOver } = usePlanning()
  const [open, setOpen] = useState(false)
  // Details opened by a click stay until they are closed; those that hovering opened leave with the pointer.
  const [clicked, setClicked] = useState(false)
  // How often the details were opened by keyboard in a row: each time focus goes in anew, even while they still close.
  const [keyboardTurn, setKeyboardTurn] = useState(0)
  const button = useRef<HTMLButtonElement>(null)
  const ended = new Date(airing.starts_at).getTime() + airing.duration_ms < now.getTime()
  const word: Word = airing.outcome ?? (ended ? 'awaiting' : 'planned')
  const tone = toneOfOutcome(airing.outcome)
  const movable = mayEdit && !session.frozen && !airing.tune
  const pinned = airing.edited === 'keep'
  const show = (shown: boolean) => {
    setOpen(shown)
    if (!shown) setClicked(false)
  }
  const close = () => {
    show(false)
    if (keyboardTurn > 0) button.current?.focus()
  }
  const details = (
    <AiringDetails
      placed={placed}
      zone={zone}
      word={word}
      movable={movable}
      focusTurn={keyboardTurn}
      onDone={close}
    />
  )
  const entry = (
    <button
      ref={button}
      type="button"
      aria-expanded={open}
      // A click without a pointer is the Enter key: focus follows into the details, Escape brings it back.
      onClick={(event) => {
        setKeyboardTurn(event.detail === 0 ? keyboardTurn + 1 : 0)
        setClicked(true)
        setOpen(true)
      }}
      className={`airing-button tone-${tone}`}
      draggable={movable}
      onDragStart={(event) => {
        event.dataTransfer.effectAllowed = 'move'
        event.dataTransfer.setData('text/plain', airing.title)
        show(false)
        // Chromium ends a drag at once when its source changes in the same task.
        window.setTimeout(() => setDragged(placed))
      }}
      onDragEnd={() => {
        setDragged(null)
        setOver(null)
      }}
      data-item={airing.item_id}
      data-outcome={airing.outcome ?? ''}
      data-edited={airing.edited ?? ''}
      aria-label={t(pinned ? 'schedule.airing_label_pinned' : 'schedule.airing_label', {
        time: timeOf(airing.starts_at, zone),
        title: airing.title,
        outcome: t(`outcome.${word}`),
      })}
    >
      <span className="airing-icon" aria-hidden="true">
        {pinned ? <PushpinFilled /> : toneIcon(airing.outcome === null && !ended ? 'info' : tone)}
      </span>
      <span className="airing-text">
        <span className="airing-time">
          {timeOf(airing.starts_at, zone)}
          <small>{showDuration(airing.duration_ms)}</small>
        </span>
        <span className="airing-title">{airing.title}</span>
      </span>
    </button>
  )
  // Details that hang on their entry follow it and may leave with the pointer, and a finger is a pointer that comes and goes with each tap: it
  // would tap at what is moving or closing. Where there is no hovering they rise from the screen's edge and stay.
  if (byTouch) {
    return (
      <li>
        {entry}
        <Drawer
          placement="bottom"
          height="auto"
          className="airing-sheet"
          open={open && dragged === null}
          onClose={close}
          title={airing.title}
          destroyOnHidden
        >
          {details}
        </Drawer>
      </li>
    )
  }
  return (
    <li>
      <Popover
        trigger={clicked ? 'click' : 'hover'}
        placement="right"
        mouseEnterDelay={0.15}
        open={open && dragged === null}
        onOpenChange={show}
        destroyOnHidden
        title={airing.title}
        content={details}
      >
        {entry}
      </Popover>
    </li>
  )
}

interface AiringDetailsProps {
  readonly placed: PlacedAiring
  readonly zone: string
  readonly word: Word
  readonly movable: boolean
  /** Over zero: focus goes to the first thing that can be done, each time that it changes. */
  readonly focusTurn: number
  readonly onDone: () => void
}

function AiringDetails({ placed, zone, word, movable, focusTurn, onDone }: AiringDetailsProps) {
  const { airing } = placed
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (focusTurn > 0) box.current?.querySelector<HTMLElement>('button, a')?.focus()
  }, [focusTurn])
  const { t } = useTranslation()
  const say = useBilingual()
  const topicName = useTopicNames()
  return (
    <div
      ref={box}
      className="airing-details"
      onKeyDown={(event) => {
        if (event.key === 'Escape') onDone()
      }}
    >
      <p className="airing-line">
        <Mark tone={airing.outcome === null ? 'info' : toneOfOutcome(airing.outcome)}>
          {t(`outcome.${word}`)}
        </Mark>
        {airing.edited === 'keep' && (
          <Mark tone="info" icon={<PushpinFilled />}>
            {t('edit.pinned')}
          </Mark>
        )}
        <PriorityTag priority={airing.priority} />
      </p>
      <p>
        <span className="field-label">{t('schedule.why')}</span>
        {say(airing.reason)}
      </p>
      <p className="quiet">
        {t('schedule.starts', { time: timeWithSecondsOf(airing.starts_at, zone) })} ·{' '}
        {showDuration(airing.duration_ms)}
        {airing.topics.length > 0 && (
          <>
            <br />
            {airing.topics.map(topicName).join(' · ')}
          </>
        )}
      </p>
      {movable && <AiringActions placed={placed} onDone={onDone} />}
      <Link to={`/library/${airing.item_id}`}>{t('schedule.open_item')}</Link>
    </div>
  )
}

function AiringActions({ placed, onDone }: { readonly placed: PlacedAiring; readonly onDone: () => void }) {
  const { t } = useTranslation()
  const { setWish, setTakenBack } = usePlanning()
  const { edit_id, title } = placed.airing
  const wish = (wanted: Wish) => () => {
    onDone()
    setWish(wanted)
  }
  return (
    <div className="airing-actions" role="group" aria-label={t('edit.actions')}>
      <Button
        size="small"
        icon={<VerticalAlignMiddleOutlined rotate={90} />}
        onClick={wish({ kind: 'move', placed })}
      >
        {t('edit.move')}
      </Button>
      <Button size="small" icon={<SwapOutlined />} onClick={wish({ kind: 'swap', placed })}>
        {t('edit.swap')}
      </Button>
      {edit_id === null ? (
        <Button size="small" icon={<PushpinOutlined />} onClick={wish({ kind: 'pin', placed })}>
          {t('edit.pin')}
        </Button>
      ) : (
        <Button
          size="small"
          icon={<UndoOutlined />}
          onClick={() => {
            onDone()
            setTakenBack({ id: edit_id, title })
          }}
        >
          {t('edit.unpin')}
        </Button>
      )}
      <Button size="small" danger icon={<DeleteOutlined />} onClick={wish({ kind: 'remove', placed })}>
        {t('edit.remove')}
      </Button>
    </div>
  )
}
