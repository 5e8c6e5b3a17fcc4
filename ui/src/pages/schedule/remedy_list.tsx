/** What would help, each with the way to where it is done. */
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router-dom'
import type { Remedy } from '@/api/types'
import { useBilingual } from '@/components/words'
import { remedyAction, remedyLink } from '@/lib/remedies'
import { usePlanning } from './planning'

interface RemedyListProps {
  readonly remedies: readonly Remedy[]
  /** A sentence that is already on the page is not said again: the link alone stands. */
  readonly said?: string
}

export function RemedyList({ remedies, said = '' }: RemedyListProps) {
  const { t } = useTranslation()
  const say = useBilingual()
  const { station } = usePlanning()
  if (remedies.length === 0) return null
  return (
    <ul className="remedies">
      {remedies.map((remedy) => (
        <li key={remedy.vi} data-remedy={remedy.kind}>
          {!said.includes(remedy.vi) && <>{say(remedy)} </>}
          <Link to={remedyLink(remedy, { station: station.id, unit: station.unit_id })}>
            {t(`remedy.go.${remedyAction(remedy)}`)}
          </Link>
        </li>
      ))}
    </ul>
  )
}
