import { Button, Result } from 'antd'
import { useTranslation } from 'react-i18next'
import { useRouteError } from 'react-router-dom'

/** A page that failed to load (a new version was installed meanwhile) or to draw. */
export function RouteProblem() {
  const { t } = useTranslation()
  const error = useRouteError()
  return (
    <Result
      status="warning"
      title={t('problem.page.title')}
      subTitle={
        <>
          {t('problem.page.advice')}
          <br />
          <code>{error instanceof Error ? error.message : ''}</code>
        </>
      }
      extra={
        <Button type="primary" onClick={() => window.location.assign('/')}>
          {t('problem.page.reload')}
        </Button>
      }
    />
  )
}
