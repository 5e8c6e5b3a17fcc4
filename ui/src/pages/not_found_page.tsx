import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router-dom'
import { Empty, Page } from '@/components/page'

export function Component() {
  const { t } = useTranslation()
  return (
    <Page title={t('not_found.title')}>
      <Empty
        title={t('not_found.heading')}
        hint={t('not_found.hint')}
        action={
          <Link to="/board">
            <Button type="primary">{t('not_found.action')}</Button>
          </Link>
        }
      />
    </Page>
  )
}
