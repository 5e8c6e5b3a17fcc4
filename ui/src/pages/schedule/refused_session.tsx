/** A session that does not take place, where it would stand: whoever wants an item in it is told what refuses it. */
import { useTranslation } from 'react-i18next'
import { useBilingual } from '@/components/words'
import type { NamedRefusal } from '@/lib/refusals'
import { useNow } from '@/lib/hooks'
import { timeOf } from '@/lib/time'
import { DropVerdict, useDropTarget } from './drop_target'

interface RefusedSessionProps {
  readonly refusal: NamedRefusal
  readonly zone: string
}

export function RefusedSession({ refusal, zone }: RefusedSessionProps) {
  const { t } = useTranslation()
  const say = useBilingual()
  const now = useNow()
  const { takes, isOver, handlers } = useDropTarget(refusal.session_id, now < new Date(refusal.starts_at))
  const classes = ['session', 'session-refused', takes && 'session-takes', isOver && 'session-over']
  return (
    <article className={classes.filter(Boolean).join(' ')} data-refused={refusal.session_id} {...handlers}>
      <header>
        <strong className="session-time">
          <s>{timeOf(refusal.starts_at, zone)}</s>
        </strong>
        <span className="session-title">{refusal.title}</span>
        <small className="quiet session-figures">{t('refusal.short')}</small>
      </header>
      {isOver ? (
        <DropVerdict sessionId={refusal.session_id} />
      ) : (
        <p className="quiet">{say(refusal.reason)}</p>
      )}
    </article>
  )
}
