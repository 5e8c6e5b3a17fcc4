/** Takes an edit by hand back, once it has been seen what that does to the schedule. */
import { useMutation } from '@tanstack/react-query'
import { Alert, App, Modal } from 'antd'
import { useTranslation } from 'react-i18next'
import { editTakenBack, makeChange } from '@/api/endpoints'
import { problemOf } from '@/api/problem'
import { planChanged } from '@/app/queries'
import { ProblemNotice } from '@/components/page'
import { PlanPreview } from '@/components/plan_preview'
import { usePlanning, type TakenBack } from './planning'

export default function TakeBackDialog({ edit }: { readonly edit: TakenBack }) {
  const { t } = useTranslation()
  const { message } = App.useApp()
  const { station, revision, setTakenBack } = usePlanning()
  const change = editTakenBack(station.id, revision, edit.id)
  const close = () => setTakenBack(null)
  const takeBack = useMutation({
    mutationFn: () => makeChange(change),
    onSuccess: async () => {
      await planChanged(station.id)
      void message.success(t('edit.taken_back'))
      close()
    },
    // The plan may be another by now: what stands here is asked anew of that one.
    onError: () => planChanged(station.id),
  })
  const { error } = takeBack
  return (
    <Modal
      open
      title={t('edit.take_back')}
      okText={t('edit.take_back_ok')}
      confirmLoading={takeBack.isPending}
      onOk={() => takeBack.mutate()}
      onCancel={close}
    >
      {error !== null &&
        (problemOf(error).status === 412 ? (
          <Alert
            type="warning"
            showIcon
            role="alert"
            message={t('edit.raced')}
            description={t('edit.raced_hint')}
          />
        ) : (
          <ProblemNotice error={error} />
        ))}
      <p>
        <strong>{edit.title}</strong>
        <br />
        <span className="quiet">{t('edit.take_back_hint')}</span>
      </p>
      <h3>{t('preview.title')}</h3>
      <PlanPreview asked={{ change }} isMade={takeBack.isPending || takeBack.isSuccess} open />
    </Modal>
  )
}
