/** The session rules of a station, beside the list of stations. */
import { Drawer } from 'antd'
import { useTranslation } from 'react-i18next'
import type { Station } from '@/api/types'
import { useNarrow } from '@/lib/hooks'
import { StationRules } from '@/pages/hours/station_rules'

interface RulesDrawerProps {
  readonly station: Station
  readonly onClose: () => void
}

export default function RulesDrawer({ station, onClose }: RulesDrawerProps) {
  const { t } = useTranslation()
  const narrow = useNarrow()
  return (
    <Drawer
      open
      width={narrow ? '100%' : 560}
      title={t('rules.title', { station: station.name })}
      onClose={onClose}
    >
      <StationRules station={station} />
    </Drawer>
  )
}
