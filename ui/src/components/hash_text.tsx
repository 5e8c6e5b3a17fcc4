import { Tooltip, Typography } from 'antd'
import { useTranslation } from 'react-i18next'

/** The first twelve digits, enough to compare by eye; the whole is copied. */
export function HashText({ hash }: { readonly hash: string }) {
  const { t } = useTranslation()
  return (
    <Tooltip title={<span className="hash-full">{hash}</span>}>
      <Typography.Text
        className="hash"
        copyable={{ text: hash, tooltips: [t('common.copy_whole'), t('common.copied')] }}
      >
        {hash.slice(0, 12)}
      </Typography.Text>
    </Tooltip>
  )
}
