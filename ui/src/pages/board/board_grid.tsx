import { useTranslation } from 'react-i18next'
import type { BoardRow } from '@/api/types'
import { showMonth } from '@/lib/time'
import { CellButton } from './board_cell'

interface BoardGridProps {
  readonly months: readonly string[]
  readonly rows: readonly BoardRow[]
  readonly currentMonth: string
  readonly onOpen: (stationId: string, month: string) => void
}

export function BoardGrid({ months, rows, currentMonth, onOpen }: BoardGridProps) {
  const { t } = useTranslation()
  return (
    <div className="panel panel-flush board-scroll">
      <table className="board-grid">
        <caption className="visually-hidden">{t('board.title')}</caption>
        <thead>
          <tr>
            <th scope="col" className="board-name">
              {t('board.station')}
            </th>
            {months.map((month) => (
              <th
                key={month}
                scope="col"
                className={month === currentMonth ? 'month-now' : ''}
                aria-label={showMonth(month)}
              >
                {t('board.month', { month: month.slice(5) })}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.station_id}>
              <th scope="row" className="board-name">
                {row.station_name}
                <small>{row.unit_name}</small>
              </th>
              {row.cells.map((cell) => (
                <td key={cell.month} className={cell.month === currentMonth ? 'month-now' : ''}>
                  <CellButton row={row} cell={cell} currentMonth={currentMonth} onOpen={onOpen} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
