import { Button } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { BoardRow } from '@/api/types'
import { CellButton } from './board_cell'

interface BoardCardsProps {
  readonly rows: readonly BoardRow[]
  readonly currentMonth: string
  readonly onOpen: (stationId: string, month: string) => void
}

const mostMonths = 4

/** The board on a phone: a card a station with the latest months; the whole year on demand. */
export function BoardCards({ rows, currentMonth, onOpen }: BoardCardsProps) {
  const { t } = useTranslation()
  const [whole, setWhole] = useState(false)
  const past = (rows[0]?.cells ?? []).filter((cell) => cell.month <= currentMonth).length
  const first = past === 0 ? 0 : Math.max(0, past - mostMonths)
  return (
    <>
      <Button block onClick={() => setWhole(!whole)}>
        {whole ? t('board.latest_months') : t('board.whole_year')}
      </Button>
      <ul className="board-cards">
        {rows.map((row) => (
          <li key={row.station_id} className="panel">
            <h2 className="board-card-name">
              {row.station_name}
              <small>{row.unit_name}</small>
            </h2>
            <div className="board-card-cells">
              {(whole ? row.cells : row.cells.slice(first, first + mostMonths)).map((cell) => (
                <CellButton
                  key={cell.month}
                  row={row}
                  cell={cell}
                  currentMonth={currentMonth}
                  onOpen={onOpen}
                  withMonth
                />
              ))}
            </div>
          </li>
        ))}
      </ul>
    </>
  )
}
