/** This month at a glance: how many stations stand where, and which ones someone must help now. */
import { ArrowRightOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { readMonthStanding } from '@/api/endpoints'
import type { BoardRow } from '@/api/types'
import { toneIcon } from '@/components/mark'
import { showDuration, showMonth } from '@/lib/time'
import { boardWord, toneOfBoardWord, type BoardWord } from '@/lib/tones'

interface MonthSummaryProps {
  readonly month: string
  readonly rows: readonly BoardRow[]
  readonly onOpen: (stationId: string, month: string) => void
}

const counted: readonly BoardWord[] = ['done', 'on_track', 'at_risk']
const mostShown = 6

export function MonthSummary({ month, rows, onOpen }: MonthSummaryProps) {
  const { t } = useTranslation()
  const standing = useQuery({
    queryKey: ['board', 'month', month],
    queryFn: ({ signal }) => readMonthStanding(month, signal),
    refetchInterval: 30_000,
  })
  const current = rows.flatMap((row) => {
    const cell = row.cells.find((candidate) => candidate.month === month)
    return cell === undefined ? [] : [{ row, cell, word: boardWord(cell, month) }]
  })
  const needy = current.filter(({ word }) => word === 'at_risk')
  const shownIds = new Set(rows.map((row) => row.station_id))
  const shown = (standing.data?.rows ?? []).filter((row) => shownIds.has(row.station_id))
  const airings = shown.reduce((sum, row) => sum + row.airings, 0)
  const duration = shown.reduce((sum, row) => sum + row.duration_ms, 0)

  return (
    <section className="month-summary" aria-label={t('board.this_month', { month: showMonth(month) })}>
      <div className="panel month-figures">
        <h2>{t('board.this_month', { month: showMonth(month) })}</h2>
        <dl className="figures">
          {counted.map((word) => (
            <div key={word} className={`figure tone-${toneOfBoardWord(word)}`}>
              <dt>
                <span aria-hidden="true">{toneIcon(toneOfBoardWord(word))}</span> {t(`board.word.${word}`)}
              </dt>
              <dd>
                {current.filter((entry) => entry.word === word).length}
                <small>{t('board.of_stations', { count: current.length })}</small>
              </dd>
            </div>
          ))}
          {standing.data !== undefined && (
            <div className="figure tone-plain">
              <dt>{t('board.airings')}</dt>
              <dd>
                {airings}
                <small>{t('board.airing_time', { time: showDuration(duration) })}</small>
              </dd>
            </div>
          )}
        </dl>
      </div>
      {needy.length > 0 && (
        <div className="panel needy">
          <h2>{t('board.needy')}</h2>
          <ul>
            {needy.slice(0, mostShown).map(({ row, cell }) => (
              <li key={row.station_id}>
                <button type="button" className="row-button" onClick={() => onOpen(row.station_id, month)}>
                  <span>
                    <strong>{row.station_name}</strong>
                    <span className="quiet">
                      {t('board.lacks', { count: cell.required - cell.completed - cell.planned })}
                    </span>
                  </span>
                  <ArrowRightOutlined aria-hidden="true" />
                </button>
              </li>
            ))}
          </ul>
          {needy.length > mostShown && (
            <p className="quiet">{t('board.and_more', { count: needy.length - mostShown })}</p>
          )}
        </div>
      )}
    </section>
  )
}
