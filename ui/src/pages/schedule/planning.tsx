/** What the parts of the schedule page share: whose plan it is, whether it may be changed, what is being dragged and which dialog is open. */
import { useQuery } from '@tanstack/react-query'
import { createContext, useContext, useMemo, useState, type ReactNode } from 'react'
import { checkEdits } from '@/api/endpoints'
import type { EditInput, Station } from '@/api/types'
import { useUnits } from '@/app/queries'
import { useUser } from '@/app/session'
import { useDebounced } from '@/lib/hooks'
import type { PlacedAiring, Wish } from '@/lib/edits'
import { mayFor } from '@/lib/roles'

/** An edit by hand that somebody wants to take back. */
export interface TakenBack {
  readonly id: string
  /** Of its item. */
  readonly title: string
}

interface PlanningValue {
  readonly station: Station
  readonly revision: number
  readonly mayEdit: boolean
  readonly dragged: PlacedAiring | null
  readonly setDragged: (placed: PlacedAiring | null) => void
  /** The session below the pointer. */
  readonly over: string | null
  readonly setOver: (sessionId: string | null) => void
  readonly wish: Wish | null
  readonly setWish: (wish: Wish | null) => void
  readonly takenBack: TakenBack | null
  readonly setTakenBack: (edit: TakenBack | null) => void
}

const PlanningContext = createContext<PlanningValue | null>(null)

interface PlanningProviderProps {
  readonly station: Station
  readonly revision: number
  readonly children: ReactNode
}

export function PlanningProvider({ station, revision, children }: PlanningProviderProps) {
  const user = useUser()
  const units = useUnits().data
  const [dragged, setDragged] = useState<PlacedAiring | null>(null)
  const [over, setOver] = useState<string | null>(null)
  const [wish, setWish] = useState<Wish | null>(null)
  const [takenBack, setTakenBack] = useState<TakenBack | null>(null)
  const mayEdit = mayFor(user, 'plan', station.unit_id, units ?? [])
  const value = useMemo(
    () => ({
      station,
      revision,
      mayEdit,
      dragged,
      setDragged,
      over,
      setOver,
      wish,
      setWish,
      takenBack,
      setTakenBack,
    }),
    [station, revision, mayEdit, dragged, over, wish, takenBack],
  )
  return <PlanningContext.Provider value={value}>{children}</PlanningContext.Provider>
}

export function usePlanning(): PlanningValue {
  const value = useContext(PlanningContext)
  if (value === null) throw new Error('usePlanning needs a PlanningProvider')
  return value
}

/** What stands against these edits and what they change, asked once the pointer rests; `settled` is false until the answer is of these very edits. */
export function useConflicts(stationId: string, revision: number, edits: EditInput[] | null) {
  const wanted = edits === null ? '' : JSON.stringify(edits)
  const asked = useDebounced(wanted, 200)
  const query = useQuery({
    queryKey: ['edits-check', stationId, revision, asked],
    queryFn: ({ signal }) => checkEdits(stationId, JSON.parse(asked) as EditInput[], signal),
    enabled: asked !== '',
    staleTime: 10_000,
  })
  const settled = asked === wanted && wanted !== '' && query.data !== undefined && !query.isPlaceholderData
  return {
    conflicts: settled ? query.data.conflicts : [],
    changes: settled ? query.data.changes : null,
    settled,
    error: query.error,
  }
}
