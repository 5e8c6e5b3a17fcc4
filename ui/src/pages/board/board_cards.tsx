import type { BoardRow } from '@/api/types'
import { CellButton } from './board_cell'

interface BoardCardsProps {
  readonly rows: readonly BoardRow[]
  readonly currentMonth: string
  readonly onOpen: (stationId: string, month: string) => void
}

/** The board on a phone: a card a station, its months in rows of four. */
export function BoardCards({ rows, currentMonth, onOpen }: BoardCardsProps) {
  return (
    <ul className="board-cards">
      {rows.map((row) => (
        <li key={row.station_id} className="panel">
          <h2 className="board-card-name">
            {row.station_name}
            <small>{row.unit_name}</small>
          </h2>
          <div className="board-card-cells">
            {row.cells.map((cell) => (
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
  )
}
