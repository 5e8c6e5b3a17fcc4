/** A code with which one agent may enrol once. It is shown here and nowhere else again. */
import { useMutation } from '@tanstack/react-query'
import { Button, Form, Input, Modal, Select, Typography } from 'antd'
import { useTranslation } from 'react-i18next'
import { createEnrolmentCode } from '@/api/endpoints'
import type { EnrolmentCode, Station } from '@/api/types'
import { ProblemNotice } from '@/components/page'
import { matches } from '@/lib/text'
import { dateTimeOf } from '@/lib/time'

interface Fields {
  name: string
  stations: string[]
}

interface EnrolDialogProps {
  readonly stations: readonly Station[]
  readonly initial: string[]
  readonly onClose: () => void
}

export default function EnrolDialog({ stations, initial, onClose }: EnrolDialogProps) {
  const { t } = useTranslation()
  const [form] = Form.useForm<Fields>()
  const create = useMutation({
    mutationFn: ({ name, stations }: Fields) => createEnrolmentCode(name.trim(), stations),
  })
  const firstName = stations.find((station) => station.id === initial[0])?.name ?? ''
  return (
    <Modal
      open
      title={t('enrol.title')}
      onCancel={onClose}
      footer={
        create.data === undefined ? (
          <>
            <Button onClick={onClose}>{t('common.cancel')}</Button>
            <Button type="primary" loading={create.isPending} onClick={() => form.submit()}>
              {t('enrol.create')}
            </Button>
          </>
        ) : (
          <Button type="primary" onClick={onClose}>
            {t('common.done')}
          </Button>
        )
      }
    >
      {create.error !== null && <ProblemNotice error={create.error} />}
      {create.data === undefined ? (
        <Form<Fields>
          form={form}
          layout="vertical"
          requiredMark={false}
          initialValues={{ name: firstName, stations: initial }}
          onFinish={(fields) => create.mutate(fields)}
        >
          <p>{t('enrol.lead')}</p>
          <Form.Item
            name="stations"
            label={t('enrol.stations')}
            rules={[{ required: true, message: t('enrol.stations_missing') }]}
          >
            <Select
              mode="multiple"
              options={stations.map(({ id, name }) => ({ value: id, label: name }))}
              filterOption={(text, option) => matches(text, option?.label ?? '')}
            />
          </Form.Item>
          <Form.Item
            name="name"
            label={t('enrol.name')}
            extra={t('enrol.name_hint')}
            rules={[{ required: true, whitespace: true, message: t('form.required') }]}
          >
            <Input maxLength={200} />
          </Form.Item>
        </Form>
      ) : (
        <CodeShown code={create.data} />
      )}
    </Modal>
  )
}

function CodeShown({ code }: { readonly code: EnrolmentCode }) {
  const { t } = useTranslation()
  const command = `loa-playout enrol --config /etc/loa/playout.toml --scheduler ${window.location.origin} --code ${code.code}`
  return (
    <div className="enrol-code">
      <p>{t('enrol.once')}</p>
      <Typography.Text className="code-big" copyable={{ text: code.code }}>
        {code.code}
      </Typography.Text>
      <p className="quiet">{t('enrol.expires', { at: dateTimeOf(code.expires_at) })}</p>
      <p className="field-label">{t('enrol.command')}</p>
      <Typography.Paragraph className="command" copyable={{ text: command }}>
        {command}
      </Typography.Paragraph>
    </div>
  )
}
