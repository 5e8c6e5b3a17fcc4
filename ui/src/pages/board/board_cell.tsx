import { Tooltip } from 'antd'
import { useTranslation } from 'react-i18next'
import type { BoardCell, BoardRow } from '@/api/types'
import { toneIcon } from '@/components/mark'
import { useBilingual } from '@/components/words'
import { showMonth } from '@/lib/time'
import { boardWord, toneOfBoardWord } from '@/lib/tones'

interface CellProps {
  readonly row: BoardRow
  readonly cell: BoardCell
  readonly currentMonth: string
  readonly onOpen: (stationId: string, month: string) => void
  /** The month's name inside the cell, where no column heading says it. */
  readonly withMonth?: boolean
}

export function CellButton({ row, cell, currentMonth, onOpen, withMonth }: CellProps) {
  const { t } = useTranslation()
  const say = useBilingual()
  const word = boardWord(cell, currentMonth)
  const tone = toneOfBoardWord(word)
  const numbers = t('board.numbers', {
    completed: cell.completed,
    required: cell.required,
    planned: cell.planned,
  })
  const classes = ['cell', `tone-${tone}`, cell.month === currentMonth ? 'cell-now' : '']
  return (
    <Tooltip
      title={cell.note === undefined ? `${t(`board.word.${word}`)}. ${numbers}` : say(cell.note)}
      mouseEnterDelay={0.3}
    >
      <button
        type="button"
        className={classes.join(' ')}
        data-station={row.station_id}
        data-month={cell.month}
        data-word={word}
        disabled={word === 'none'}
        onClick={() => onOpen(row.station_id, cell.month)}
        aria-label={t('board.cell_label', {
          station: row.station_name,
          month: showMonth(cell.month),
          word: t(`board.word.${word}`),
          numbers,
        })}
      >
        {withMonth === true && (
          <span className="cell-month">{t('board.month', { month: cell.month.slice(5) })}</span>
        )}
        <span className="cell-icon">{toneIcon(tone)}</span>
        <span className="cell-count">
          {word === 'none' || word === 'future' ? '–' : `${cell.completed}/${cell.required}`}
        </span>
      </button>
    </Tooltip>
  )
}
