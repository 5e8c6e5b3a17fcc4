/** A session as a place to drop an item on: whether it takes what is dragged, and the verdict above it while that hangs there. */
import { type DragEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { ProblemNotice } from '@/components/page'
import { editsOf } from '@/lib/edits'
import { ConflictList } from './conflict_list'
import { useConflicts, usePlanning } from './planning'

export function useDropTarget(sessionId: string, open: boolean) {
  const { dragged, over, setOver, setDragged, setWish } = usePlanning()
  const takes = dragged !== null && open && dragged.session.id !== sessionId
  const onDragOver = (event: DragEvent) => {
    if (!takes) return
    event.preventDefault()
    event.dataTransfer.dropEffect = 'move'
    if (over !== sessionId) setOver(sessionId)
  }
  const onDragLeave = (event: DragEvent) => {
    if (over === sessionId && !event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(null)
  }
  const onDrop = (event: DragEvent) => {
    if (!takes) return
    event.preventDefault()
    setWish({ kind: 'move', placed: dragged, to: sessionId })
    setDragged(null)
    setOver(null)
  }
  return { takes, isOver: takes && over === sessionId, handlers: { onDragOver, onDragLeave, onDrop } }
}

/** Shown while an item is held over the session: would it fit, and if not, what would help. */
export function DropVerdict({ sessionId }: { readonly sessionId: string }) {
  const { t } = useTranslation()
  const { station, revision, dragged } = usePlanning()
  const edits = dragged === null ? null : editsOf({ kind: 'move', placed: dragged, to: sessionId })
  const { conflicts, settled, error } = useConflicts(station.id, revision, edits)
  return (
    <div className="drop-verdict" role="status">
      {error !== null ? (
        <ProblemNotice error={error} />
      ) : !settled ? (
        <p className="quiet">{t('edit.checking')}</p>
      ) : conflicts.length === 0 ? (
        <p className="note tone-good">{t('edit.drop_here')}</p>
      ) : (
        <ConflictList conflicts={conflicts} />
      )}
    </div>
  )
}
